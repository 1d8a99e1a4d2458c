//! Tests of the search on the CPU: results do not depend on blocks, threads or instruction sets, and early answers are
//! correct.

use std::borrow::Cow;
use std::ops::Range;

use pollster::block_on;
use prediction_depth::metric::Metric;
use prediction_depth::probe::{KnnProbe, Ties, majority};
use prediction_depth::search::{Cpu, Exclude, Kernel, NeighborSearch, Neighbors, Query, Reduction};
use prediction_depth::{Error, Matrix, Result, Rows, Selected};
use prediction_depth_tests::{cpus, integers, matrix, neighbors, normals, same_neighbors};
use rand::RngExt;

/// Rows that must be read from a source.
struct Read(Matrix);

impl Rows for Read {
    fn shape(&self) -> [usize; 2] {
        self.0.shape()
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        Ok(Cow::Owned(self.0.block(rows).await?.into_owned()))
    }
}

fn search(cpu: Cpu, support: &impl Rows, queries: &impl Rows, k: usize, exclude: Exclude) -> Neighbors {
    block_on(cpu.search(Query { support, queries, k, exclude }, &())).expect("a good question")
}

/// Checks the result on every kernel, in every format, and within every budget.
fn agree_everywhere(what: &str, support: &Matrix, queries: &Matrix, k: usize, exclude: Exclude) {
    let expected = neighbors(support, queries, k, exclude);
    for memory in [1 << 12, 1 << 18, 1 << 20, 6 << 20, 1 << 30] {
        for (cpu, name) in cpus(memory) {
            let name = format!("{what}, {name} in {memory} bytes");
            let found = search(cpu, support, queries, k, exclude);
            same_neighbors(&expected, &found).unwrap_or_else(|error| panic!("{name}: {error}"));
            let found = search(cpu, &Read(support.clone()), &Read(queries.clone()), k, exclude);
            same_neighbors(&expected, &found).unwrap_or_else(|error| panic!("{name}, read: {error}"));
        }
    }
}

#[test]
fn whatever_the_budget_and_wherever_the_rows_lie() {
    let support = normals(1100, 70, 1);
    agree_everywhere("leave-one-out", &support, &support, 30, Exclude::Itself);
    agree_everywhere("one way", &support, &normals(210, 70, 2), 30, Exclude::Nothing);
    let some: Vec<u32> = (0..300).map(|at| at * 3 + 1).collect();
    let left_out: Vec<Option<u32>> = some.iter().map(|&row| Some(row)).collect();
    let queries = support.select(&some.iter().map(|&row| row as usize).collect::<Vec<_>>());
    let expected = neighbors(&support, &support, 30, Exclude::Itself);
    let found = search(Cpu::default(), &support, &queries, 30, Exclude::Rows(&left_out));
    for (at, &row) in some.iter().enumerate() {
        assert_eq!(found.of(at), expected.of(row as usize));
    }
    let selected = Selected { source: &support, ids: &some };
    same_neighbors(&found, &search(Cpu::default(), &support, &selected, 30, Exclude::Rows(&left_out)))
        .expect("the same rows");
}

#[test]
fn rows_that_no_filter_tells_apart() {
    let close = matrix(900, 40, 3, |rng| 5.0 + 1e-6 * rng.random::<f32>());
    let clusters = matrix(800, 33, 4, |rng| f32::from(rng.random_range(0_i8..2)) * 1e3 + 1e-4 * rng.random::<f32>());
    let few = integers(1500, 1, 5);
    for (what, rows) in [("close", &close), ("clusters", &clusters), ("few", &few)] {
        agree_everywhere(what, rows, rows, 30, Exclude::Itself);
        agree_everywhere(what, rows, &rows.select(&(0..50).collect::<Vec<_>>()), 7, Exclude::Nothing);
    }
    // An outlier makes all other rows look equal to a filter whose error grows with the longest row.
    let mut values = normals(700, 20, 6).values().to_vec();
    values[20 * 699] = 1e6;
    let outlier = Matrix::new(values, 700, 20).expect("as many");
    agree_everywhere("outlier", &outlier, &outlier, 30, Exclude::Itself);
}

#[test]
fn whatever_the_number_of_threads() {
    let (support, queries) = (normals(1000, 50, 7), normals(333, 50, 8));
    let loo = neighbors(&support, &support, 30, Exclude::Itself);
    let one_way = neighbors(&support, &queries, 30, Exclude::Nothing);
    for threads in [1, 2, 3, 16] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let found = search(Cpu::default(), &support, &support, 30, Exclude::Itself);
            same_neighbors(&loo, &found).unwrap_or_else(|error| panic!("{threads} threads: {error}"));
            let found = search(Cpu::default(), &support, &queries, 30, Exclude::Nothing);
            same_neighbors(&one_way, &found).unwrap_or_else(|error| panic!("{threads} threads: {error}"));
        });
    }
}

#[test]
fn votes_are_those_of_all_neighbors() {
    let noisy = normals(900, 24, 9);
    let crowded = integers(900, 2, 10);
    for (rows, classes) in [(&noisy, 3), (&noisy, 10), (&crowded, 4)] {
        let labels: Vec<u32> = (0..900).map(|row| (row * 7 + row / 11) % classes).collect();
        for ties in [Ties::Lowest, Ties::Nearest] {
            let probe = KnnProbe { support: rows, labels: &labels, k: 30, ties, metric: Metric::Euclidean };
            let expected: Vec<(u32, bool)> = neighbors(rows, rows, 30, Exclude::Itself)
                .indices
                .chunks_exact(30)
                .map(|voters| majority(&voters.iter().map(|&row| labels[row as usize]).collect::<Vec<_>>(), ties))
                .collect();
            assert!(expected.iter().any(|vote| vote.1), "some votes must be tied, or ties are not tested");
            for (cpu, name) in cpus(1 << 30) {
                let found = block_on(probe.classify(&rows, Exclude::Itself, &cpu, &())).expect("900 rows");
                let found: Vec<(u32, bool)> = found.iter().map(|vote| (vote.class, vote.tied)).collect();
                assert_eq!(found, expected, "{name}");
            }
        }
    }
}

/// Returns what is certain and what is possible, so that the test can check both.
struct Certain;

impl Reduction for Certain {
    type Answer = (Vec<u32>, Vec<u32>);

    fn answer(&self, nearest: &[u32]) -> Self::Answer {
        (nearest.to_vec(), Vec::new())
    }

    fn decide_early(&self, certain: &[u32], possible: &[u32], _k: usize) -> Option<Self::Answer> {
        Some((certain.to_vec(), possible.to_vec()))
    }
}

#[test]
fn what_is_called_certain_is_among_the_nearest_and_the_rest_is_possible() {
    for rows in [normals(1200, 300, 11), integers(1200, 3, 12)] {
        let expected = neighbors(&rows, &rows, 30, Exclude::Itself);
        for (cpu, name) in cpus(1 << 30) {
            let answers =
                block_on(cpu.search_reduce(Query::leave_one_out(&rows, 30), &Certain, &())).expect("1,200 rows");
            for (query, (certain, possible)) in answers.iter().enumerate() {
                let nearest = expected.of(query);
                assert!(certain.len() <= 30 && certain.iter().all(|row| nearest.contains(row)), "query {query}");
                assert!(nearest.iter().all(|row| certain.contains(row) || possible.contains(row)), "query {query}");
            }
            let most = answers.iter().map(|(certain, _)| certain.len()).max();
            let coarse = name.contains("int8") || rows.shape()[1] == 3;
            assert!(most > Some(10) || coarse, "{name}: only {most:?} were certain");
        }
    }
}

#[test]
fn a_kernel_that_is_not_there_is_refused_by_name() {
    for kernel in Kernel::ALL {
        match Cpu::default().with_kernel(kernel) {
            Ok(cpu) => assert_eq!(cpu.kernel(), kernel),
            Err(error) => {
                assert!(!Kernel::available().contains(&kernel));
                assert!(matches!(error, Error::Setting { name: "kernel", .. }), "{error}");
            }
        }
    }
}
