//! Tests of the search on a GPU in every configuration: the results equal the reference to the bit. `search.rs` tests
//! all devices in their default configuration; here, buffers are tiny, tiles wide, and rows in half precision.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;

use pollster::block_on;
use prediction_depth::search::{Exclude, Gpu, GpuSetup, NeighborSearch, Neighbors, Query, Storage};
use prediction_depth::{Error, Matrix, Progress, Result, Rows};
use prediction_depth_tests::{integers, matrix, neighbors, normals, same_neighbors, within_band};
use rand::RngExt;

struct Used {
    name: &'static str,
    setup: GpuSetup,
    gpu: Gpu,
}

/// Returns an adapter for each configuration, shared by all tests, so that searches also run concurrently.
fn all() -> &'static [Used] {
    static ALL: OnceLock<Vec<Used>> = OnceLock::new();
    ALL.get_or_init(|| {
        let usual = GpuSetup { buffer_bytes: 128 << 20, ..GpuSetup::default() };
        let halves = GpuSetup { storage: Storage::F16, ..usual };
        let used = |name, setup| {
            let gpu = block_on(Gpu::open_with(setup)).expect("an adapter: `tests/run --setup` installs a software one");
            println!("tested on {}, {name}", gpu.adapter().name);
            Used { name, setup, gpu }
        };
        vec![
            used("as it comes, under WebGPU's default limits", usual),
            used("tiny buffers", GpuSetup { buffer_bytes: 1 << 16, dispatch: Some(1 << 16), ..usual }),
            used("wide tiles", GpuSetup { wide_from: 0, ..usual }),
            used("half precision", halves),
            used(
                "half precision, wide tiles, small buffers",
                GpuSetup { buffer_bytes: 1 << 17, dispatch: Some(1 << 20), wide_from: 0, ..halves },
            ),
        ]
    })
}

fn agree_with(expected: &Neighbors, what: &str, support: &impl Rows, queries: &impl Rows, exclude: Exclude) {
    for Used { name, gpu, .. } in all() {
        let found = block_on(gpu.search(Query { support, queries, k: expected.k, exclude }, &()))
            .unwrap_or_else(|error| panic!("{what}, {name}: {error}"));
        same_neighbors(expected, &found).unwrap_or_else(|error| panic!("{what}, {name}: {error}"));
    }
}

/// Checks that the neighbours equal the reference in every configuration.
fn agree(what: &str, support: &Matrix, queries: &Matrix, k: usize, exclude: Exclude) {
    agree_with(&neighbors(support, queries, k, exclude), what, support, queries, exclude);
}

/// Returns the number of queries that the filter could not answer.
fn given_up(gpu: &Gpu, rows: &Matrix, k: usize, exclude: Exclude) -> usize {
    let kept = block_on(gpu.unrescored(Query { support: rows, queries: rows, k, exclude })).expect("finite rows");
    kept.iter().filter(|kept| kept.is_empty()).count()
}

/// Returns rows of ten well-separated classes, sorted by class.
fn sorted_by_class(rows: usize, dims: usize) -> Matrix {
    let noise = normals(rows, dims, 1);
    let centres = normals(10, dims, 2);
    let value = |i: usize| 4.0 * centres.row(i / dims * 10 / rows)[i % dims] + 0.3 * noise.values()[i];
    Matrix::new((0..rows * dims).map(value).collect(), rows, dims).expect("the same size")
}

/// Rows that are not in memory.
struct Elsewhere<'a>(&'a Matrix);

impl Rows for Elsewhere<'_> {
    fn shape(&self) -> [usize; 2] {
        self.0.shape()
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        self.0.block(rows).await
    }
}

#[test]
fn rings_of_every_length() {
    for rows in [2, 63, 64, 65, 129, 191, 256, 700] {
        let support = integers(rows, 9, rows as u64);
        agree("ring of integers", &support, &support, 30.min(rows - 1), Exclude::Itself);
    }
    let support = normals(330, 40, 3);
    agree("ring of reals", &support, &support, 30, Exclude::Itself);
}

#[test]
fn other_queries_than_the_support() {
    for (rows, queries) in [(31, 1), (300, 64), (900, 130)] {
        agree("integers", &integers(rows, 9, 4), &integers(queries, 9, 5), 30, Exclude::Nothing);
        agree("reals", &normals(rows, 40, 6), &normals(queries, 40, 7), 30, Exclude::Nothing);
    }
    let support = normals(400, 12, 8);
    agree("each its own neighbour", &support, &support, 30, Exclude::Nothing);
}

#[test]
fn rows_left_out_by_name() {
    let support = integers(500, 9, 9);
    let whole = neighbors(&support, &support, 30, Exclude::Itself);
    let left_out = [499, 0, 63, 64, 64, 257];
    let queries = support.select(&left_out.map(|row| row as usize));
    let pick = |values: &mut dyn FnMut(usize)| left_out.iter().for_each(|&row| values(row as usize));
    let mut expected = Neighbors { k: 30, indices: vec![], distances: vec![] };
    pick(&mut |row| expected.indices.extend(whole.of(row)));
    pick(&mut |row| expected.distances.extend(whole.distances_of(row)));
    agree_with(&expected, "rows left out", &support, &queries, Exclude::Rows(&left_out.map(Some)));
    // Without the exclusion the result differs: each query is its own nearest neighbour.
    let found = block_on(all()[0].gpu.search(Query::new(&support, &queries, 30), &())).expect("finite rows");
    assert!(same_neighbors(&expected, &found).is_err());
}

#[test]
fn rows_sorted_by_class_are_not_given_up() {
    let rows = sorted_by_class(1100, 16);
    agree("sorted by class", &rows, &rows, 30, Exclude::Itself);
    agree("sorted by class, no ring", &rows, &rows, 30, Exclude::Nothing);
    for exclude in [Exclude::Itself, Exclude::Nothing] {
        assert_eq!(given_up(&all()[0].gpu, &rows, 30, exclude), 0);
    }
}

#[test]
fn crowds_and_duplicates() {
    let softmax = matrix(700, 10, 10, |rng| {
        if rng.random::<f32>() < 0.1 { 1.0 - rng.random::<f32>() * 1e-6 } else { rng.random::<f32>() * 1e-7 }
    });
    agree("softmax", &softmax, &softmax, 30, Exclude::Itself);
    let same = matrix(600, 3, 11, |_| 0.25);
    agree("all rows equal", &same, &same, 30, Exclude::Itself);
    // More candidates than a query can hold: the CPU answered. This also shows that `given_up` can count.
    assert_eq!(given_up(&all()[0].gpu, &same, 30, Exclude::Itself), 600);
    let few = matrix(1100, 2, 12, |rng| f32::from(rng.random_range(0_i8..2)));
    agree("four different rows", &few, &few.select(&[0, 5, 9]), 30, Exclude::Nothing);
}

#[test]
fn every_number_of_neighbors() {
    let support = normals(460, 6, 13);
    for k in [1, 30, 128, 129, 384, 385, 459] {
        agree("k", &support, &support, k, Exclude::Itself);
        agree("k, no ring", &support, &support.select(&[0, 77, 459]), k, Exclude::Nothing);
    }
}

#[test]
fn rows_of_many_chunks() {
    // A row of 70,000 dims does not fit the small buffers: the CPU answers.
    for (rows, dims) in [(70, 1024), (70, 1040), (30, 2100), (12, 70_000)] {
        let support = normals(rows, dims, dims as u64);
        agree("wide rows", &support, &support, 5, Exclude::Itself);
        agree("wide rows, no ring", &support, &support.select(&[3, 7]), 5, Exclude::Nothing);
    }
}

#[test]
fn rows_that_are_not_in_memory() {
    let rows = sorted_by_class(700, 12);
    let expected = neighbors(&rows, &rows, 30, Exclude::Itself);
    agree_with(&expected, "elsewhere", &Elsewhere(&rows), &Elsewhere(&rows), Exclude::Itself);
    let expected = neighbors(&rows, &rows, 30, Exclude::Nothing);
    agree_with(&expected, "elsewhere, no ring", &Elsewhere(&rows), &Elsewhere(&rows), Exclude::Nothing);
}

#[test]
fn one_search_leaves_nothing_to_the_next() {
    let sizes = [(300, 20, 30), (40, 3, 5), (160, 1100, 150), (90, 40, 30), (33, 20, 1)];
    for (rows, dims, k) in sizes.into_iter().chain(sizes.into_iter().rev()) {
        let support = normals(rows, dims, 14);
        let queries = normals(7, dims, 15);
        agree("again, leave-one-out", &support, &support.clone(), k, Exclude::Itself);
        agree("again", &support, &queries, k, Exclude::Nothing);
    }
}

#[test]
fn the_kernels_alone() {
    for (dims, rows) in [(10, 200), (300, 200), (3000, 50)] {
        let rows = normals(rows, dims, dims as u64);
        for exclude in [Exclude::Itself, Exclude::Nothing] {
            let expected = neighbors(&rows, &rows, 30, exclude);
            for Used { name, setup, gpu } in all() {
                let found = block_on(gpu.unrescored(Query { support: &rows, queries: &rows, k: 30, exclude }))
                    .expect("finite rows");
                assert!(found.iter().all(|found| found.len() == 30), "{name}, {dims} dims");
                // A query may be its own neighbour at distance 0, for which a relative band has no width.
                let own = usize::from(exclude == Exclude::Nothing);
                let others = |n: &Neighbors| {
                    let rest = |values: &[f64]| values.chunks(30).flat_map(|row| row[own..].to_vec()).collect();
                    let indices = n.indices.chunks(30).flat_map(|row| row[own..].to_vec()).collect();
                    Neighbors { k: 30 - own, indices, distances: rest(&n.distances) }
                };
                let found: Vec<_> = found.iter().map(|found| found[own..].to_vec()).collect();
                let within = within_band(&others(&expected), &found, 6e-5);
                match setup.storage {
                    Storage::F32 => within.unwrap_or_else(|error| panic!("{name}, {dims} dims: {error}")),
                    // Half precision has errors; only rescoring makes the neighbours exact.
                    Storage::F16 => assert!(dims > 10 || within.is_err(), "{name}, {dims} dims"),
                }
            }
        }
    }
}

#[test]
fn the_kernels_alone_stay_within_the_band() {
    let gpu = block_on(Gpu::open()).expect("an adapter: `tests/run --setup` installs a software one");
    for (dims, seed) in [(10, 20), (257, 21), (3000, 22)] {
        let rows = normals(700, dims, seed);
        let expected = neighbors(&rows, &rows, 30, Exclude::Itself);
        let found = block_on(gpu.unrescored(Query::leave_one_out(&rows, 30))).expect("finite rows");
        within_band(&expected, &found, 6e-5).unwrap_or_else(|error| panic!("{dims} dims: {error}"));
    }
}

/// Records progress, and stops at the limit.
struct Heard {
    steps: RefCell<Vec<(usize, usize)>>,
    limit: usize,
}

impl Progress for Heard {
    async fn step(&self, done: usize, total: usize) -> Result<()> {
        self.steps.borrow_mut().push((done, total));
        if self.steps.borrow().len() < self.limit { Ok(()) } else { Err(Error::Cancelled) }
    }
}

#[test]
fn progress_rises_to_the_end_and_can_stop_the_search() {
    let rows = normals(300, 8, 19);
    let same = matrix(600, 3, 20, |_| 0.25);
    for Used { name, gpu, .. } in &all()[..2] {
        for (rows, exclude) in [(&rows, Exclude::Itself), (&rows, Exclude::Nothing), (&same, Exclude::Itself)] {
            let query = Query { support: rows, queries: rows, k: 30, exclude };
            let heard = Heard { steps: RefCell::default(), limit: usize::MAX };
            let whole = block_on(gpu.search(query, &heard)).expect("finite rows");
            let steps = heard.steps.into_inner();
            let all = rows.shape()[0];
            assert!(steps.iter().all(|&(done, total)| total == all && done <= all), "{name}: {steps:?}");
            assert!(steps.is_sorted() && steps.last() == Some(&(all, all)), "{name}: {steps:?}");
            let stopping = Heard { steps: RefCell::default(), limit: 1 };
            let stopped = block_on(gpu.search(query, &stopping));
            assert!(matches!(stopped, Err(Error::Cancelled)), "{name}");
            let again = block_on(gpu.search(query, &())).expect("finite rows");
            same_neighbors(&whole, &again).unwrap_or_else(|error| panic!("{name}, after a stop: {error}"));
        }
    }
}
