//! Benchmark of the search on the CPU, at sizes that take seconds: `cargo bench --workspace --bench search`.
//! The table against other programs is made by tests/bench/search.py.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use pollster::block_on;
use prediction_depth::metric::Metric;
use prediction_depth::probe::{KnnProbe, Ties};
use prediction_depth::search::{Cpu, Exclude, NeighborSearch, Query};
use prediction_depth::{Class, Matrix};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const K: usize = 30;
const QUERIES: usize = 500;
const SUPPORT: usize = 2000;
const DIMS: [usize; 3] = [64, 784, 3072];
const CLASSES: usize = 10;

/// Returns random normal numbers, [rows, dims].
fn normals(rows: usize, dims: usize, seed: u64) -> Matrix {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..rows * dims).map(|_| StandardNormal.sample(&mut random)).collect();
    Matrix::new(values, rows, dims).expect("sizes are small")
}

fn searches(criterion: &mut Criterion) {
    let cpu = Cpu::default();
    let labels: Vec<Class> = (0..SUPPORT).map(|row| (row % CLASSES) as Class).collect();
    for dims in DIMS {
        let (support, queries) = (normals(SUPPORT, dims, 0), normals(QUERIES, dims, 1));
        let mut group = criterion.benchmark_group("search");
        group.throughput(Throughput::Elements((QUERIES * SUPPORT * dims) as u64));
        group.bench_function(BenchmarkId::new("neighbours", dims), |bencher| {
            bencher.iter(|| block_on(cpu.search(Query::new(&support, &queries, K), &())));
        });
        group.bench_function(BenchmarkId::new("votes", dims), |bencher| {
            let probe =
                KnnProbe { support: &support, labels: &labels, k: K, ties: Ties::Lowest, metric: Metric::Euclidean };
            bencher.iter(|| block_on(probe.classify(&queries, Exclude::Nothing, &cpu, &())));
        });
        group.throughput(Throughput::Elements((SUPPORT * SUPPORT * dims) as u64));
        group.bench_function(BenchmarkId::new("leave-one-out", dims), |bencher| {
            bencher.iter(|| block_on(cpu.search(Query::leave_one_out(&support, K), &())));
        });
        group.finish();
    }
}

fn main() {
    let config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(1));
    let mut criterion = config.warm_up_time(Duration::from_millis(200)).configure_from_args();
    searches(&mut criterion);
    criterion.final_summary();
}
