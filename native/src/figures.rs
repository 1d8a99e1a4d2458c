//! The figures of a study, as the report shows them.

use prediction_depth::data::Split;
use prediction_depth::plot::{self, Series};
use prediction_depth::study::{ProbeSource, SplitSummary, Study};

/// Width of the probe strip, which fills the page.
const WIDE: f64 = 2.0 * plot::WIDTH;

/// Returns the figure of this name as SVG; `None` if there is none.
pub fn figure(study: &Study, name: &str) -> Option<String> {
    let summary = study.summary();
    let splits: Vec<_> = summary.splits().map(|(split, numbers)| (title_of(study, split), numbers)).collect();
    match name {
        "strip" => Some(strip(study)),
        "histogram" => Some(histogram(study, &splits)),
        "probe_accuracy" => Some(probe_accuracy(study, &splits)),
        "accuracy_by_depth" => Some(accuracy_by_depth(study, &splits)),
        _ => None,
    }
}

pub fn strip(study: &Study) -> String {
    let depths = study.measured.depths();
    let mut order = study.examples(first_split(study));
    order.sort_by_key(|&example| (depths[example], study.measured.predictions[example]));
    plot::probe_strip(WIDE, &study.layers, &study.classes, &study.measured, &order)
}

pub fn histogram(study: &Study, splits: &[(&str, &SplitSummary)]) -> String {
    let series: Vec<_> = splits.iter().map(|(name, split)| Series { name, values: &split.depth_histogram }).collect();
    plot::depth_histogram(plot::WIDTH, &study.layers, &series)
}

pub fn probe_accuracy(study: &Study, splits: &[(&str, &SplitSummary)]) -> String {
    let series: Vec<_> = splits.iter().map(|(name, split)| Series { name, values: &split.probe_accuracy }).collect();
    let draw = match study.probe_source {
        ProbeSource::Neighbors => plot::probe_accuracy,
        ProbeSource::Given => plot::given_accuracy,
    };
    draw(plot::WIDTH, &study.layers, &series)
}

pub fn accuracy_by_depth(study: &Study, splits: &[(&str, &SplitSummary)]) -> String {
    let series: Vec<_> = splits.iter().map(|(name, split)| Series { name, values: &split.accuracy_by_depth }).collect();
    plot::accuracy_by_depth(plot::WIDTH, &study.layers, &series)
}

/// Returns the split whose examples the strip shows: the training split, if there is one.
pub fn first_split(study: &Study) -> Split {
    study.splits().first().copied().unwrap_or(Split::Train)
}

/// Returns the name of a split in texts.
pub fn title_of(study: &Study, split: Split) -> &str {
    if split == Split::Train { "training" } else { study.split_name(split) }
}
