//! Values derived from the state: computed once per change, used by every view.

use prediction_depth::data::Split;
use prediction_depth::difficulty::{Cuts, Kind};
use prediction_depth::study::{SplitSummary, Study};

use super::change::Change;
use super::opened::Opened;
use super::selection::Selection;
use super::view::View;

/// All derived values that views need; empty before a study is open.
#[derive(Clone, Debug, Default)]
pub struct Derived {
    /// Displayed depths, `[examples]`.
    pub depths: Vec<usize>,
    /// The splits that have examples, with their statistics.
    summaries: Vec<(Split, SplitSummary)>,
    /// What to know before trusting the depths.
    pub warnings: Vec<String>,
    /// The map of an ensemble; `None` for a study without an ensemble.
    pub map: Option<MapPoints>,
    /// The examples of the strip, left to right.
    pub columns: Vec<usize>,
    /// Whether each example is selected, `[examples]`.
    pub mask: Vec<bool>,
    /// The selected examples of the current split, hardest first.
    pub selected: Vec<usize>,
}

/// Positions of an ensemble's examples on the map.
#[derive(Clone, Debug)]
pub struct MapPoints {
    /// Validation and training depth, `[examples]`.
    pub points: Vec<[f64; 2]>,
    /// The cuts between the kinds of difficulty, if there are any, with the number of examples of each kind.
    pub kinds: Option<(Cuts, [usize; 4])>,
}

impl Derived {
    /// Recomputes the values that depend on the change.
    pub fn update(&mut self, opened: &Opened, view: View, change: Change) {
        let study = &opened.shown;
        let figures = Change::STUDY | Change::FIGURES;
        if change.touches(figures) {
            self.depths = study.measured.depths();
            self.summaries = study.summary().splits().map(|(split, summary)| (split, summary.clone())).collect();
            self.warnings = study.warnings();
        }
        if change.touches(Change::STUDY) {
            self.map = MapPoints::new(study); // no measurement changes the columns of an ensemble
        }
        if change.touches(figures | Change::COLUMNS) {
            self.columns = view.columns(study);
        }
        if change.touches(figures | Change::SELECTION) {
            self.mask = view.picked.mask(study);
            self.selected = view.selected(study, &self.mask);
        }
    }

    /// Returns the splits that have examples, with their statistics.
    pub fn splits(&self) -> impl Iterator<Item = (Split, &SplitSummary)> + Clone {
        self.summaries.iter().map(|(split, summary)| (*split, summary))
    }

    /// Returns the statistics of a split; `None` if it has no examples.
    pub fn summary(&self, split: Split) -> Option<&SplitSummary> {
        self.splits().find(|(other, _)| *other == split).map(|(_, summary)| summary)
    }

    /// Returns the number of examples of a split.
    pub fn examples_of(&self, split: Split) -> usize {
        self.summary(split).map_or(0, |summary| summary.examples)
    }
}

impl MapPoints {
    fn new(study: &Study) -> Option<Self> {
        let count = |kind: Kind| {
            let mask = Selection { kind: Some(kind), ..Selection::default() }.mask(study);
            mask.into_iter().filter(|&chosen| chosen).count()
        };
        let kinds = study.cuts().map(|cuts| (cuts, Kind::ALL.map(count)));
        Some(Self { points: study.both_depths()?, kinds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Opened {
        let bytes = include_bytes!("../../../core/assets/study.safetensors.gz");
        Opened::new("embedded", Study::from_bytes(bytes).expect("the embedded study"))
    }

    fn lists(derived: &Derived) -> [&Vec<usize>; 3] {
        [&derived.depths, &derived.columns, &derived.selected]
    }

    #[test]
    fn each_change_brings_what_follows_from_it_up_to_date() {
        let opened = opened();
        let mut derived = Derived::default();
        derived.update(&opened, View::default(), Change::STUDY);
        assert_eq!(derived.depths, opened.shown.measured.depths());
        assert_eq!(derived.splits().map(|(_, summary)| summary.examples).sum::<usize>(), opened.shown.labels.len());
        assert_eq!(derived.selected.len(), derived.examples_of(Split::Train));
        assert!(derived.warnings.is_empty(), "{:?}", derived.warnings);

        let picked = Selection { depths: Some([3, 7]), ..Selection::default() };
        let view = View { split: Split::Test, picked, ..View::default() };
        let stale = derived.clone();
        derived.update(&opened, view, Change::EXAMPLE);
        assert!(lists(&derived) == lists(&stale), "an example changes nothing that is listed");
        derived.update(&opened, view, Change::COLUMNS | Change::SELECTION);
        assert_eq!(derived.columns.len(), derived.examples_of(Split::Test));
        assert!(!derived.selected.is_empty() && derived.selected.iter().all(|&example| derived.depths[example] >= 3));

        let mut fresh = Derived::default();
        fresh.update(&opened, view, Change::STUDY);
        assert!(lists(&derived) == lists(&fresh), "the order of changes leaves no trace");
    }
}
