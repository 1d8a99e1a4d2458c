//! Summary statistics of a study, per split.

use serde::Serialize;

use super::{ProbeSource, Study};
use crate::class::Class;
use crate::data::Split;
use crate::depth::{PredictionDepth, accuracy};

/// Statistics of one split. Lists by depth have layers + 1 entries; the last is `undetermined`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SplitSummary {
    /// Number of examples.
    pub examples: usize,
    /// Fraction of examples whose given label the network predicts; `None` if labels are not known.
    pub accuracy: Option<f64>,
    /// Mean depth; undetermined examples count as the number of layers.
    pub mean_depth: f64,
    /// Mean depth without the undetermined examples; `None` if there are no others.
    pub mean_depth_determined: Option<f64>,
    /// Number of examples at each depth, `[layers + 1]`.
    pub depth_histogram: Vec<usize>,
    /// Fraction of examples whose given label each layer's probe predicts, `[layers]`; `None` if not all examples were
    /// probed, or if labels are not known.
    pub probe_accuracy: Vec<Option<f64>>,
    /// Accuracy of the network on the examples of each depth, `[layers + 1]`; `None` for a depth without examples, or
    /// if labels are not known.
    pub accuracy_by_depth: Vec<Option<f64>>,
    /// Number of examples whose last probe disagrees with the network.
    pub undetermined: usize,
    /// Number of tied votes over all layers; `None` if not all examples were probed, or if nothing voted.
    pub tied_votes: Option<usize>,
}

impl SplitSummary {
    /// Computes the statistics of some examples. Given labels, probes and depths are those of all examples.
    pub(crate) fn new(
        examples: &[usize],
        given_labels: &[Class],
        measured: &PredictionDepth,
        depths: &[usize],
    ) -> Self {
        let layers = measured.probes.len();
        let right = |of: &[usize], says: &[Class]| {
            let [says, given] = [says, given_labels].map(|values| of.iter().map(|&at| values[at]).collect::<Vec<_>>());
            accuracy(&says, &given).filter(|_| !of.is_empty())
        };
        let mut by_depth = vec![Vec::new(); layers + 1];
        for &example in examples {
            by_depth[depths[example]].push(example);
        }
        let ties = |layer: &Vec<bool>| examples.iter().filter(|&&example| layer[example]).count();
        Self {
            examples: examples.len(),
            accuracy: right(examples, &measured.predictions),
            mean_depth: mean(examples.iter().map(|&example| depths[example])).unwrap_or(0.0),
            mean_depth_determined: mean(
                examples.iter().map(|&example| depths[example]).filter(|&depth| depth < layers),
            ),
            depth_histogram: by_depth.iter().map(Vec::len).collect(),
            probe_accuracy: measured.probes.iter().map(|layer| right(examples, layer)).collect(),
            accuracy_by_depth: by_depth.iter().map(|of| right(of, &measured.predictions)).collect(),
            undetermined: by_depth[layers].len(),
            tied_votes: measured.is_whole().then(|| measured.tied.iter().map(ties).sum()),
        }
    }
}

/// Depths of the training examples with changed labels, and of the other ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelNoise {
    /// Number of changed labels in the training split.
    pub flipped: usize,
    /// Mean depth of the examples with changed labels; `None` without such examples.
    pub mean_depth_flipped: Option<f64>,
    /// Mean depth of the other examples.
    pub mean_depth_clean: Option<f64>,
}

/// Statistics of all splits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// The examples that the network was trained on; `None` without such examples.
    pub train: Option<SplitSummary>,
    /// The images that were held out for validation; `None` without such images.
    pub validation: Option<SplitSummary>,
    /// The test images of the data set; `None` without such images.
    pub test: Option<SplitSummary>,
    /// The user's own held-out splits, by the number of [`Split::HeldOut`]; the study knows their names.
    #[serde(skip)]
    pub held_out: Vec<SplitSummary>,
    /// `None` if every given label is the data set's own.
    pub label_noise: Option<LabelNoise>,
}

impl Summary {
    /// Returns the splits that have examples, in the order of their numbers.
    pub fn splits(&self) -> impl Iterator<Item = (Split, &SplitSummary)> + Clone {
        let all = [self.train.as_ref(), self.validation.as_ref(), self.test.as_ref()];
        let there = Split::ALL.into_iter().zip(all).filter_map(|(split, summary)| Some((split, summary?)));
        let own = (0..).map(Split::HeldOut).zip(&self.held_out);
        there.chain(own).filter(|(_, summary)| summary.examples > 0)
    }
}

impl Study {
    /// Returns the statistics of the study.
    pub fn summary(&self) -> Summary {
        let depths = self.measured.depths();
        let of = |split: Split| {
            let summary = SplitSummary::new(&self.examples(split), &self.given_labels, &self.measured, &depths);
            let tied_votes = summary.tied_votes.filter(|_| self.probe_source == ProbeSource::Neighbors);
            SplitSummary { tied_votes, ..summary }
        };
        let there = |split: Split| self.splits.contains(&split).then(|| of(split));
        Summary {
            train: there(Split::Train),
            validation: there(Split::Validation),
            test: there(Split::Test),
            held_out: (0..).take(self.held_out.len()).map(|place| of(Split::HeldOut(place))).collect(),
            label_noise: self.label_noise(&depths),
        }
    }

    fn label_noise(&self, depths: &[usize]) -> Option<LabelNoise> {
        if !(0..self.labels.len()).any(|example| self.is_flipped(example)) {
            return None;
        }
        let (wrong, clean): (Vec<usize>, Vec<usize>) =
            self.examples(Split::Train).into_iter().partition(|&example| self.is_flipped(example));
        let mean_depth = |of: &[usize]| mean(of.iter().map(|&example| depths[example]));
        Some(LabelNoise {
            flipped: wrong.len(),
            mean_depth_flipped: mean_depth(&wrong),
            mean_depth_clean: mean_depth(&clean),
        })
    }
}

fn mean(values: impl Iterator<Item = usize>) -> Option<f64> {
    let (sum, count) = values.fold((0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum as f64 / f64::from(count))
}
