//! Votes that a search answers before it knows all neighbours: those of the whole neighbours, on every device.

use std::sync::atomic::{AtomicUsize, Ordering};

use pollster::block_on;
use prediction_depth::metric::Metric;
use prediction_depth::probe::{KnnProbe, Ties, majority};
use prediction_depth::search::{Cpu, Exclude, Gpu, GpuSetup, NeighborSearch, Query, Reduction, SearchDevice, Storage};
use prediction_depth::{Class, Matrix, Rows};
use prediction_depth_tests::{Named, devices, integers, matrix, neighbors, normals};

const K: usize = 30;
const CLASSES: usize = 4;

/// The devices as they come, and an adapter with little memory and rounded rows.
fn all() -> Vec<Named> {
    let mut all = devices();
    for storage in [Storage::F32, Storage::F16] {
        let setup = GpuSetup { storage, buffer_bytes: 1 << 17, dispatch: Some(1 << 20), ..GpuSetup::default() };
        let gpu = block_on(Gpu::open_with(setup)).expect("an adapter: `tests/run --setup` installs a software one");
        all.push(Named { device: SearchDevice::Gpu(Box::new(gpu)), name: format!("small buffers, {storage:?}") });
    }
    all
}

/// Rows of noise, rows with many ties, and rows that no filter tells apart.
fn cases() -> [(&'static str, Matrix); 3] {
    [("noise", normals(700, 24, 1)), ("ties", integers(700, 2, 2)), ("equal", matrix(600, 3, 3, |_| 0.25))]
}

fn labels(rows: &Matrix) -> Vec<Class> {
    (0..rows.shape()[0]).map(|row| ((row * 7 + row / 11) % CLASSES) as Class).collect()
}

fn queries(rows: &Matrix) -> [(&'static str, Query<'_, Matrix, Matrix>); 2] {
    [("leave-one-out", Query::leave_one_out(rows, K)), ("with itself", Query::new(rows, rows, K))]
}

#[test]
fn votes_are_those_of_all_neighbors_on_every_device() {
    let devices = all();
    for (what, rows) in cases() {
        let labels = labels(&rows);
        for (how, query) in queries(&rows) {
            let found = neighbors(&rows, &rows, K, query.exclude);
            for ties in [Ties::Lowest, Ties::Nearest] {
                let voters = found.indices.chunks_exact(K);
                let votes = voters.map(|near| near.iter().map(|&row| labels[row as usize]).collect::<Vec<_>>());
                let expected: Vec<(Class, bool)> = votes.map(|votes| majority(&votes, ties)).collect();
                let probe = KnnProbe { support: &rows, labels: &labels, k: K, ties, metric: Metric::Euclidean };
                for Named { device, name } in &devices {
                    let answers = block_on(probe.classify(&rows, query.exclude, device, &())).expect("finite rows");
                    let answers: Vec<_> = answers.iter().map(|vote| (vote.class, vote.tied)).collect();
                    assert_eq!(answers, expected, "{what}, {how}, {name}");
                }
            }
        }
    }
}

/// Says what it was told, and counts how often that was before all neighbours were known.
#[derive(Default)]
struct Told {
    early: AtomicUsize,
}

impl Reduction for Told {
    /// The certain and the possible rows.
    type Answer = (Vec<u32>, Vec<u32>);

    fn answer(&self, nearest: &[u32]) -> Self::Answer {
        (nearest.to_vec(), Vec::new())
    }

    fn decide_early(&self, certain: &[u32], possible: &[u32], _k: usize) -> Option<Self::Answer> {
        self.early.fetch_add(1, Ordering::Relaxed);
        Some((certain.to_vec(), possible.to_vec()))
    }
}

#[test]
fn certain_rows_are_among_the_nearest_and_the_others_are_possible() {
    for (what, rows) in &cases()[..2] {
        for (how, query) in queries(rows) {
            let expected = neighbors(rows, rows, K, query.exclude);
            for Named { device, name } in all() {
                let told = Told::default();
                let answers = block_on(device.search_reduce(query, &told, &())).expect("finite rows");
                assert_eq!(answers.len(), rows.shape()[0], "{what}, {how}, {name}");
                for (query, (certain, possible)) in answers.iter().enumerate() {
                    let nearest = expected.of(query);
                    assert!(certain.iter().all(|row| nearest.contains(row)), "{what}, {how}, {name}, query {query}");
                    let known = |row: &u32| certain.contains(row) || possible.contains(row);
                    assert!(nearest.iter().all(known), "{what}, {how}, {name}, query {query}");
                }
                let early = told.early.into_inner();
                assert!(early > 0 || *what != "noise", "{how}, {name}: no query was asked early");
            }
        }
    }
}

/// Takes the first row that it is told for the nearest, in whatever order they come.
struct Careless;

impl Reduction for Careless {
    type Answer = u32;

    fn answer(&self, nearest: &[u32]) -> u32 {
        nearest[0]
    }

    fn decide_early(&self, certain: &[u32], possible: &[u32], _k: usize) -> Option<u32> {
        certain.iter().chain(possible).copied().max()
    }
}

/// The comparisons of this file can fail: a reduction that decides what is not decided is caught on every device.
#[test]
fn an_answer_that_comes_too_early_is_wrong() {
    let rows = normals(700, 24, 1);
    let query = Query::leave_one_out(&rows, K);
    let found = neighbors(&rows, &rows, K, Exclude::Itself);
    let nearest: Vec<u32> = found.indices.chunks_exact(K).map(|near| near[0]).collect();
    for Named { device, name } in all() {
        let answers = block_on(device.search_reduce(query, &Careless, &())).expect("finite rows");
        assert_ne!(answers, nearest, "{name}");
    }
    let whole = block_on(Cpu::default().search(query, &())).expect("finite rows");
    assert_eq!(whole.indices.chunks_exact(K).map(|near| near[0]).collect::<Vec<_>>(), nearest);
}
