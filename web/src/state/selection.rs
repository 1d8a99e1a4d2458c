//! The selected examples: one selection for all views.

use prediction_depth::Class;
use prediction_depth::difficulty::Kind;
use prediction_depth::plot::{Map, WIDTH};
use prediction_depth::study::Study;

/// Conditions for the selected examples, all of which must hold; `None` is no condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// First and last depth.
    pub depths: Option<[usize; 2]>,
    /// Given label.
    pub class: Option<Class>,
    /// Kind of difficulty.
    pub kind: Option<Kind>,
    /// First and last cell of the map of validation and training depth: columns, then rows.
    pub map: Option<[usize; 4]>,
}

impl Selection {
    /// Returns whether every example is selected.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether each example is selected, `[examples]`.
    pub fn mask(&self, study: &Study) -> Vec<bool> {
        let depths = study.measured.depths();
        let kinds = self.kind.map(|kind| (Some(kind), study.kinds().unwrap_or_default()));
        let cells = self.map.map(|area| (area, cells(study)));
        let within = |[first, last]: [usize; 2], place: usize| (first..=last).contains(&place);
        (0..study.labels.len())
            .map(|example| {
                self.depths.is_none_or(|range| within(range, depths[example]))
                    && self.class.is_none_or(|class| study.given_labels[example] == class)
                    && kinds.as_ref().is_none_or(|(kind, kinds)| kinds.get(example) == Some(kind))
                    && cells.as_ref().is_none_or(|([left, right, low, high], cells)| {
                        cells[example]
                            .is_some_and(|[across, up]| within([*left, *right], across) && within([*low, *high], up))
                    })
            })
            .collect()
    }

    /// Reads a part of a URL; ignores unknown parts.
    pub fn read(&mut self, key: &str, value: &str) {
        match key {
            "depth" => {
                let mut ends = value.splitn(2, '-').map(|end| end.parse().ok());
                let first = ends.next().flatten();
                let last = ends.next().unwrap_or(first);
                self.depths = first.zip(last).map(|(first, last)| [first, last]);
            }
            "class" => self.class = value.parse().ok(),
            "kind" => self.kind = Kind::ALL.into_iter().find(|&kind| in_address(kind) == value),
            "map" => {
                let ends: Vec<usize> = value.split(',').filter_map(|end| end.parse().ok()).collect();
                self.map = ends.try_into().ok();
            }
            _ => {}
        }
    }

    /// Returns the parts of a URL for this selection.
    pub fn parts(&self) -> Vec<String> {
        let depths = self.depths.map(|[first, last]| match first == last {
            true => format!("depth={first}"),
            false => format!("depth={first}-{last}"),
        });
        let class = self.class.map(|class| format!("class={class}"));
        let kind = self.kind.map(|kind| format!("kind={}", in_address(kind)));
        let map = self.map.map(|[left, right, low, high]| format!("map={left},{right},{low},{high}"));
        [depths, class, kind, map].into_iter().flatten().collect()
    }

    /// Returns the selection without conditions that do not apply to this study.
    pub fn within(self, study: &Study) -> Self {
        Self {
            depths: self.depths.filter(|[first, last]| first <= last && *last <= study.layers.len()),
            class: self.class.filter(|&class| (class as usize) < study.classes.len() && study.has_labels()),
            kind: self.kind.filter(|_| study.kinds().is_some()),
            map: self.map.filter(|_| study.both_depths().is_some()),
        }
    }
}

/// Returns each example's cell on the map, `[examples]`, column and row.
fn cells(study: &Study) -> Vec<Option<[usize; 2]>> {
    let map = Map::new(WIDTH, study.layers.len());
    let Some(points) = study.both_depths() else { return vec![None; study.labels.len()] };
    let cell = |[across, up]: [f64; 2]| Some([map.cell_of(across)?, map.cell_of(up)?]);
    points.into_iter().map(cell).collect()
}

/// Returns the name of a kind in URLs.
fn in_address(kind: Kind) -> String {
    kind.name().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use prediction_depth::ensemble::Column;

    fn embedded() -> Study {
        let mut study =
            Study::from_bytes(include_bytes!("../../../core/assets/study.safetensors.gz")).expect("the study");
        let count = study.labels.len();
        let column =
            |name: &str, of: fn(usize) -> f32| Column { name: name.into(), values: (0..count).map(of).collect() };
        study.ensemble = vec![
            column("depth_train", |example| (example % 8) as f32),
            column("depth_validation", |example| if example % 5 == 0 { f32::NAN } else { (example % 7) as f32 }),
            column("kind", |example| if example % 5 == 0 { f32::NAN } else { (example % 4) as f32 }),
        ];
        study
    }

    #[test]
    fn all_conditions_hold_at_once() {
        let study = embedded();
        let depths = study.measured.depths();
        let kind = Some(Kind::LooksLikeADifferentClass);
        let picked = Selection { depths: Some([1, 4]), class: Some(2), kind, map: Some([0, 6, 4, 14]) };
        let mask = picked.mask(&study);
        assert!(mask.contains(&true));
        for (example, chosen) in mask.into_iter().enumerate() {
            let right = (1..=4).contains(&depths[example])
                && study.given_labels[example] == 2
                && example % 5 != 0
                && example % 4 == 1
                && example % 7 <= 3
                && example % 8 >= 2;
            assert_eq!(chosen, right, "{example}");
        }
        assert!(Selection::default().mask(&study).into_iter().all(|chosen| chosen));
    }

    #[test]
    fn what_a_study_does_not_have_is_dropped() {
        let mut study = embedded();
        let (kind, map) = (Some(Kind::Easy), Some([0, 1, 2, 3]));
        let wrong = Selection { depths: Some([3, 99]), class: Some(10), kind, map };
        assert_eq!(wrong.within(&study), Selection { kind, map, ..Selection::default() });
        study.ensemble.clear();
        assert!(wrong.within(&study).is_all());
    }

    #[test]
    fn ranges_come_back_from_addresses() {
        let mut picked = Selection::default();
        for (key, value) in [("depth", "2-5"), ("class", "x"), ("kind", "ambiguous-unless-labelled"), ("map", "1,2,3")]
        {
            picked.read(key, value);
        }
        let kind = Some(Kind::AmbiguousUnlessLabelled);
        assert_eq!(picked, Selection { depths: Some([2, 5]), kind, ..Selection::default() });
        assert_eq!(picked.parts(), ["depth=2-5", "kind=ambiguous-unless-labelled"]);
        picked.read("kind", "hard");
        assert_eq!(picked.kind, None);
    }
}
