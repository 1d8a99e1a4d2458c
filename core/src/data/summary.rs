//! What was read: the size of a data set, its classes and splits, and what can spoil a result.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Dataset, Images, Split, split};
use crate::error::Result;

/// Number of names and pairs that are kept of a longer list.
const FIRST: usize = 3;

/// What was read. It describes the data set's own labels, without label noise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DataSummary {
    /// Sides of an image: `[channels, height, width]`.
    pub shape: [usize; 3],
    /// Whether the images are rows of a table.
    pub features: bool,
    /// Name of each class and its number of examples over all splits, in the order of the class numbers. An object in
    /// JSON.
    #[serde(with = "super::by_name")]
    pub classes: Vec<(String, usize)>,
    /// The splits that have examples, in the order of [`Split::ALL`].
    pub splits: Vec<ReadSplit>,
    /// What was left out while reading, by reason.
    pub skipped: Vec<SkippedGroup>,
    /// Decisions that change the data, a sentence each.
    pub notes: Vec<String>,
    /// Examples with equal images.
    pub duplicates: Duplicates,
    /// Images that have the same value everywhere, such as black ones. Rows of a table are not counted.
    pub constant: Named,
}

/// A split and its origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadSplit {
    /// The split.
    pub split: Split,
    /// Number of examples.
    pub examples: usize,
    /// Where the examples come from.
    pub from: String,
    /// Number of examples of each class, `[classes]`.
    pub classes: Vec<usize>,
}

/// Files, rows or columns that were left out for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedGroup {
    /// Why they were left out.
    pub reason: String,
    /// Their number, and the first of them.
    #[serde(flatten)]
    pub named: Named,
}

/// A number of things, and the names of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Their number.
    pub count: usize,
    /// The first names, at most three.
    pub names: Vec<String>,
}

/// Examples whose images are equal, bit for bit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicates {
    /// Training examples that equal an earlier training example.
    pub within_training: Equals,
    /// Validation examples that equal a training example.
    pub validation_in_training: Equals,
    /// Test examples that equal a training example.
    pub test_in_training: Equals,
    /// Examples that equal an earlier example with another label.
    pub labelled_differently: Equals,
}

/// A number of examples that equal another one, and the first pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equals {
    /// Number of examples.
    pub count: usize,
    /// The first of them with the example that they equal, at most three pairs of names.
    pub pairs: Vec<[String; 2]>,
}

impl Named {
    pub(super) fn new(names: impl Iterator<Item = String>) -> Self {
        let mut named = Self::default();
        for name in names {
            named.count += 1;
            if named.names.len() < FIRST {
                named.names.push(name);
            }
        }
        named
    }
}

impl Equals {
    fn add(&mut self, pair: impl Fn() -> [String; 2]) {
        self.count += 1;
        if self.pairs.len() < FIRST {
            self.pairs.push(pair());
        }
    }
}

impl Dataset {
    /// Describes what was read. `split_seed` is the seed by which a network draws its validation split; `None` if each
    /// of many networks draws its own: their training and validation examples are then one split here.
    ///
    /// Takes one hash of each image, so that 70,000 images of 784 bytes take a fraction of a second.
    ///
    /// # Errors
    /// Those of [`split`].
    pub fn summary(&self, split_seed: Option<u64>) -> Result<DataSummary> {
        let splits = match split_seed {
            Some(seed) => split(self, seed)?,
            None => self.own_splits(),
        };
        let counts = |of: &dyn Fn(usize) -> bool| {
            let mut counts = vec![0; self.classes.len()];
            (0..self.labels.len()).filter(|&id| of(id)).for_each(|id| counts[self.labels[id] as usize] += 1);
            counts
        };
        let read = |split: Split| {
            let classes = counts(&|id| splits[id] == split);
            ReadSplit { split, examples: classes.iter().sum(), from: self.origin(split, split_seed), classes }
        };
        Ok(DataSummary {
            shape: self.images.shape(),
            features: self.features,
            classes: self.classes.iter().cloned().zip(counts(&|_| true)).collect(),
            splits: Split::ALL.map(read).into_iter().filter(|read| read.examples > 0).collect(),
            skipped: self.skipped(),
            notes: self.report.notes.clone(),
            duplicates: self.duplicates(&splits),
            constant: self.constant(),
        })
    }

    /// Returns what people call an example: the user's name and the id, `a.png (id 12)`; without a name `id 12`.
    ///
    /// # Panics
    /// If there is no such example, but the examples have names.
    pub fn name_or_id(&self, example: usize) -> String {
        let name = if self.names.is_empty() { "" } else { &self.names[example] };
        if name.is_empty() { format!("id {example}") } else { format!("{name} (id {example})") }
    }

    /// Returns what was read, if the splits are the data set's own, and nothing is drawn.
    ///
    /// # Errors
    /// As [`Dataset::summary`].
    pub fn summary_of_own_splits(&self) -> Result<DataSummary> {
        let mut summary = self.summary(None)?;
        summary.splits.iter_mut().for_each(|split| split.from = "the data set's own".into());
        Ok(summary)
    }

    /// Returns the splits without a validation split that is drawn, `[examples]`.
    pub(crate) fn own_splits(&self) -> Vec<Split> {
        let mut splits = vec![Split::Train; self.training];
        splits.resize(self.training + self.validation, Split::Validation);
        splits.resize(self.labels.len(), Split::Test);
        splits
    }

    fn origin(&self, split: Split, seed: Option<u64>) -> String {
        match (split, self.validation > 0, seed) {
            (Split::Test | Split::HeldOut(_), ..) | (Split::Validation, true, _) => "the data set's own".into(),
            (Split::Train, true, Some(_)) => "the data set's training images".into(),
            (Split::Train, true, None) => {
                "the same for each model, since the validation split is the data set's own".into()
            }
            (Split::Train, false, Some(_)) => "the other training images".into(),
            (Split::Validation, false, seed) => {
                format!("drawn at random, seed {}", seed.unwrap_or_default())
            }
            (Split::Train, false, None) => "each model holds out a tenth, drawn at random by its own seed".into(),
        }
    }

    fn skipped(&self) -> Vec<SkippedGroup> {
        let mut reasons: Vec<&str> = Vec::new();
        for skipped in &self.report.skipped {
            if !reasons.contains(&skipped.reason.as_str()) {
                reasons.push(&skipped.reason);
            }
        }
        let group = |reason: &str| {
            let of_reason = self.report.skipped.iter().filter(|skipped| skipped.reason == reason);
            SkippedGroup { reason: reason.into(), named: Named::new(of_reason.map(|skipped| skipped.name.clone())) }
        };
        reasons.into_iter().map(group).collect()
    }

    fn constant(&self) -> Named {
        let constant = |&id: &usize| self.images.image(id).windows(2).all(|pair| pair[0] == pair[1]);
        let all = if self.features || self.images.size() == 1 { 0 } else { self.images.len() };
        Named::new((0..all).filter(constant).map(|id| self.name_or_id(id)))
    }

    fn duplicates(&self, splits: &[Split]) -> Duplicates {
        let first = first_equal(&self.images);
        let mut first_trained: HashMap<usize, usize> = HashMap::new();
        for id in (0..splits.len()).filter(|&id| splits[id] == Split::Train) {
            first_trained.entry(first[id]).or_insert(id);
        }
        let mut found = Duplicates::default();
        for id in 0..splits.len() {
            let pair = |other: usize| move || [id, other].map(|example| self.name_or_id(example));
            if let Some(&trained) = first_trained.get(&first[id]).filter(|&&trained| trained != id) {
                match splits[id] {
                    Split::Train => &mut found.within_training,
                    Split::Validation => &mut found.validation_in_training,
                    Split::Test | Split::HeldOut(_) => &mut found.test_in_training,
                }
                .add(pair(trained));
            }
            if self.labels[id] != self.labels[first[id]] {
                found.labelled_differently.add(pair(first[id]));
            }
        }
        found
    }
}

/// Returns the first example with the same image, `[examples]`; an example's own id if there is none before it.
fn first_equal(images: &Images) -> Vec<usize> {
    let mut seen = HashMap::with_capacity(images.len());
    (0..images.len()).map(|id| *seen.entry(images.image(id)).or_insert(id)).collect()
}
