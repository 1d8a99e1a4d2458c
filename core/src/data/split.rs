//! Which examples a network trains on.

use super::Dataset;
use crate::error::{Error, Result};
use crate::random::{Stream, generator, shuffled};

/// What an example is to one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// It was trained on; its probes leave it out of its own neighbours.
    Train,
    /// A training image held out from this network.
    Validation,
    /// One of the data set's own test images.
    Test,
}

impl Split {
    /// All, in the order of their numbers in files: 0, 1, 2.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// As in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }

    /// The examples of this split, in data set order; `splits` is `[examples]`.
    pub fn examples(self, splits: &[Self]) -> Vec<usize> {
        (0..splits.len()).filter(|&example| splits[example] == self).collect()
    }
}

/// The paper's random 90:10 split of the training images, by seed; test images stay test. `[examples]`.
///
/// # Errors
/// [`Error::Setting`] where there are too few training images for both parts.
pub fn split(dataset: &Dataset, seed: u64) -> Result<Vec<Split>> {
    let held_out = (dataset.training as f64 / 10.0).round() as usize;
    if held_out == 0 {
        let remedy = "a 90:10 split needs at least 5 training images".into();
        return Err(Error::Setting { name: "examples", value: dataset.training.to_string(), remedy });
    }
    let mut splits = vec![Split::Test; dataset.labels.len()];
    splits[..dataset.training].fill(Split::Train);
    let order = shuffled(dataset.training, &mut generator(seed, Stream::Split));
    for &example in &order[..held_out] {
        splits[example] = Split::Validation;
    }
    Ok(splits)
}
