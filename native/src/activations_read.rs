//! What was read of recorded activations: lines for the terminal, and a section of the report.

use std::collections::BTreeMap;

use anyhow::Context;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};
use prediction_depth::activations::RecordingsSummary;

use crate::table::one_line;
use crate::what_was_read::wrapped;

/// Number of classes and of layers that are listed.
const LISTED: usize = 12;

/// Formats sizes, classes and layers, and what was decided or left out.
pub fn lines(read: &RecordingsSummary) -> String {
    let examples: usize = read.splits.iter().map(|split| split.examples).sum();
    let count = |count: Option<usize>| count.map_or_else(String::new, |count| format!(" {count}"));
    let classes = read.classes.iter().map(|(name, found)| one_line(name) + &count(*found));
    let mut text =
        wrapped(&format!("Read: {examples} examples of {} classes:", read.classes.len()), &cut(classes.collect()));
    let layers = read.layers.iter().map(|layer| {
        let pooled = layer.pooled.map(|values| format!(" pooled to {values}")).unwrap_or_default();
        format!("{} {:?} {}{pooled}", one_line(&layer.name), layer.shape, layer.dtype)
    });
    text += &match read.layers.len() {
        0 => "No layers: the neighbours were found elsewhere\n".into(),
        count => wrapped(&format!("{count} layers:"), &cut(layers.collect())),
    };
    text += &read.notes.iter().map(|note| format!("Note: {}\n", one_line(note))).collect::<String>();
    for (reason, names) in skipped(read) {
        let (first, more) = (one_line(names[0]), names.len() - 1);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text += &format!("Left out, {reason}: {first}{more}\n");
    }
    text
}

/// Renders the section.
pub fn html(read: &RecordingsSummary) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("read", include_str!("activations_read.html"))?;
    let read = context! { read => Value::from(Serde(read)), skipped => Value::from(Serde(skipped(read))) };
    environment.get_template("read")?.render(read).context("report.html")
}

fn skipped(read: &RecordingsSummary) -> BTreeMap<&str, Vec<&str>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    read.skipped.iter().for_each(|skipped| groups.entry(&skipped.reason).or_default().push(&skipped.name));
    groups
}

fn cut(mut parts: Vec<String>) -> Vec<String> {
    if let Some(more) = parts.len().checked_sub(LISTED).filter(|&more| more > 0) {
        parts.truncate(LISTED);
        parts.push(format!("and {more} more"));
    }
    parts
}
