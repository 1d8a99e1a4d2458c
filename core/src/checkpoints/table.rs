//! Depth over a training as tables: `checkpoints.csv` and `depths.csv`.

use super::DepthOverTraining;
use crate::csv_rows::CsvRows;
use crate::error::Result;
use crate::experiment::Experiment;

/// Returns a CSV table with a row for each checkpoint and split: statistics, the number of examples of each depth
/// (`depth_<layer>`), the accuracy of each layer's probe on the given labels (`probe_accuracy_<layer>`), and the fraction
/// of examples that are settled (`settled_<layer>`, `settled_network`). `epoch` is the step divided by the steps of an
/// epoch.
///
/// # Errors
/// [`Error::Format`](crate::Error::Format) in theory only, since writing to memory does not fail.
pub fn checkpoints_csv(layers: &[String], steps_an_epoch: usize, splits: &[DepthOverTraining]) -> Result<Vec<u8>> {
    const FIRST: [&str; 9] = [
        "step",
        "epoch",
        "split",
        "examples",
        "accuracy",
        "mean_depth",
        "mean_depth_determined",
        "undetermined",
        "tied_votes",
    ];
    let named = |what: &'static str| layers.iter().map(move |layer| format!("{what}_{layer}"));
    let header = FIRST.map(str::to_owned).into_iter().chain(named("depth")).chain(named("probe_accuracy"));
    let mut csv = CsvRows::new(header.chain(named("settled")).chain(["settled_network".into()]))?;
    for split in splits {
        let settling = split.settling();
        for (checkpoint, at) in split.checkpoints().iter().enumerate() {
            let of = &at.summary;
            let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
            let first = [
                at.step.to_string(),
                (f64::from(at.step) / steps_an_epoch.max(1) as f64).to_string(),
                split.split().name().to_owned(),
                of.examples.to_string(),
                number(of.accuracy),
                of.mean_depth.to_string(),
                number(of.mean_depth_determined),
                of.undetermined.to_string(),
                of.tied_votes.map_or_else(String::new, |votes| votes.to_string()),
            ];
            let depths = of.depth_histogram.iter().take(layers.len()).map(ToString::to_string);
            let accuracies = of.probe_accuracy.iter().copied().map(number);
            let settled = settling.layers.iter().chain([&settling.network]);
            let settled = settled.map(|settled| settled.settled[checkpoint].to_string());
            csv.push(first.into_iter().chain(depths).chain(accuracies).chain(settled))?;
        }
    }
    csv.finish()
}

/// Returns a CSV table with a row for each example, in data set order within a split: what it is, its depth at each
/// checkpoint (`depth_at_<step>`; the number of layers if undetermined), and the steps at which each layer's probe and the
/// network's prediction settled (`probe_iteration_learned_<layer>`, `iteration_learned`).
///
/// # Errors
/// [`Error::Format`](crate::Error::Format) in theory only, since writing to memory does not fail.
pub fn depths_csv(experiment: &Experiment, layers: &[String], splits: &[DepthOverTraining]) -> Result<Vec<u8>> {
    const FIRST: [&str; 7] = ["split", "id", "name", "label_name", "label", "given_label_name", "given_label"];
    let steps = splits.first().map(DepthOverTraining::steps).unwrap_or_default();
    let header = FIRST.map(str::to_owned).into_iter().chain(steps.iter().map(|step| format!("depth_at_{step}")));
    let header = header.chain(["iteration_learned".into()]);
    let header = header.chain(layers.iter().map(|layer| format!("probe_iteration_learned_{layer}")));
    let mut csv = CsvRows::new(header)?;
    let dataset = &experiment.dataset;
    for split in splits {
        let settling = split.settling();
        for (place, &example) in split.examples().iter().enumerate() {
            let (label, given) = (dataset.labels[example], experiment.given_labels[example]);
            let first = [
                split.split().name().to_owned(),
                example.to_string(),
                dataset.names.get(example).cloned().unwrap_or_default(),
                dataset.classes[label as usize].clone(),
                label.to_string(),
                dataset.classes[given as usize].clone(),
                given.to_string(),
            ];
            let depths = split.checkpoints().iter().map(|at| at.depths[place].to_string());
            let learned = [&settling.network].into_iter().chain(&settling.layers);
            let learned = learned.map(|settled| settled.since[place].to_string());
            csv.push(first.into_iter().chain(depths).chain(learned))?;
        }
    }
    csv.finish()
}
