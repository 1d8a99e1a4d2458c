//! Prediction depth: the layer from which every probe agrees with the network.

use crate::data::Class;
use crate::error::{Result, same_length};

/// First position from which every entry equals `target`; the length where the last differs.
pub fn settled_at(entries: impl DoubleEndedIterator<Item = Class> + ExactSizeIterator, target: Class) -> usize {
    entries.len() - entries.rev().take_while(|&entry| entry == target).count()
}

/// What the probes of all layers and the network itself said of some examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PredictionDepth {
    /// The class each layer's probe says, `[layers][examples]`.
    pub probes: Vec<Vec<Class>>,
    /// Whether that vote was tied, `[layers][examples]`.
    pub tied: Vec<Vec<bool>>,
    /// The network's own class, `[examples]`.
    pub predictions: Vec<Class>,
}

impl PredictionDepth {
    /// The depth of each example, `[examples]`: 1 + the last layer whose probe differs from the network's prediction,
    /// 0 where none does. It is the number of layers where the last probe differs: no layer satisfies the paper's
    /// definition then, and the depth is undetermined.
    pub fn depths(&self) -> Vec<usize> {
        (0..self.predictions.len()).map(|example| self.depth(example)).collect()
    }

    /// The depth of one example.
    ///
    /// # Panics
    /// Where there is no such example.
    pub fn depth(&self, example: usize) -> usize {
        settled_at(self.probes.iter().map(|layer| layer[example]), self.predictions[example])
    }

    /// The fraction of examples for which each layer's probe says the label, `[layers]`.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) where labels are missing.
    pub fn probe_accuracy(&self, labels: &[Class]) -> Result<Vec<f64>> {
        same_length("labels, one for each example", self.predictions.len(), labels.len())?;
        Ok(self.probes.iter().map(|layer| agreement(layer, labels)).collect())
    }
}

/// The fraction of places at which both are the same; 0 where there are none.
pub(crate) fn agreement(a: &[Class], b: &[Class]) -> f64 {
    let same = a.iter().zip(b).filter(|(a, b)| a == b).count();
    same as f64 / a.len().max(1) as f64
}
