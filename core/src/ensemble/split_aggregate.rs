//! Sums and votes of an ensemble's models, over the examples that they trained on or those that they held out.

use super::Record;
use crate::class::Class;
use crate::logits::output_margin;
use crate::metrics::{ClassCounts, NEVER_LEARNED, confidence, entropy, softmax};

/// The results of one model for one example.
struct Said<'a> {
    record: &'a Record,
    example: usize,
    depth: usize,
    /// Softmax of the logits, `[classes]`.
    shares: &'a [f64],
}

impl Said<'_> {
    fn undetermined(&self) -> bool {
        self.depth == self.record.layers.len()
    }

    fn events(&self) -> u16 {
        self.record.dynamics.forgetting[self.example]
    }
}

/// A metric of one model for one example; NaN if undefined.
type Metric = fn(&Said) -> f64;

/// The metrics that are averaged over models, in the order of the columns. [`SplitAggregate::depth_error`] requires
/// that depth is the first.
const METRICS: [(&str, Metric); 14] = [
    ("depth", |said| said.depth as f64),
    ("iteration_learned", |said| f64::from(said.record.dynamics.iteration_learned[said.example])),
    ("output_margin", |said| f64::from(output_margin(said.record.logits.row(said.example)))),
    ("input_margin", |said| f64::from(said.record.input_margins[said.example])),
    ("confidence", |said| confidence(said.shares)),
    ("entropy", |said| entropy(said.shares)),
    ("forgetting", |said| if said.events() == NEVER_LEARNED { f64::NAN } else { f64::from(said.events()) }),
    ("el2n", |said| f64::from(said.record.dynamics.el2n[said.example])),
    ("aum", |said| f64::from(said.record.dynamics.aum[said.example])),
    ("undetermined", |said| flag(said.undetermined())),
    ("depth_determined", |said| if said.undetermined() { f64::NAN } else { said.depth as f64 }),
    ("never_learned", |said| flag(said.events() == NEVER_LEARNED)),
    ("data_map_confidence", |said| f64::from(said.record.dynamics.data_map_confidence[said.example])),
    ("data_map_variability", |said| f64::from(said.record.dynamics.data_map_variability[said.example])),
];

fn flag(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}

/// Number of predictions of one depth, and how many of them are correct.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByDepth {
    /// Number of predictions with this depth.
    pub predictions: u64,
    /// Number of them that equal the given label.
    pub given: u64,
    /// Number of them that equal the data set's own label.
    pub own: u64,
}

/// Sums over the models that trained on an example, or over those that held it out.
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

/// Sum and number of values for each example. NaN values are not counted.
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
            means: vec![Mean::new(examples); METRICS.len()],
            squared_depths: vec![0.0; examples],
            by_depth: vec![ByDepth::default(); layers + 1],
            probe_learned: vec![Mean::new(examples); layers],
        }
    }

    /// Adds a model's results for an example with this given label and own label.
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
        let said = Said { record, example, depth, shares: &shares };
        for (mean, (_, metric)) in self.means.iter_mut().zip(METRICS) {
            mean.add(example, metric(&said));
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

    /// Returns the number of models that count for an example.
    pub fn models(&self, example: usize) -> usize {
        self.models[example] as usize
    }

    /// Returns the votes of the networks, [examples, classes].
    pub fn predictions(&self) -> &ClassCounts {
        &self.predictions
    }

    /// Returns the votes of each layer's probes, `[layers]` of [examples, classes]. Probes that were not evaluated do
    /// not vote.
    pub fn probes(&self) -> &[ClassCounts] {
        &self.probes
    }

    /// Returns the predictions of single models by depth, `[layers + 1]`.
    pub fn by_depth(&self) -> &[ByDepth] {
        &self.by_depth
    }

    /// Returns the fraction of the votes of each layer's probes on these examples that equal the label, `[layers]`;
    /// `None` if a probe was not evaluated. `labels` covers all examples: given labels show memorisation, own labels
    /// generalisation.
    pub fn probe_accuracy(&self, labels: &[Class], examples: &[usize]) -> Vec<Option<f64>> {
        let asked = |votes: &ClassCounts| examples.iter().all(|&example| votes.total(example) == self.models[example]);
        let of_layer =
            |votes: &ClassCounts| asked(votes).then(|| votes.accuracy(labels, examples.iter().copied())).flatten();
        self.probes.iter().map(of_layer).collect()
    }

    /// Returns the mean step from which each layer's probe no longer changes its prediction, over models and these
    /// examples, `[layers]`.
    pub fn probe_iteration_learned(&self, examples: &[usize]) -> Vec<Option<f64>> {
        let of_layer = |mean: &Mean| {
            let counted: u64 = examples.iter().map(|&example| u64::from(mean.counts[example])).sum();
            let sum: f64 = examples.iter().map(|&example| mean.sums[example]).sum();
            (counted > 0).then(|| sum / counted as f64)
        };
        self.probe_learned.iter().map(of_layer).collect()
    }

    /// Returns the columns of the metrics: names, and means over the models that have a value.
    pub(super) fn columns(&self) -> Vec<(&'static str, Vec<Option<f64>>)> {
        let over = |of: &dyn Fn(usize) -> Option<f64>| (0..self.models.len()).map(of).collect::<Vec<_>>();
        let counts = over(&|example| Some(f64::from(self.models[example])));
        let mut columns = vec![("n", counts)];
        for ((name, _), mean) in METRICS.iter().zip(&self.means) {
            columns.push((name, over(&|example| mean.get(example))));
        }
        columns.insert(2, ("depth_se", over(&|example| self.depth_error(example))));
        columns.push(("mean_softmax_confidence", over(&|example| Some(confidence(&self.mean_softmax(example)?)))));
        columns.push(("mean_softmax_entropy", over(&|example| Some(entropy(&self.mean_softmax(example)?)))));
        columns
    }

    /// Returns the standard error of the mean depth, from the sample variance; `None` with fewer than two models.
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
