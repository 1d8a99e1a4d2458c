//! Prediction depth: the layer from which every probe agrees with the network.

use crate::class::{Class, UNPROBED};
use crate::error::{Result, same_length};
use crate::probe::Decision;

/// First position from which every entry equals `target`; the length where the last differs.
pub fn settled_at(entries: impl DoubleEndedIterator<Item = Class> + ExactSizeIterator, target: Class) -> usize {
    entries.len() - entries.rev().take_while(|&entry| entry == target).count()
}

/// What the probes of all layers and the network itself said of some examples.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PredictionDepth {
    /// The class each layer's probe says, or [`UNPROBED`], `[layers][examples]`.
    pub probes: Vec<Vec<Class>>,
    /// Whether that vote was tied, `[layers][examples]`; false where it was not asked.
    pub tied: Vec<Vec<bool>>,
    /// The network's own class, `[examples]`.
    pub predictions: Vec<Class>,
}

impl PredictionDepth {
    /// What the network says of its examples, and no probe yet.
    pub(crate) fn unprobed(predictions: &[Class], layers: usize) -> Self {
        let examples = predictions.len();
        Self {
            probes: vec![vec![UNPROBED; examples]; layers],
            tied: vec![vec![false; examples]; layers],
            predictions: predictions.to_vec(),
        }
    }

    /// Takes what was found of some examples, in the order of `examples`.
    pub(crate) fn place(&mut self, examples: &[usize], found: &Self) {
        for (from, &to) in examples.iter().enumerate() {
            self.predictions[to] = found.predictions[from];
            for layer in 0..self.probes.len() {
                self.probes[layer][to] = found.probes[layer][from];
                self.tied[layer][to] = found.tied[layer][from];
            }
        }
    }

    /// Takes what a layer's probe says of an example.
    pub(crate) fn note(&mut self, layer: usize, example: usize, decision: Decision) {
        self.probes[layer][example] = decision.class;
        self.tied[layer][example] = decision.tied;
    }

    /// Whether a layer's probe says of an example what the network says.
    pub(crate) fn agrees(&self, layer: usize, example: usize) -> bool {
        self.probes[layer][example] == self.predictions[example]
    }

    /// Whether every probe was asked.
    pub fn is_whole(&self) -> bool {
        !self.probes.iter().any(|layer| layer.contains(&UNPROBED))
    }

    /// The layer and the example of a probe that was not asked though the depth hangs on it, if there is one.
    pub(crate) fn gap(&self) -> Option<(usize, usize)> {
        let last_differing = |example| Some((self.depth(example).checked_sub(1)?, example));
        let mut differing = (0..self.predictions.len()).filter_map(last_differing);
        differing.find(|&(layer, example)| self.probes[layer][example] == UNPROBED)
    }

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

    /// The fraction of examples for which each layer's probe says the label, `[layers]`; None where not all of them were
    /// asked about.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) where labels are missing.
    pub fn probe_accuracy(&self, labels: &[Class]) -> Result<Vec<Option<f64>>> {
        same_length("labels, one for each example", self.predictions.len(), labels.len())?;
        Ok(self.probes.iter().map(|layer| accuracy(layer, labels)).collect())
    }
}

/// How often a probe says the label; None where it was not asked about every example.
pub(crate) fn accuracy(probe: &[Class], labels: &[Class]) -> Option<f64> {
    (!probe.contains(&UNPROBED)).then(|| agreement(probe, labels))
}

/// The fraction of places at which both are the same; 0 where there are none.
pub(crate) fn agreement(a: &[Class], b: &[Class]) -> f64 {
    let same = a.iter().zip(b).filter(|(a, b)| a == b).count();
    same as f64 / a.len().max(1) as f64
}
