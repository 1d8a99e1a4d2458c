//! The report on the checkpoints of a run: a self-contained HTML file.

use anyhow::Context;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};
use prediction_depth::checkpoints::{DepthOverTraining, DepthsAt};
use prediction_depth::data::Split;
use prediction_depth::plot;

use super::Measured;
use crate::report::STYLE;

/// Renders the report.
pub fn html(measured: &Measured) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("checkpoints", include_str!("report.html"))?;
    let text = environment.get_template("checkpoints")?.render(context! {
        style => STYLE,
        title => measured.settings.title(),
        source => &measured.experiment.dataset.source,
        probing => measured.probing.to_string(),
        version => env!("CARGO_PKG_VERSION"),
        settings => measured.settings.to_toml()?,
        sample_seed => measured.sample_seed,
        warnings => measured.warnings(),
        checkpoints => measured.steps().len(),
        layers => measured.layers.to_vec(),
        splits => measured.splits.iter().map(|(split, of)| section(measured, split, *of)).collect::<Vec<_>>(),
    });
    text.context("checkpoints.html")
}

/// Returns what is shown of a split.
fn section(measured: &Measured, split: &DepthOverTraining, of: usize) -> Value {
    let settling = split.settling();
    let row = |at: &DepthsAt| {
        context! {
            step => at.step,
            epoch => format!("{:.1}", measured.epoch(at.step)),
            summary => Value::from(Serde(&at.summary)),
        }
    };
    let names = measured.layers.iter().map(String::as_str).chain(["network"]);
    let settled: Vec<Value> = names
        .zip(settling.layers.iter().chain([&settling.network]))
        .map(|(name, settled)| context! { name, of => Value::from(Serde(settled)) })
        .collect();
    let examples = split.examples().len();
    let size = if examples == of { format!("{examples} examples") } else { format!("{examples} of {of} examples") };
    let name = if split.split() == Split::Train { "training" } else { split.split().name() };
    context! {
        name,
        size,
        depths => depths(measured, split),
        settling => plot::settling_by_layer(
            plot::WIDTH,
            measured.layers,
            &split.steps(),
            &settling.layers.iter().chain([&settling.network]).map(|of| of.settled.as_slice()).collect::<Vec<_>>(),
        ),
        rows => split.checkpoints().iter().map(row).collect::<Vec<_>>(),
        settled,
    }
}

fn depths(measured: &Measured, split: &DepthOverTraining) -> String {
    let counts: Vec<&[usize]> = split.checkpoints().iter().map(|at| at.summary.depth_histogram.as_slice()).collect();
    plot::depths_over_training(plot::WIDTH, measured.layers, &split.steps(), &counts)
}
