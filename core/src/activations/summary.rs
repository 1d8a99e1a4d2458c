//! What was read of recorded activations.

use serde::{Deserialize, Serialize};

use crate::data::Skipped;

/// What program and report say about recorded activations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingsSummary {
    /// The splits, the training split first.
    pub splits: Vec<SplitSize>,
    /// Names of the classes and number of examples of each, over all splits, `[classes]`; `None` if labels are not known.
    pub classes: Vec<(String, Option<usize>)>,
    /// The layers in order.
    pub layers: Vec<LayerSummary>,
    /// What is shown: `images`, `text`, `table` or `none`.
    pub inputs: String,
    /// Decisions, a sentence each.
    pub notes: Vec<String>,
    /// Files that were left out.
    pub skipped: Vec<Skipped>,
}

impl RecordingsSummary {
    /// Returns the number of examples of each split, `[splits]`.
    pub fn examples(&self) -> Vec<usize> {
        self.splits.iter().map(|split| split.examples).collect()
    }

    /// Returns the folder or file of each split, `[splits]`.
    pub fn places(&self) -> Vec<&str> {
        self.splits.iter().map(|split| split.from.as_str()).collect()
    }
}

/// A split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitSize {
    /// Its name.
    pub split: String,
    /// Number of examples.
    pub examples: usize,
    /// Its folder or file.
    pub from: String,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSummary {
    /// Its name.
    pub name: String,
    /// Dimensions of an example in the training split.
    pub shape: Vec<usize>,
    /// Type of its values in the training split, such as `float16`.
    pub dtype: String,
    /// Number of values that pooling leaves of an example; `None`: it is not pooled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pooled: Option<usize>,
}
