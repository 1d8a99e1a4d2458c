//! Tables of a study for the terminal.

use comfy_table::{CellAlignment, Table, presets};
use prediction_depth::data::Split;
use prediction_depth::measurement::Work;
use prediction_depth::study::{SplitSummary, Study};

/// Number of examples shown at either end.
const EXTREMES: usize = 10;

/// Formats the short result. Omits what was not probed; `work` is the amount of work done.
pub fn summary(study: &Study, work: Option<Work>, device: &str) -> String {
    let summary = study.summary();
    let splits = [("train", &summary.train), ("validation", &summary.validation), ("test", &summary.test)];
    let sizes: Vec<String> = splits.iter().map(|(name, split)| format!("{} {name}", split.examples)).collect();
    let mut text =
        format!("{}\n{}\n{} examples; k = {}\n", study.title, study.source, sizes.join(", "), study.probing.k);
    text += &format!("Neighbours on {device}\n");
    text += &warnings(&study.warnings());
    if let Some(work) = work {
        let (probes, all, share) = (work.probes, work.probes_of_all, 100.0 * work.share());
        text += &format!("Depths only: {probes} of {all} probes were needed, {share:.1} % of the multiply-adds\n");
    }
    text += &format!("\n{}\n", overview(&splits));
    text += &format!("\nExamples by depth, and the accuracy of the network on them\n{}\n", by_depth(study, &splits));
    if study.measured.is_whole() {
        text += &format!("\nAccuracy of each layer's probe on the given labels\n{}\n", probes(study, &splits));
    }
    if let Some(noise) = &summary.label_noise {
        text += &format!(
            "\nFlipped labels in the training split: {}, mean depth {}; all others: {}\n",
            noise.flipped,
            number(noise.mean_depth_flipped),
            number(noise.mean_depth_clean)
        );
    }
    let order = study.hardest_first(Split::Train);
    let easiest: Vec<usize> = order.iter().rev().take(EXTREMES).copied().collect();
    text += &format!("\nThe deepest training examples\n{}\n", extremes(study, &order[..EXTREMES.min(order.len())]));
    text += &format!("\nThe shallowest training examples\n{}\n", extremes(study, &easiest));
    text
}

/// Formats warnings, a line each.
pub fn warnings(warnings: &[String]) -> String {
    warnings.iter().map(|warning| format!("WARNING: {warning}\n")).collect()
}

fn overview(splits: &[(&str, &SplitSummary)]) -> Table {
    let mut table = plain(&["", "accuracy", "mean depth", "without undetermined", "undetermined", "tied votes"]);
    for (name, split) in splits {
        table.add_row([
            (*name).to_owned(),
            percent(Some(split.accuracy)),
            number(Some(split.mean_depth)),
            number(split.mean_depth_determined),
            split.undetermined.to_string(),
            split.tied_votes.map_or("-".into(), |votes| votes.to_string()),
        ]);
    }
    table
}

fn by_depth(study: &Study, splits: &[(&str, &SplitSummary)]) -> Table {
    let names: Vec<&str> = splits.iter().map(|(name, _)| *name).collect();
    let mut table = plain(&["depth", names[0], names[1], names[2], "accuracy: train", names[1], names[2]]);
    for depth in 0..=study.layers.len() {
        let counts = splits.iter().map(|(_, split)| split.depth_histogram[depth].to_string());
        let right = splits.iter().map(|(_, split)| percent(split.accuracy_by_depth[depth]));
        table.add_row([study.depth_name(depth)].into_iter().chain(counts).chain(right));
    }
    table
}

fn probes(study: &Study, splits: &[(&str, &SplitSummary)]) -> Table {
    let names: Vec<&str> = splits.iter().map(|(name, _)| *name).collect();
    let mut table = plain(&["layer", names[0], names[1], names[2]]);
    for (place, layer) in study.layers.iter().enumerate() {
        let right = splits.iter().map(|(_, split)| percent(split.probe_accuracy[place]));
        table.add_row([layer.clone()].into_iter().chain(right));
    }
    table
}

fn extremes(study: &Study, examples: &[usize]) -> Table {
    let mut table = plain(&["depth", "id", "given label", "predicted", "input's probe", "output margin", ""]);
    let depths = study.measured.depths();
    let class = |class: u32| study.class_name(class).to_owned();
    for &example in examples {
        table.add_row([
            study.depth_name(depths[example]),
            example.to_string(),
            class(study.given_labels[example]),
            class(study.measured.predictions[example]),
            class(study.measured.probes[0][example]),
            format!("{:.2}", study.output_margins[example]),
            if study.is_flipped(example) {
                format!("flipped from {}", class(study.labels[example]))
            } else {
                String::new()
            },
        ]);
    }
    table
}

/// Returns a table without lines, with numbers aligned to the right.
pub fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.to_vec());
    let words = ["", "depth", "layer", "given label", "predicted", "input's probe", "kind", "measure", "score"];
    for (place, name) in header.iter().enumerate() {
        if let Some(column) = table.column_mut(place).filter(|_| !words.contains(name)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

pub fn percent(value: Option<f64>) -> String {
    value.map_or("-".into(), |value| format!("{:.1} %", 100.0 * value))
}

pub fn number(value: Option<f64>) -> String {
    value.map_or("-".into(), |value| format!("{value:.2}"))
}
