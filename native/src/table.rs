//! Tables of a study for the terminal.

use std::fmt::{self, Display, Formatter};

use comfy_table::{CellAlignment, Table, presets};
use prediction_depth::activations::RecordingsSummary;
use prediction_depth::data::{DataSummary, Split};
use prediction_depth::measurement::Work;
use prediction_depth::study::{SplitSummary, Study};
use serde::{Deserialize, Serialize};

use crate::figures::title_of;
use crate::report::read_section;
use crate::{activations_read, what_was_read};

/// Number of examples shown at either end.
const EXTREMES: usize = 10;
/// The column of the given label among those of examples.
const LABEL: usize = 2;
/// Length of a name in a table.
pub const NAME: usize = 24;

/// What was read.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Read {
    /// A data set.
    Data(DataSummary),
    /// Recorded activations.
    Activations(RecordingsSummary),
}

impl Read {
    /// Formats it for the terminal.
    fn lines(&self) -> String {
        match self {
            Self::Data(read) => what_was_read::lines(read),
            Self::Activations(read) => activations_read::lines(read),
        }
    }

    /// Renders the section of the report.
    pub fn html(&self) -> anyhow::Result<String> {
        match self {
            Self::Data(read) => read_section(read),
            Self::Activations(read) => activations_read::html(read),
        }
    }
}

/// The result of a run beside its study.
pub struct About<'a> {
    /// What was read; `None` for a run of an earlier version.
    pub read: Option<&'a Read>,
    pub warnings: &'a [String],
    /// The amount of work done, if only depths were computed.
    pub work: Option<Work>,
    pub source: NeighborSource<'a>,
}

/// Where the neighbours are from.
#[derive(Clone, Copy)]
pub enum NeighborSource<'a> {
    /// A search; the text describes its device.
    Search(&'a str),
    /// A folder of graphs.
    Graphs(&'a str),
    /// There are none: what each layer predicts was given.
    Nowhere,
}

impl<'a> NeighborSource<'a> {
    /// Returns the device of the search.
    pub fn device(self) -> Option<&'a str> {
        match self {
            Self::Search(device) => Some(device),
            Self::Graphs(_) | Self::Nowhere => None,
        }
    }
}

impl Display for NeighborSource<'_> {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Search(device) => write!(to, "neighbours on {device}"),
            Self::Graphs(folder) => write!(to, "neighbours from {folder}"),
            Self::Nowhere => write!(to, "no neighbours"),
        }
    }
}

/// Formats the short result. Omits what was not probed.
pub fn summary(study: &Study, about: &About) -> String {
    let summary = study.summary();
    let splits: Vec<_> = summary.splits().map(|(split, numbers)| (study.split_name(split), numbers)).collect();
    let sizes: Vec<String> = splits.iter().map(|(name, split)| format!("{} {name}", split.examples)).collect();
    let mut text =
        format!("{}\n{}\n{} examples; {}\n", study.title, study.source, sizes.join(", "), study.how_measured());
    text += &about.read.map_or_else(String::new, Read::lines);
    text += &format!("{}\n", capital(&about.source.to_string()));
    text += &warnings(about.warnings);
    if let Some(work) = about.work {
        let (probes, all, share) = (work.probes, work.probes_of_all, 100.0 * work.share());
        text += &format!("Depths only: {probes} of {all} probes were needed, {share:.1} % of the multiply-adds\n");
    }
    text += &format!("\n{}\n", overview(&splits));
    let of = if study.has_labels() { ", and the accuracy of the network on them" } else { "" };
    text += &format!("\nExamples by depth{of}\n{}\n", by_depth(study, &splits));
    if study.measured.is_whole() && study.has_labels() {
        let of = if study.k().is_some() { "each layer's probe" } else { "what each layer predicts" };
        text += &format!("\nAccuracy of {of} on the given labels\n{}\n", probes(study, &splits));
    }
    if let Some(noise) = &summary.label_noise {
        text += &format!(
            "\nFlipped labels in the training split: {}, mean depth {}; all others: {}\n",
            noise.flipped,
            number(noise.mean_depth_flipped),
            number(noise.mean_depth_clean)
        );
    }
    let split = study.splits().first().copied().unwrap_or(Split::Train);
    let (order, name) = (study.hardest_first(split), title_of(study, split));
    let easiest: Vec<usize> = order.iter().rev().take(EXTREMES).copied().collect();
    text += &format!("\nThe deepest {name} examples\n{}\n", extremes(study, &order[..EXTREMES.min(order.len())]));
    text += &format!("\nThe shallowest {name} examples\n{}\n", extremes(study, &easiest));
    text
}

/// Prints warnings about the data on stderr, before a computation that may take long.
pub fn warn(of_data: &[String], quiet: bool) {
    if !quiet {
        eprint!("{}", warnings(of_data));
    }
}

/// Formats warnings, a line each.
pub fn warnings(warnings: &[String]) -> String {
    warnings.iter().map(|warning| format!("WARNING: {}\n", one_line(warning))).collect()
}

/// Returns text that changes nothing on a terminal: names of files may hold line breaks and control sequences.
pub fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn overview(splits: &[(&str, &SplitSummary)]) -> Table {
    let mut table = plain(&["", "accuracy", "mean depth", "without undetermined", "undetermined", "tied votes"]);
    for (name, split) in splits {
        table.add_row([
            (*name).to_owned(),
            split.accuracy.map_or("not known".into(), |accuracy| percent(Some(accuracy))),
            number(Some(split.mean_depth)),
            number(split.mean_depth_determined),
            split.undetermined.to_string(),
            split.tied_votes.map_or("-".into(), |votes| votes.to_string()),
        ]);
    }
    table
}

fn by_depth(study: &Study, splits: &[(&str, &SplitSummary)]) -> Table {
    let names = || splits.iter().map(|(name, _)| *name);
    let first = format!("accuracy: {}", splits.first().map_or("", |(name, _)| *name));
    let mut header: Vec<&str> =
        ["depth"].into_iter().chain(names()).chain([first.as_str()]).chain(names().skip(1)).collect();
    let shown = if study.has_labels() { header.len() } else { 1 + splits.len() };
    header.truncate(shown);
    let mut table = plain(&header);
    for depth in 0..=study.layers.len() {
        let counts = splits.iter().map(|(_, split)| split.depth_histogram[depth].to_string());
        let right = splits.iter().map(|(_, split)| percent(split.accuracy_by_depth[depth]));
        table.add_row([study.depth_name(depth)].into_iter().chain(counts).chain(right).take(shown));
    }
    table
}

fn probes(study: &Study, splits: &[(&str, &SplitSummary)]) -> Table {
    let header: Vec<&str> = ["layer"].into_iter().chain(splits.iter().map(|(name, _)| *name)).collect();
    let mut table = plain(&header);
    for (place, layer) in study.layers.iter().enumerate() {
        let right = splits.iter().map(|(_, split)| percent(split.probe_accuracy[place]));
        table.add_row([layer.clone()].into_iter().chain(right));
    }
    table
}

fn extremes(study: &Study, examples: &[usize]) -> Table {
    // A name takes the place of the input's probe, so that a row fits on a line.
    let named = !study.names.is_empty();
    let mut header = ["depth", "id", "given label", "predicted", "input's probe", "output margin", ""];
    if named {
        header[4] = "name";
    } else if study.layers[0] != "input" {
        header[4] = "first probe"; // of a network of somebody else
    }
    let shown = |column: &usize| *column != LABEL || study.has_labels();
    let columns: Vec<usize> = (0..header.len()).filter(shown).collect();
    let mut table = plain(&columns.iter().map(|&column| header[column]).collect::<Vec<_>>());
    let depths = study.measured.depths();
    let class = |class: u32| study.class_name(class).to_owned();
    for &example in examples {
        let row = [
            study.depth_name(depths[example]),
            example.to_string(),
            class(study.given_labels[example]),
            class(study.measured.predictions[example]),
            if named {
                shortened(study.name(example).unwrap_or_default(), NAME)
            } else {
                class(study.measured.probes[0][example])
            },
            number(Some(f64::from(study.output_margins[example])).filter(|margin| !margin.is_nan())),
            if study.is_flipped(example) {
                format!("flipped from {}", class(study.labels[example]))
            } else {
                String::new()
            },
        ];
        table.add_row(columns.iter().map(|&column| &row[column]));
    }
    table
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns a name of at most `most` characters on one line: of a longer name the end, which tells files apart.
pub fn shortened(name: &str, most: usize) -> String {
    let name: Vec<char> = one_line(name).chars().collect();
    match name.len().checked_sub(most) {
        None | Some(0) => name.iter().collect(),
        Some(more) => format!("…{}", name[more + 1..].iter().collect::<String>()),
    }
}

/// Returns a table without lines, with numbers aligned to the right.
pub fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.to_vec());
    let words = [
        "",
        "depth",
        "layer",
        "given label",
        "predicted",
        "input's probe",
        "first probe",
        "kind",
        "measure",
        "score",
        "name",
    ];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_lose_their_beginning() {
        assert_eq!(shortened("cats/0001.png", 24), "cats/0001.png");
        assert_eq!(shortened("photographs/of/2019/cats/0001.png", 13), "…ats/0001.png");
        assert_eq!(shortened("exactly", 7), "exactly");
        assert_eq!(shortened("Überlänge", 4), "…nge");
        assert_eq!(shortened("a\u{1b}[2Jb\nc", 24), "a [2Jb c", "nothing that moves the cursor");
    }
}
