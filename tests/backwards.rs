//! Tests of depths alone: they equal those of all probes, with the amount of work that is claimed.

use std::cell::Cell;

use pollster::block_on;
use prediction_depth::UNPROBED;
use prediction_depth::depth::PredictionDepth;
use prediction_depth::measurement::{Probing, Work, measure, measure_depths, measure_with_neighbors};
use prediction_depth::probe::Ties;
use prediction_depth::representations::Recorded;
use prediction_depth::search::{Cpu, Exclude, NeighborSearch, Neighbors, Query};
use prediction_depth::{Class, Matrix, Progress, Result, Rows};
use prediction_depth_tests::{devices, integers};

const LAYERS: usize = 4;
const CLASSES: u32 = 3;

/// A layer whose dimension grows with the index. Values are few, so that votes and distances tie.
fn layer(index: usize, rows: usize, seed: u64) -> Matrix {
    integers(rows, 1 + index, 100 * seed + index as u64)
}

fn recorded(rows: usize, seed: u64, predictions: Vec<Class>) -> Recorded {
    let names = (0..LAYERS).map(|layer| format!("layer{layer}")).collect();
    Recorded::new(names, (0..LAYERS).map(|index| layer(index, rows, seed)).collect(), predictions).expect("they fit")
}

/// Splits in which some examples settle at each layer, and some nowhere.
struct Made {
    splits: Vec<Recorded>,
    labels: Vec<Class>,
}

impl Made {
    /// `settled(example)` is the layer whose probe provides the network's prediction; `None`: no probe predicts it.
    fn new(probing: Probing, settled: impl Fn(usize) -> Option<usize>) -> Self {
        let sizes = [90, 40, 7];
        let labels: Vec<Class> = (0..sizes[0]).map(|example| (example * example / 7) as u32 % CLASSES).collect();
        let blank = |split: usize| recorded(sizes[split], split as u64, vec![0; sizes[split]]);
        let blank = Self { splits: (0..sizes.len()).map(blank).collect(), labels: labels.clone() };
        let probes = blank.measured(probing, &Cpu::default());
        let prediction = |split: usize, example: usize| {
            settled(example).map_or(CLASSES, |layer| probes[split].probes[layer][example])
        };
        let splits = sizes.iter().enumerate().map(|(split, &size)| {
            recorded(size, split as u64, (0..size).map(|example| prediction(split, example)).collect())
        });
        Self { splits: splits.collect(), labels }
    }

    fn held_out(&self) -> Vec<&Recorded> {
        self.splits[1..].iter().collect()
    }

    fn measured(&self, probing: Probing, search: &impl NeighborSearch) -> Vec<PredictionDepth> {
        block_on(measure(&self.splits[0], &self.labels, &self.held_out(), probing, search, &())).expect("all probes")
    }

    fn depths(&self, probing: Probing, search: &impl NeighborSearch) -> (Vec<PredictionDepth>, Work) {
        let (training, held_out) = (&self.splits[0], self.held_out());
        block_on(measure_depths(training, &self.labels, &held_out, probing, search, &())).expect("depths")
    }
}

/// Checks that the probes needed for the depth equal those of all probes, and that no other was evaluated.
fn same_depths(whole: &PredictionDepth, only: &PredictionDepth) -> std::result::Result<(), String> {
    let depths = whole.depths();
    if depths != only.depths() || whole.predictions != only.predictions {
        return Err(format!("depths {:?} and {depths:?}", only.depths()));
    }
    for (example, depth) in depths.into_iter().enumerate() {
        for layer in 0..whole.probes.len() {
            let needed = layer + 1 >= depth;
            let expected =
                if needed { (whole.probes[layer][example], whole.tied[layer][example]) } else { (UNPROBED, false) };
            let found = (only.probes[layer][example], only.tied[layer][example]);
            if expected != found {
                return Err(format!("example {example}, layer {layer}: {found:?} instead of {expected:?}"));
            }
        }
    }
    Ok(())
}

/// Returns every way to vote: both rules for ties, and neighbours with and without the example itself.
fn ways() -> impl Iterator<Item = Probing> {
    let ties = [Ties::Lowest, Ties::Nearest];
    let ways = ties.into_iter().flat_map(|ties| [1, 4, 30].map(|k| (ties, k)));
    ways.flat_map(|(ties, k)| [false, true].map(|include_self| Probing { k, ties, include_self, ..Probing::default() }))
}

/// The predictions follow the layers in turn; every eleventh is predicted by no probe.
fn mixed(example: usize) -> Option<usize> {
    (!example.is_multiple_of(11)).then_some(example % LAYERS)
}

#[test]
fn depths_are_those_of_all_probes() {
    for device in devices() {
        for probing in ways() {
            let made = Made::new(probing, mixed);
            let (whole, (only, _)) = (made.measured(probing, &device.device), made.depths(probing, &device.device));
            assert_eq!((whole.len(), only.len()), (3, 3));
            for (split, (whole, only)) in whole.iter().zip(&only).enumerate() {
                same_depths(whole, only).unwrap_or_else(|problem| panic!("{probing:?}, split {split}: {problem}"));
                assert!(whole.is_whole() && !only.is_whole());
            }
            let seen: std::collections::BTreeSet<usize> = whole[0].depths().into_iter().collect();
            assert_eq!(seen.len(), LAYERS + 1, "every depth occurs");
        }
    }
}

#[test]
fn the_comparator_tells_a_depth_a_probe_and_a_tie() {
    let probing = Probing { k: 4, ..Probing::default() };
    let made = Made::new(probing, mixed);
    let (whole, (only, _)) = (made.measured(probing, &Cpu::default()), made.depths(probing, &Cpu::default()));
    let altered = |alter: fn(&mut PredictionDepth)| {
        let mut other = only[0].clone();
        alter(&mut other);
        same_depths(&whole[0], &other)
    };
    assert!(altered(|_| ()).is_ok());
    assert!(altered(|depth| depth.probes[LAYERS - 1][1] = CLASSES + 1).is_err(), "another depth");
    assert!(altered(|depth| depth.probes[0].fill(UNPROBED)).is_err(), "a probe that is missing");
    assert!(altered(|depth| depth.tied[LAYERS - 1].iter_mut().for_each(|tied| *tied = !*tied)).is_err(), "ties");
}

#[test]
fn hearing_the_voters_changes_nothing() {
    let probing = Probing { k: 4, ..Probing::default() };
    let made = Made::new(probing, mixed);
    let mut heard = Vec::new();
    let on_neighbors = |split: usize, layer: usize, found: Neighbors| heard.push((split, layer, found.indices.len()));
    let (training, held_out) = (&made.splits[0], made.held_out());
    let told = block_on(measure_with_neighbors(
        training,
        &made.labels,
        &held_out,
        probing,
        &Cpu::default(),
        &(),
        on_neighbors,
    ));
    assert!(told.expect("all probes") == made.measured(probing, &Cpu::default()));
    assert_eq!(heard.len(), 3 * LAYERS);
    assert_eq!((heard[0], heard[4]), ((0, 0, 90 * 4), (1, 1, 40 * 4)));
}

/// Counts the requests, and passes them to the CPU.
#[derive(Default)]
struct Counting {
    searches: Cell<usize>,
    multiply_adds: Cell<u64>,
}

impl NeighborSearch for Counting {
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors> {
        let [rows, dims] = query.support.shape();
        let asked = query.queries.shape()[0];
        let pairs = match query.exclude {
            Exclude::Nothing => asked * rows,
            Exclude::Itself => rows * (rows - 1) / 2,
            Exclude::Rows(_) => asked * (rows - 1),
        };
        self.searches.set(self.searches.get() + 1);
        self.multiply_adds.set(self.multiply_adds.get() + (pairs * dims) as u64);
        Cpu::default().search(query, progress).await
    }
}

#[test]
fn the_work_is_what_the_search_was_asked() {
    for probing in ways() {
        let made = Made::new(probing, mixed);
        let (all, some) = (Counting::default(), Counting::default());
        made.measured(probing, &all);
        let (depths, work) = made.depths(probing, &some);
        assert_eq!(work.multiply_adds_of_all, all.multiply_adds.get());
        assert_eq!(work.multiply_adds, some.multiply_adds.get());
        assert!(work.share() < 1.0);
        let probes = depths.iter().flat_map(|depth| depth.probes.iter().flatten());
        assert_eq!(work.probes_of_all, probes.clone().count() as u64);
        assert_eq!(work.probes, probes.filter(|&&probe| probe != UNPROBED).count() as u64);
    }
}

#[test]
fn nobody_is_asked_after_all_have_left() {
    let probing = Probing { k: 4, ..Probing::default() };
    let made = Made::new(probing, |_| None);
    let counting = Counting::default();
    let (depths, work) = made.depths(probing, &counting);
    assert_eq!(counting.searches.get(), 3, "the last layer of each split");
    assert!(depths.iter().all(|split| split.depths().iter().all(|&depth| depth == LAYERS)));
    assert_eq!(work.probes * LAYERS as u64, work.probes_of_all);
}
