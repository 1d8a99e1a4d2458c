//! The report: a self-contained HTML file.

use anyhow::Context;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};
use prediction_depth::data::{DataSummary, Split};
use prediction_depth::study::{ProbeSource, Study};

use crate::figures::{accuracy_by_depth, first_split, histogram, probe_accuracy, strip, title_of};
use crate::shown;
use crate::table::{About, Read};

/// Number of images shown at either end of each split.
const EXTREMES: usize = 24;

/// The style sheet of reports.
pub const STYLE: &str = include_str!("report.css");

/// Renders the report; `settings` are those of `config.toml`.
pub fn html(study: &Study, about: &About, settings: &str) -> anyhow::Result<String> {
    let summary = study.summary();
    let splits: Vec<_> = summary.splits().map(|(split, numbers)| (title_of(study, split), numbers)).collect();
    let galleries =
        study.splits().into_iter().map(|split| gallery(study, split)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report", include_str!("report.html"))?;
    let text = environment.get_template("report")?.render(context! {
        style => STYLE,
        title => &study.title,
        source => &study.source,
        probes => about.source.to_string(),
        given => study.probe_source == ProbeSource::Given,
        until => study.measured.distances.as_ref().map(|distances| distances.until),
        labels => study.has_labels(),
        first => title_of(study, first_split(study)),
        settings,
        version => env!("CARGO_PKG_VERSION"),
        splits => Value::from(Serde(&splits)),
        noise => Value::from(Serde(&summary.label_noise)),
        warnings => about.warnings.to_vec(),
        read => about.read.map(Read::html).transpose()?,
        strip => strip(study),
        histogram => histogram(study, &splits),
        whole => study.measured.is_whole(),
        probe_accuracy => probe_accuracy(study, &splits),
        accuracy_by_depth => accuracy_by_depth(study, &splits),
        galleries,
        probing => study.how_measured(),
    });
    text.context("report.html")
}

/// Renders the section about what was read.
pub fn read_section(read: &DataSummary) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("read", include_str!("what_was_read.html"))?;
    environment.get_template("read")?.render(context! { read => Value::from(Serde(read)) }).context("report.html")
}

/// Returns the hardest and the easiest examples of a split.
fn gallery(study: &Study, split: Split) -> anyhow::Result<Value> {
    let order = study.hardest_first(split);
    let cards = |ids: Vec<usize>| ids.into_iter().map(|id| card(study, id)).collect::<anyhow::Result<Vec<_>>>();
    let hardest = cards(order.iter().take(EXTREMES).copied().collect())?;
    let easiest = cards(order.iter().rev().take(EXTREMES).copied().collect())?;
    Ok(context! { name => title_of(study, split), hardest, easiest })
}

fn card(study: &Study, id: usize) -> anyhow::Result<Value> {
    let class = |class: u32| study.class_name(class);
    Ok(context! {
        id,
        name => study.name(id),
        shown => shown::html(study, id)?,
        depth => study.depth_name(study.measured.depth(id)),
        given => class(study.given_labels[id]),
        predicted => class(study.measured.predictions[id]),
        wrong => study.has_labels() && study.measured.predictions[id] != study.given_labels[id],
        flipped_from => study.is_flipped(id).then(|| class(study.labels[id])),
    })
}
