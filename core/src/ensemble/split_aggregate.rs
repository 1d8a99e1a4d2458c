//! What the models of an ensemble say of the examples they trained on, or of those they did not: sums and votes.

use super::Record;
use crate::data::Class;
use crate::metrics::{ClassCounts, NEVER_LEARNED, confidence, entropy, output_margin, softmax};

/// The measures of a model that are averaged, in the order of the columns.
const MEASURES: [&str; 14] = [
    "depth",
    "iteration_learned",
    "output_margin",
    "input_margin",
    "confidence",
    "entropy",
    "forgetting",
    "el2n",
    "aum",
    "undetermined",
    "depth_determined",
    "never_learned",
    "data_map_confidence",
    "data_map_variability",
];

/// How many single predictions had a depth, and how many of them were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByDepth {
    /// Predictions of this depth.
    pub predictions: u64,
    /// Of those, such as say the given label.
    pub given: u64,
    /// Of those, such as say the data set's own label.
    pub own: u64,
}

/// Sums over the models for which an example was on one side of the split.
#[derive(Clone, Debug)]
pub struct SplitAggregate {
    models: Vec<u32>,
    predictions: ClassCounts,
    probes: Vec<ClassCounts>,
    softmax: Vec<f64>,
    means: Vec<Mean>,
    squared_depths: Vec<f64>,
    by_depth: Vec<ByDepth>,
    probe_learned: Vec<Mean>,
}

/// A sum for each example, and of how many values it is: NaN is none.
#[derive(Clone, Debug)]
struct Mean {
    sums: Vec<f64>,
    counts: Vec<u32>,
}

impl Mean {
    fn new(examples: usize) -> Self {
        Self { sums: vec![0.0; examples], counts: vec![0; examples] }
    }

    fn add(&mut self, example: usize, value: f64) {
        if !value.is_nan() {
            self.sums[example] += value;
            self.counts[example] += 1;
        }
    }

    fn get(&self, example: usize) -> Option<f64> {
        let count = self.counts[example];
        (count > 0).then(|| self.sums[example] / f64::from(count))
    }
}

impl SplitAggregate {
    pub(super) fn new(layers: usize, examples: usize, classes: usize) -> Self {
        Self {
            models: vec![0; examples],
            predictions: ClassCounts::new(examples, classes),
            probes: vec![ClassCounts::new(examples, classes); layers],
            softmax: vec![0.0; examples * classes],
            means: vec![Mean::new(examples); MEASURES.len()],
            squared_depths: vec![0.0; examples],
            by_depth: vec![ByDepth::default(); layers + 1],
            probe_learned: vec![Mean::new(examples); layers],
        }
    }

    /// What a model says of an example, whose given label and own label these are.
    pub(super) fn add(&mut self, record: &Record, example: usize, [given, own]: [Class; 2]) {
        let (measured, shares) = (&record.measured, softmax(record.logits.row(example)));
        let (depth, predicted) = (measured.depth(example), measured.predictions[example]);
        self.models[example] += 1;
        self.predictions.add(example, predicted);
        for (votes, probe) in self.probes.iter_mut().zip(&measured.probes) {
            votes.add(example, probe[example]);
        }
        for (sum, share) in self.softmax[example * shares.len()..].iter_mut().zip(&shares) {
            *sum += share;
        }
        for (mean, value) in self.means.iter_mut().zip(values(record, example, depth, &shares)) {
            mean.add(example, value);
        }
        self.squared_depths[example] += (depth * depth) as f64;
        for (mean, layer) in self.probe_learned.iter_mut().zip(&record.probe_iteration_learned) {
            mean.add(example, f64::from(layer[example]));
        }
        let tally = &mut self.by_depth[depth];
        tally.predictions += 1;
        tally.given += u64::from(predicted == given);
        tally.own += u64::from(predicted == own);
    }

    /// How many models had the example on this side.
    pub fn models(&self, example: usize) -> usize {
        self.models[example] as usize
    }

    /// The networks' classes, [examples, classes].
    pub fn predictions(&self) -> &ClassCounts {
        &self.predictions
    }

    /// What each layer's probe said, `[layers]` of [examples, classes]; fewer votes than models where probes were not
    /// asked.
    pub fn probes(&self) -> &[ClassCounts] {
        &self.probes
    }

    /// Single predictions by their depth, `[layers + 1]`.
    pub fn by_depth(&self) -> &[ByDepth] {
        &self.by_depth
    }

    /// The fraction of what each layer's probe said of these examples that is their label, `[layers]`; None where one
    /// was not asked. `labels` are `[all examples]`: given ones show what is memorised, own ones what is generalised.
    pub fn probe_accuracy(&self, labels: &[Class], examples: &[usize]) -> Vec<Option<f64>> {
        let asked = |votes: &ClassCounts| examples.iter().all(|&example| votes.total(example) == self.models[example]);
        let of_layer =
            |votes: &ClassCounts| asked(votes).then(|| votes.accuracy(labels, examples.iter().copied())).flatten();
        self.probes.iter().map(of_layer).collect()
    }

    /// The mean step from which a layer's probe says what it says at the end, over models and these examples,
    /// `[layers]`.
    pub fn probe_iteration_learned(&self, examples: &[usize]) -> Vec<Option<f64>> {
        let of_layer = |mean: &Mean| {
            let counted: u64 = examples.iter().map(|&example| u64::from(mean.counts[example])).sum();
            let sum: f64 = examples.iter().map(|&example| mean.sums[example]).sum();
            (counted > 0).then(|| sum / counted as f64)
        };
        self.probe_learned.iter().map(of_layer).collect()
    }

    /// The columns of an example's measures: names, and means over the models that have a value.
    pub(super) fn columns(&self) -> Vec<(&'static str, Vec<Option<f64>>)> {
        let over = |of: &dyn Fn(usize) -> Option<f64>| (0..self.models.len()).map(of).collect::<Vec<_>>();
        let counts = over(&|example| Some(f64::from(self.models[example])));
        let mut columns = vec![("n", counts)];
        for (name, mean) in MEASURES.iter().zip(&self.means) {
            columns.push((name, over(&|example| mean.get(example))));
        }
        columns.insert(2, ("depth_se", over(&|example| self.depth_error(example))));
        columns.push(("mean_softmax_confidence", over(&|example| Some(confidence(&self.mean_softmax(example)?)))));
        columns.push(("mean_softmax_entropy", over(&|example| Some(entropy(&self.mean_softmax(example)?)))));
        columns
    }

    /// The standard error of the mean depth, from the sample's variance; None with fewer than two models.
    fn depth_error(&self, example: usize) -> Option<f64> {
        let count = f64::from(self.models[example]);
        let mean = self.means[0].get(example).filter(|_| count > 1.0)?;
        let variance = (self.squared_depths[example] - count * mean * mean).max(0.0) / (count - 1.0);
        Some((variance / count).sqrt())
    }

    fn mean_softmax(&self, example: usize) -> Option<Vec<f64>> {
        let classes = self.predictions.of(example).len();
        let count = f64::from(self.models[example]);
        (count > 0.0).then(|| self.softmax[example * classes..][..classes].iter().map(|sum| sum / count).collect())
    }
}

/// In the order of [`MEASURES`]; NaN where there is none.
fn values(record: &Record, example: usize, depth: usize, shares: &[f64]) -> [f64; MEASURES.len()] {
    let dynamics = &record.dynamics;
    let undetermined = depth == record.layers.len();
    let events = dynamics.forgetting[example];
    let never = events == NEVER_LEARNED;
    let flag = |flag: bool| f64::from(u8::from(flag));
    [
        depth as f64,
        f64::from(dynamics.iteration_learned[example]),
        f64::from(output_margin(record.logits.row(example))),
        f64::from(record.input_margins[example]),
        confidence(shares),
        entropy(shares),
        if never { f64::NAN } else { f64::from(events) },
        f64::from(dynamics.el2n[example]),
        f64::from(dynamics.aum[example]),
        flag(undetermined),
        if undetermined { f64::NAN } else { depth as f64 },
        flag(never),
        f64::from(dynamics.data_map_confidence[example]),
        f64::from(dynamics.data_map_variability[example]),
    ]
}
