//! Tables of an ensemble's findings for the terminal.

use super::findings::{Better, Findings};
use super::plan::{Plan, SAME_EXAMPLES};
use super::store::in_words;
use crate::table::{number, percent, plain, warnings};
use crate::what_was_read;

/// Formats the short result.
pub fn summary(plan: &Plan, findings: &Findings) -> String {
    let mut text = format!("{} models: {}\n", findings.models, plan.models.first.title());
    let seen = &findings.seen;
    if !seen.missing.is_empty() {
        text += &format!("PARTIAL: the models of seeds {} are missing\n", in_words(&seen.missing));
    }
    text += &what_was_read::lines(&seen.read);
    text += &warnings(&seen.warnings);
    text += &format!("\n{}\n{}\n", cuts(findings), kinds(findings));
    text += &format!("\nPredictions of unseen examples by depth\n{}\n", by_depth(findings));
    text += &format!("\nRank correlation of mean depth with other measures\n{}\n", correlations(findings));
    text += &format!(
        "\nBetter predictions: a middle layer's probe instead of the networks, on unseen training images\n{}\n",
        better(findings)
    );
    if let Some(finders) = &findings.label_noise {
        let mut table = plain(&["score", "AUROC", "average precision"]);
        for finder in finders {
            table.add_row([finder.score.to_owned(), number(finder.auroc), number(finder.average_precision)]);
        }
        text += &format!("\nHow well each score finds the flipped labels\n{table}\n");
    }
    text
}

/// Describes the cuts between low and high depths.
pub fn cuts(findings: &Findings) -> String {
    let quantiles = findings.quantiles;
    match findings.cuts {
        Some(cuts) => format!(
            "Kinds of difficulty: validation depth is high above {:.2} (quantile {}), training depth above {:.2} (quantile {})",
            cuts.validation, quantiles.validation, cuts.training, quantiles.training
        ),
        None if findings.seen.same_split() => format!("Kinds of difficulty: none; {SAME_EXAMPLES}"),
        None => "No example has both a validation and a training depth: more models are needed".into(),
    }
}

fn kinds(findings: &Findings) -> comfy_table::Table {
    let mut table = plain(&["kind", "examples", "flipped labels"]);
    for kind in &findings.kinds {
        table.add_row([kind.kind.to_owned(), kind.examples.to_string(), kind.flipped.to_string()]);
    }
    table
}

fn by_depth(findings: &Findings) -> comfy_table::Table {
    let mut table = plain(&["depth", "predictions", "accuracy", "consistency"]);
    for (depth, at) in findings.validation_by_depth.iter().enumerate() {
        let name = if depth == findings.layers.len() { "undetermined".into() } else { depth.to_string() };
        table.add_row([name, at.predictions.to_string(), percent(at.accuracy), percent(at.consistency)]);
    }
    table
}

fn correlations(findings: &Findings) -> comfy_table::Table {
    let mut table = plain(&["measure", "train", "validation"]);
    for of in &findings.correlations {
        table.add_row([of.measure.to_owned(), number(of.train), number(of.validation)]);
    }
    table
}

fn better(findings: &Findings) -> comfy_table::Table {
    let mut table = plain(&["kind", "layer", "examples", "networks", "probe", "gain", "95 % interval"]);
    for Better { kind, found } in &findings.better_predictions {
        let Some(found) = found else {
            table.add_row([*kind, "too few", "", "", "", "", ""]);
            continue;
        };
        let [low, high] = found.gain.interval.map(|end| 100.0 * end);
        table.add_row([
            (*kind).to_owned(),
            findings.layers[found.layer].clone(),
            found.examples.to_string(),
            percent(Some(found.network.value)),
            percent(Some(found.probe.value)),
            format!("{:+.1}", 100.0 * found.gain.value),
            format!("{low:+.1} to {high:+.1}"),
        ]);
    }
    table
}
