//! Which examples are selected: one selection for all views.

use prediction_depth::Class;
use prediction_depth::difficulty::Kind;
use prediction_depth::plot::{Map, WIDTH};
use prediction_depth::study::Study;

/// Conditions that hold all at once; none is no condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// The first and the last depth.
    pub depths: Option<[usize; 2]>,
    /// The given label.
    pub class: Option<Class>,
    /// The first and the last cell of the map of validation and training depth, across, then up.
    pub map: Option<[usize; 4]>,
}

impl Picked {
    /// Whether every example is selected.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether each example is selected, `[examples]`.
    pub fn mask(&self, study: &Study) -> Vec<bool> {
        let depths = study.measured.depths();
        let cells = self.map.map(|area| (area, cells(study)));
        let within = |[first, last]: [usize; 2], place: usize| (first..=last).contains(&place);
        (0..study.labels.len())
            .map(|example| {
                self.depths.is_none_or(|range| within(range, depths[example]))
                    && self.class.is_none_or(|class| study.given_labels[example] == class)
                    && cells.as_ref().is_none_or(|([left, right, low, high], cells)| {
                        cells[example]
                            .is_some_and(|[across, up]| within([*left, *right], across) && within([*low, *high], up))
                    })
            })
            .collect()
    }

    /// Takes over what a part of an address says; what nobody knows is ignored.
    pub fn read(&mut self, key: &str, value: &str) {
        match key {
            "depth" => {
                let mut ends = value.splitn(2, '-').map(|end| end.parse().ok());
                let first = ends.next().flatten();
                let last = ends.next().unwrap_or(first);
                self.depths = first.zip(last).map(|(first, last)| [first, last]);
            }
            "class" => self.class = value.parse().ok(),
            "map" => {
                let ends: Vec<usize> = value.split(',').filter_map(|end| end.parse().ok()).collect();
                self.map = ends.try_into().ok();
            }
            _ => {}
        }
    }

    /// The parts of an address that say it.
    pub fn parts(&self) -> Vec<String> {
        let depths = self.depths.map(|[first, last]| match first == last {
            true => format!("depth={first}"),
            false => format!("depth={first}-{last}"),
        });
        let class = self.class.map(|class| format!("class={class}"));
        let map = self.map.map(|[left, right, low, high]| format!("map={left},{right},{low},{high}"));
        [depths, class, map].into_iter().flatten().collect()
    }

    /// The same, without what this study does not have.
    pub fn within(self, study: &Study) -> Self {
        Self {
            depths: self.depths.filter(|[first, last]| first <= last && *last <= study.layers.len()),
            class: self.class.filter(|&class| (class as usize) < study.classes.len()),
            map: self.map.filter(|_| both_depths(study).is_some()),
        }
    }
}

/// The mean validation and training depths of the examples, where the study has them.
pub fn both_depths(study: &Study) -> Option<Vec<[f64; 2]>> {
    let (validation, training) = (study.column("depth_validation")?, study.column("depth_train")?);
    Some(validation.iter().zip(training).map(|(&across, &up)| [f64::from(across), f64::from(up)]).collect())
}

/// Where on the map each example is, `[examples]`, across and up.
fn cells(study: &Study) -> Vec<Option<[usize; 2]>> {
    let map = Map::new(WIDTH, study.layers.len());
    let Some(points) = both_depths(study) else { return vec![None; study.labels.len()] };
    let cell = |[across, up]: [f64; 2]| Some([map.cell_of(across)?, map.cell_of(up)?]);
    points.into_iter().map(cell).collect()
}

/// The corner of the map in which each example is, `[examples]`, as a number of [`Kind`]; last those that have no place.
pub fn kinds(study: &Study) -> Option<Vec<usize>> {
    both_depths(study)?;
    let half = Map::new(WIDTH, study.layers.len()).cells.div_ceil(2);
    let kind = |cell: Option<[usize; 2]>| {
        cell.map_or(Kind::ALL.len(), |place| Kind::of_corner(place.map(|at| at >= half)) as usize)
    };
    Some(cells(study).into_iter().map(kind).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use prediction_depth::study::Column;

    fn embedded() -> Study {
        let mut study = Study::from_bytes(include_bytes!("../../core/assets/study.safetensors.gz")).expect("the study");
        let count = study.labels.len();
        let column =
            |name: &str, of: fn(usize) -> f32| Column { name: name.into(), values: (0..count).map(of).collect() };
        study.ensemble = vec![
            column("depth_train", |example| (example % 8) as f32),
            column("depth_validation", |example| if example % 5 == 0 { f32::NAN } else { (example % 7) as f32 }),
        ];
        study
    }

    #[test]
    fn all_conditions_hold_at_once() {
        let study = embedded();
        let depths = study.measured.depths();
        let picked = Picked { depths: Some([1, 4]), class: Some(2), map: Some([0, 6, 4, 14]) };
        let mask = picked.mask(&study);
        assert!(mask.contains(&true));
        for (example, chosen) in mask.into_iter().enumerate() {
            let right = (1..=4).contains(&depths[example])
                && study.given_labels[example] == 2
                && example % 5 != 0
                && example % 7 <= 3
                && example % 8 >= 2;
            assert_eq!(chosen, right, "{example}");
        }
        assert!(Picked::default().mask(&study).into_iter().all(|chosen| chosen));
    }

    #[test]
    fn what_a_study_does_not_have_is_dropped() {
        let mut study = embedded();
        let wrong = Picked { depths: Some([3, 99]), class: Some(10), map: Some([0, 1, 2, 3]) };
        assert_eq!(wrong.within(&study), Picked { map: wrong.map, ..Picked::default() });
        study.ensemble.clear();
        assert!(wrong.within(&study).is_all());
    }

    #[test]
    fn kinds_are_the_corners_of_the_map() {
        let mut study = embedded();
        let kinds = kinds(&study).expect("both depths");
        for (example, kind) in kinds.into_iter().enumerate() {
            // 7 layers: 15 cells of half a depth, of which those from depth 4 on are high.
            let corner = 2 * usize::from(example % 7 >= 4) + usize::from(example % 8 >= 4);
            assert_eq!(kind, if example % 5 == 0 { 4 } else { corner }, "{example}");
        }
        study.ensemble.clear();
        assert!(super::kinds(&study).is_none());
    }

    #[test]
    fn ranges_come_back_from_addresses() {
        let mut picked = Picked::default();
        for (key, value) in [("depth", "2-5"), ("class", "x"), ("map", "1,2,3")] {
            picked.read(key, value);
        }
        assert_eq!(picked, Picked { depths: Some([2, 5]), ..Picked::default() });
        assert_eq!(picked.parts(), ["depth=2-5"]);
    }
}
