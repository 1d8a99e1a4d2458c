//! The split of a data set for one network.

use super::Dataset;
use crate::error::{Error, Result};
use crate::random::{Stream, generator, shuffled};

/// The role of an example for one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Trained on. Probes exclude it from its own neighbours.
    Train,
    /// A training image held out from this network.
    Validation,
    /// One of the data set's own test images.
    Test,
    /// Held out, in a split of the user's own; the study knows its name. Data sets have no such splits.
    #[serde(rename = "held-out")]
    HeldOut(u8),
}

impl Split {
    /// The splits of a data set, in the order of their numbers in files: 0, 1, 2.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Returns the number in files. Splits of the user's own follow those of data sets, from 3 on.
    pub fn number(self) -> u8 {
        match self {
            Self::Train => 0,
            Self::Validation => 1,
            Self::Test => 2,
            Self::HeldOut(place) => place.saturating_add(3),
        }
    }

    /// Returns the split of a number in a file.
    pub fn of_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or_else(|| Self::HeldOut(number - 3))
    }

    /// Returns the splits that have examples, in the order of their numbers. `splits` is `[examples]`.
    pub fn present(splits: &[Self]) -> Vec<Self> {
        let mut present: Vec<Self> = Vec::new();
        for &split in splits {
            if let Err(place) = present.binary_search(&split) {
                present.insert(place, split);
            }
        }
        present
    }

    /// Returns the name in files and tables. Only the study knows the names of the user's own splits:
    /// [`Study::split_name`](crate::study::Study::split_name).
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
            Self::HeldOut(_) => "held-out",
        }
    }

    /// Returns the name in files and tables; `own` are the names of the user's own splits, by the number of
    /// [`Split::HeldOut`].
    pub fn name_among(self, own: &[String]) -> &str {
        match self {
            Self::HeldOut(place) => own.get(usize::from(place)).map_or(self.name(), String::as_str),
            split => split.name(),
        }
    }

    /// Returns the examples of this split, in data set order. `splits` is `[examples]`.
    pub fn examples(self, splits: &[Self]) -> Vec<usize> {
        (0..splits.len()).filter(|&example| splits[example] == self).collect()
    }
}

/// Splits the training images 90:10 at random, by `seed`, as in the paper; test images stay test. If the data set has a
/// validation split of its own, nothing is drawn, and `seed` has no effect. Returns `[examples]`.
///
/// # Errors
/// [`Error::Setting`] if there are too few training images for both parts.
pub fn split(dataset: &Dataset, seed: u64) -> Result<Vec<Split>> {
    let mut splits = vec![Split::Test; dataset.labels.len()];
    splits[..dataset.training].fill(Split::Train);
    if dataset.validation > 0 {
        splits[dataset.training..dataset.training + dataset.validation].fill(Split::Validation);
        return Ok(splits);
    }
    let held_out = (dataset.training as f64 / 10.0).round() as usize;
    if held_out == 0 {
        let remedy = "a 90:10 split needs at least 5 training images".into();
        return Err(Error::Setting { name: "examples", value: dataset.training.to_string(), remedy });
    }
    let order = shuffled(dataset.training, &mut generator(seed, Stream::Split));
    for &example in &order[..held_out] {
        splits[example] = Split::Validation;
    }
    Ok(splits)
}
