//! The results of an ensemble in numbers: the object of `ensemble merge --json`, and the source of the report.

use prediction_depth::correction::Correction;
use prediction_depth::correlation::spearman;
use prediction_depth::data::{DataSummary, Split};
use prediction_depth::difficulty::{Cuts, Kind, Quantiles};
use prediction_depth::ensemble::{ByDepth, Ensemble, Examples};
use prediction_depth::label_issues::{label_issues, other_scores};
use prediction_depth::ranking::{auroc, average_precision};
use serde::Serialize;

/// Version of the JSON object.
const JSON_VERSION: u32 = 1;

/// All results.
#[derive(Serialize)]
pub struct Findings {
    pub version: u32,
    /// Hash of the plan.
    pub plan: String,
    /// Number of merged models.
    pub models: usize,
    #[serde(flatten)]
    pub seen: Seen,
    pub layers: Vec<String>,
    pub quantiles: Quantiles,
    pub cuts: Option<Cuts>,
    pub kinds: Vec<OfKind>,
    /// Predictions of the models that held an example out, by depth, `[layers + 1]`.
    pub validation_by_depth: Vec<AtDepth>,
    /// Rank correlations of mean depth with other measures, within each split.
    pub correlations: Vec<Correlation>,
    pub probe_accuracy: ProbeAccuracy,
    /// Mean step from which each layer's probe no longer changes its prediction, `[layers]`; empty if checkpoints were
    /// not probed.
    pub probe_iteration_learned: Vec<Option<f64>>,
    pub better_predictions: Vec<Better>,
    /// How well each score ranks the flipped labels first; `None` without label noise.
    pub label_noise: Option<Vec<Finder>>,
}

/// What was there to merge.
#[derive(Serialize)]
pub struct Seen {
    /// Seeds of missing models, as ranges [first, last].
    pub missing: Vec<[u64; 2]>,
    /// What can spoil the results: data, models that failed, and models that learned nothing, a sentence each.
    pub warnings: Vec<String>,
    /// What was read of the data set.
    pub read: DataSummary,
}

/// The examples of one kind of difficulty.
#[derive(Serialize)]
pub struct OfKind {
    pub kind: &'static str,
    pub examples: usize,
    /// Number of examples with flipped labels.
    pub flipped: usize,
    /// Accuracy of each layer's probe on held-out examples of the kind, against given labels, `[layers]`.
    pub probe_accuracy: Vec<Option<f64>>,
}

#[derive(Serialize)]
pub struct AtDepth {
    pub predictions: u64,
    /// Accuracy against given labels.
    pub accuracy: Option<f64>,
    /// Mean fraction of the models that held an example out and predict its consensus class, over examples whose mean
    /// validation depth rounds to this depth.
    pub consistency: Option<f64>,
}

#[derive(Serialize)]
pub struct Correlation {
    pub measure: &'static str,
    pub train: Option<f64>,
    pub validation: Option<f64>,
}

/// Accuracies, `[layers]` each. Accuracy on given labels shows memorisation, accuracy on own labels generalisation.
#[derive(Serialize)]
pub struct ProbeAccuracy {
    pub train_given: Vec<Option<f64>>,
    pub train_own: Vec<Option<f64>>,
    pub validation_given: Vec<Option<f64>>,
    pub validation_own: Vec<Option<f64>>,
}

/// Predictions by a middle layer's probe instead of the networks, on points of one kind.
#[derive(Serialize)]
pub struct Better {
    pub kind: &'static str,
    /// `None` if there are too few points.
    pub found: Option<Correction>,
}

#[derive(Serialize)]
pub struct Finder {
    pub score: &'static str,
    pub auroc: Option<f64>,
    pub average_precision: Option<f64>,
}

/// The measures to correlate with depth.
const MEASURES: [&str; 10] = [
    "iteration_learned",
    "output_margin",
    "input_margin",
    "confidence",
    "entropy",
    "forgetting",
    "el2n",
    "aum",
    "data_map_confidence",
    "data_map_variability",
];

impl Seen {
    /// Returns whether every model trains on the same examples, so that no example has both depths.
    pub fn same_split(&self) -> bool {
        self.read.examples(Split::Validation) > 0
    }
}

impl Findings {
    /// Computes the results. `training` are the data set's training images; the labels of `clean` of them are known to
    /// be correct, and choose a layer.
    pub fn new(
        merge: &Ensemble,
        table: &Examples,
        quantiles: Quantiles,
        seen: Seen,
        training: &[usize],
        clean: usize,
    ) -> anyhow::Result<Self> {
        let held_out = merge.held_out();
        let kinds = Kind::ALL.map(|kind| {
            let examples = table.of_kind(kind);
            OfKind {
                kind: kind.name(),
                examples: examples.len(),
                flipped: examples.iter().filter(|&&example| table.is_flipped(example)).count(),
                probe_accuracy: held_out.probe_accuracy(&table.given_labels, &examples),
            }
        });
        let all: Vec<usize> = (0..table.labels.len()).collect();
        let learned = merge.train().probe_iteration_learned(&all);
        Ok(Self {
            version: JSON_VERSION,
            plan: merge.plan().into(),
            models: merge.models(),
            seen,
            layers: merge.layers().to_vec(),
            quantiles,
            cuts: table.cuts,
            kinds: kinds.into(),
            validation_by_depth: by_depth(merge, table),
            correlations: correlations(table),
            probe_accuracy: ProbeAccuracy {
                train_given: merge.train().probe_accuracy(&table.given_labels, &all),
                train_own: merge.train().probe_accuracy(&table.labels, &all),
                validation_given: held_out.probe_accuracy(&table.given_labels, &all),
                validation_own: held_out.probe_accuracy(&table.labels, &all),
            },
            probe_iteration_learned: if learned.iter().all(Option::is_none) { Vec::new() } else { learned },
            better_predictions: better(merge, table, training, clean)?,
            label_noise: training
                .iter()
                .any(|&example| table.is_flipped(example))
                .then(|| finders(merge, table, training)),
        })
    }
}

fn by_depth(merge: &Ensemble, table: &Examples) -> Vec<AtDepth> {
    let consistency: Vec<Option<f64>> =
        table.consensus.iter().map(|consensus| Some(consensus.as_ref()?.consistency)).collect();
    let consistency = table.by_validation_depth(&consistency, merge.layers().len());
    let at = |(&ByDepth { predictions, given, .. }, consistency): (&ByDepth, Option<f64>)| AtDepth {
        predictions,
        accuracy: (predictions > 0).then(|| given as f64 / predictions as f64),
        consistency,
    };
    merge.held_out().by_depth().iter().zip(consistency).map(at).collect()
}

fn correlations(table: &Examples) -> Vec<Correlation> {
    let of = |measure: &'static str| {
        let side = |side: &str| {
            spearman(table.measure(&format!("depth_{side}"))?, table.measure(&format!("{measure}_{side}"))?)
        };
        Correlation { measure, train: side("train"), validation: side("validation") }
    };
    MEASURES.map(of).into()
}

/// Evaluates corrected predictions. The clean subset is evenly spread over the training images, and its own labels
/// count as correct.
fn better(merge: &Ensemble, table: &Examples, training: &[usize], clean: usize) -> anyhow::Result<Vec<Better>> {
    let count = clean.min(training.len() / 2);
    let subset: Vec<usize> = (0..count).map(|place| training[place * training.len() / count.max(1)]).collect();
    let (held_out, of_training) = (merge.held_out(), |example: &usize| *example < training.len());
    let found = Kind::ALL.map(|kind| -> anyhow::Result<Better> {
        let points: Vec<usize> = table.of_kind(kind).into_iter().filter(of_training).collect();
        let (probes, predictions) = (held_out.probes(), held_out.predictions());
        let found = Correction::new(probes, predictions, &table.labels, &points, &subset, 0)?;
        Ok(Better { kind: kind.name(), found })
    });
    found.into_iter().collect()
}

fn finders(merge: &Ensemble, table: &Examples, training: &[usize]) -> Vec<Finder> {
    let mut ours = vec![None; table.labels.len()];
    for issue in label_issues(table, merge.train(), merge.held_out()) {
        ours[issue.example] = Some(issue.score);
    }
    let scores = [("label_issues", ours)].into_iter().chain(other_scores(table));
    let finder = |(score, values): (&'static str, Vec<Option<f64>>)| {
        let known = training
            .iter()
            .filter_map(|&example| Some((values.get(example).copied().flatten()?, table.is_flipped(example))));
        let (scores, wrong): (Vec<f64>, Vec<bool>) = known.unzip();
        Finder { score, auroc: auroc(&scores, &wrong), average_precision: average_precision(&scores, &wrong) }
    };
    scores.map(finder).collect()
}
