//! Depths at the checkpoints of a run as tables for the terminal.

use comfy_table::Table;
use prediction_depth::checkpoints::DepthOverTraining;

use super::Measured;
use crate::table::{number, percent, plain, warnings};

/// Formats the result.
pub fn summary(measured: &Measured, device: &str) -> String {
    let sizes: Vec<String> = measured.splits.iter().map(|(split, of)| size(split, *of)).collect();
    let mut text = format!("{}\n{}\n", measured.settings.title(), measured.experiment.dataset.source);
    text += &format!(
        "{} checkpoints; {} examples; {}\nNeighbours on {device}\n",
        measured.steps().len(),
        sizes.join(", "),
        measured.probing
    );
    text += &warnings(&measured.warnings());
    let layers: Vec<String> =
        measured.layers.iter().enumerate().map(|(layer, name)| format!("{layer} {name}")).collect();
    text += &format!("\nDepths: {}\n", layers.join(", "));
    for (split, _) in &measured.splits {
        let name = split.split().name();
        text += &format!("\n{name}: examples by depth at each checkpoint\n{}\n", depths(measured, split));
    }
    for (split, _) in &measured.splits {
        let name = split.split().name();
        text += &format!("\n{name}: when the probe of each layer settled, in steps\n{}\n", settling(measured, split));
    }
    text
}

/// Returns the number of examples of a split in words.
fn size(split: &DepthOverTraining, of: usize) -> String {
    let (name, examples) = (split.split().name(), split.examples().len());
    if examples == of { format!("{examples} {name}") } else { format!("{examples} of {of} {name}") }
}

fn depths(measured: &Measured, split: &DepthOverTraining) -> Table {
    let numbers: Vec<String> = (0..measured.layers.len()).map(|depth| depth.to_string()).collect();
    let mut header = vec!["step", "epoch", "accuracy", "mean depth"];
    header.extend(numbers.iter().map(String::as_str));
    header.push("undetermined");
    let mut table = plain(&header);
    for at in split.checkpoints() {
        let first = [
            at.step.to_string(),
            format!("{:.1}", measured.epoch(at.step)),
            percent(at.summary.accuracy),
            number(Some(at.summary.mean_depth)),
        ];
        table.add_row(first.into_iter().chain(at.summary.depth_histogram.iter().map(ToString::to_string)));
    }
    table
}

fn settling(measured: &Measured, split: &DepthOverTraining) -> Table {
    let settling = split.settling();
    let mut table = plain(&["layer", "half of the examples", "nine tenths", "mean"]);
    let names = measured.layers.iter().map(String::as_str).chain(["(network)"]);
    for (name, settled) in names.zip(settling.layers.iter().chain([&settling.network])) {
        let [half, nine_tenths] = [settled.half, settled.nine_tenths].map(|step| step.to_string());
        table.add_row([name.to_owned(), half, nine_tenths, format!("{:.1}", settled.mean_step)]);
    }
    table
}
