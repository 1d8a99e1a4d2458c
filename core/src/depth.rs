//! Prediction depth: the layer from which every probe agrees with the network.

use crate::class::{Class, UNLABELED, UNPROBED};
use crate::error::{Result, same_length};
use crate::probe::Decision;

/// Returns the first position from which every entry equals `target`; the length if the last differs.
pub fn settled_at<T: PartialEq>(entries: impl DoubleEndedIterator<Item = T> + ExactSizeIterator, target: T) -> usize {
    entries.len() - entries.rev().take_while(|entry| *entry == target).count()
}

/// Predictions of all layers' probes and of the network.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PredictionDepth {
    /// The class that each layer's probe predicts, or [`UNPROBED`], `[layers][examples]`.
    pub probes: Vec<Vec<Class>>,
    /// Whether the probe's vote was tied, `[layers][examples]`; false if it was not evaluated.
    pub tied: Vec<Vec<bool>>,
    /// The network's predictions, `[examples]`.
    pub predictions: Vec<Class>,
    /// Decide whether a probe agrees with the network, instead of the classes; `None` if the classes decide.
    pub distances: Option<Distances>,
}

/// How far each layer's distribution over the classes is from the network's.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Distances {
    /// The largest distance at which a layer agrees with the network.
    pub until: f64,
    /// Distances from 0 to 1, `[layers][examples]`; see
    /// [`jensen_shannon_distance`](crate::metrics::jensen_shannon_distance).
    pub values: Vec<Vec<f64>>,
}

impl PredictionDepth {
    /// Creates a result without probes.
    pub(crate) fn unprobed(predictions: &[Class], layers: usize) -> Self {
        let examples = predictions.len();
        Self {
            probes: vec![vec![UNPROBED; examples]; layers],
            tied: vec![vec![false; examples]; layers],
            predictions: predictions.to_vec(),
            distances: None,
        }
    }

    /// Joins the votes of several lists of examples, which have the same layers.
    pub(crate) fn together(parts: &[Self]) -> Self {
        let layers = parts.first().map_or(0, |first| first.probes.len());
        Self {
            probes: (0..layers)
                .map(|layer| parts.iter().flat_map(|part| &part.probes[layer]).copied().collect())
                .collect(),
            tied: (0..layers).map(|layer| parts.iter().flat_map(|part| &part.tied[layer]).copied().collect()).collect(),
            predictions: parts.iter().flat_map(|part| &part.predictions).copied().collect(),
            distances: None,
        }
    }

    /// Copies the results of some examples, in the order of `examples`.
    pub(crate) fn place(&mut self, examples: &[usize], found: &Self) {
        for (from, &to) in examples.iter().enumerate() {
            self.predictions[to] = found.predictions[from];
            for layer in 0..self.probes.len() {
                self.probes[layer][to] = found.probes[layer][from];
                self.tied[layer][to] = found.tied[layer][from];
            }
        }
    }

    /// Returns the votes of these examples, in this order.
    pub(crate) fn select(&self, examples: &[usize]) -> Self {
        Self {
            probes: self.probes.iter().map(|layer| examples.iter().map(|&example| layer[example]).collect()).collect(),
            tied: self.tied.iter().map(|layer| examples.iter().map(|&example| layer[example]).collect()).collect(),
            predictions: examples.iter().map(|&example| self.predictions[example]).collect(),
            distances: None,
        }
    }

    /// Stores the decision of a layer's probe on an example.
    pub(crate) fn note(&mut self, layer: usize, example: usize, decision: Decision) {
        self.probes[layer][example] = decision.class;
        self.tied[layer][example] = decision.tied;
    }

    /// Returns whether a layer's probe agrees with the network: it predicts the network's class or, if there are
    /// distances, is not farther from the network than they allow.
    ///
    /// # Panics
    /// If there is no such layer or example.
    pub fn agrees(&self, layer: usize, example: usize) -> bool {
        match &self.distances {
            Some(distances) => distances.values[layer][example] <= distances.until,
            None => self.probes[layer][example] == self.predictions[example],
        }
    }

    /// Returns whether every probe was evaluated.
    pub fn is_whole(&self) -> bool {
        !self.probes.iter().any(|layer| layer.contains(&UNPROBED))
    }

    /// Returns the layer and the example of a probe that was not evaluated, although the depth depends on it.
    pub(crate) fn gap(&self) -> Option<(usize, usize)> {
        let last_differing = |example| Some((self.depth(example).checked_sub(1)?, example));
        let mut differing = (0..self.predictions.len()).filter_map(last_differing);
        differing.find(|&(layer, example)| self.probes[layer][example] == UNPROBED)
    }

    /// Returns the depth of each example, `[examples]`: 1 + the last layer whose probe does not
    /// [agree](Self::agrees) with the network, or 0 if all do. If the last probe does not, the depth equals the number of
    /// layers and is undetermined: no layer satisfies the paper's definition.
    pub fn depths(&self) -> Vec<usize> {
        (0..self.predictions.len()).map(|example| self.depth(example)).collect()
    }

    /// Returns the depth of one example.
    ///
    /// # Panics
    /// If `example` is out of range.
    pub fn depth(&self, example: usize) -> usize {
        settled_at((0..self.probes.len()).map(|layer| self.agrees(layer, example)), true)
    }

    /// Returns the fraction of examples for which each layer's probe predicts the label, `[layers]`; `None` if it was
    /// not evaluated for all.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the number of labels differs.
    pub fn probe_accuracy(&self, labels: &[Class]) -> Result<Vec<Option<f64>>> {
        same_length("labels, one for each example", self.predictions.len(), labels.len())?;
        Ok(self.probes.iter().map(|layer| accuracy(layer, labels)).collect())
    }
}

/// Returns the fraction of labels that a probe predicts; `None` if it was not evaluated for every example, or if labels
/// are not known.
pub(crate) fn accuracy(probe: &[Class], labels: &[Class]) -> Option<f64> {
    (!probe.contains(&UNPROBED) && !labels.contains(&UNLABELED)).then(|| agreement(probe, labels))
}

/// Returns the fraction of positions at which both are equal; 0 if empty.
pub(crate) fn agreement(a: &[Class], b: &[Class]) -> f64 {
    let same = a.iter().zip(b).filter(|(a, b)| a == b).count();
    same as f64 / a.len().max(1) as f64
}
