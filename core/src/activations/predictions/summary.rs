//! What was read of predictions.

use super::LayerPredictions;
use super::classes::LayerClasses;
use super::last::Last;
use crate::activations::summary::{LayerSummary, RecordingsSummary, SplitSize};
use crate::data::Split;
use crate::depth::PredictionDepth;
use crate::metrics::SUM_TOLERANCE;

impl LayerPredictions {
    /// Returns what was read, and what was decided to get these depths.
    pub fn summary(&self, depth: &PredictionDepth) -> RecordingsSummary {
        let counts = match &self.labels {
            Some(labels) => {
                let mut counts = vec![0; self.classes.len()];
                labels.iter().for_each(|&label| counts[label as usize] += 1);
                counts.into_iter().map(Some).collect()
            }
            None => vec![None; self.classes.len()],
        };
        let layers = self.layers.iter().map(|layer| LayerSummary {
            name: layer.name.clone(),
            shape: layer.array.example_shape().to_vec(),
            dtype: layer.array.heading.kind.to_string(),
            pooled: None,
        });
        let split = SplitSize { split: Split::Test.name().into(), examples: self.examples(), from: self.place.clone() };
        RecordingsSummary {
            splits: vec![split],
            classes: self.classes.iter().cloned().zip(counts).collect(),
            layers: layers.collect(),
            inputs: self.shown.inputs.kind().into(),
            notes: self.notes.iter().cloned().chain(self.decisions(depth)).collect(),
            skipped: self.skipped.clone(),
        }
    }

    fn decisions(&self, depth: &PredictionDepth) -> Vec<String> {
        let mut notes = Vec::new();
        if let Last::Scores(last) = &self.last {
            let what = if last.no_distribution.is_some() { "logits" } else { "distributions" };
            let lowest = if last.tied > 0 {
                format!("; several are largest in {} examples: the lowest class", last.tied)
            } else {
                String::new()
            };
            notes.push(format!(
                "{} holds {what}: the largest value of an example is the network's class{lowest}",
                last.place
            ));
        }
        let tied = depth.tied.iter().flatten().filter(|&&tied| tied).count();
        match (self.until, &self.layer_classes) {
            (Some(until), _) => notes.push(format!(
                "a layer agrees with the network if the Jensen-Shannon distance (base 2) of their distributions is at most \
                 {until}; distributions are divided by their sums, which are 1 within {SUM_TOLERANCE}"
            )),
            (None, LayerClasses::OfScores) => notes.push(format!(
                "the largest value of an example at a layer is the layer's class, the lowest class if several are largest: \
                 {tied} times"
            )),
            (None, LayerClasses::Known(_)) => {}
        }
        if self.labels.is_none() {
            notes.push("there are no labels, so nothing is known about accuracy".into());
        }
        notes
    }
}
