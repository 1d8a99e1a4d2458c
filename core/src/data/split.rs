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
}

impl Split {
    /// All splits, in the order of their numbers in files: 0, 1, 2.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Returns the name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
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
