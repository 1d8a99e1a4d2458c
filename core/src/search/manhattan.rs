//! The search by Manhattan distance: all distances in float64, none after a row is certainly farther than the k nearest.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::exact::{DISTANCE_LANES, Nearest};
use super::progress::{Progress, SubProgress};
use super::query::{Exclude, NeighborSearch, Neighbors, Query, Reduction};
use super::simd::{Kernel, Lanes, SimdTask};
use crate::error::{Error, Result, same_length};
use crate::matrix::Rows;

/// Values that are read at a time, of support and queries each.
const BLOCK_VALUES: usize = 1 << 22;
/// Queries of which the nearest rows are kept at a time.
const BLOCK_QUERIES: usize = 1 << 14;
/// Differences of values between two reports: some tenths of a second.
const REPORT_VALUES: usize = 1 << 30;
/// Values of the support that a task goes through for each of its queries: few enough for a cache.
const NEAR_VALUES: usize = 1 << 15;
/// Queries per task.
const TASK: usize = 8;
/// Blocks of 8 dims between two looks at the distance so far.
const LOOK: usize = 32;

/// Exact k nearest neighbours by Manhattan distance, the sum of absolute differences, on all threads: nearest first, ties
/// to the lower index. It has no filter, so it is much slower than the searches by Euclidean distance. Distances are
/// summed in float64 in the order of [`squared_distance`](super::squared_distance), `[queries, k]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manhattan;

impl NeighborSearch for Manhattan {
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors> {
        Ok(Neighbors::collect(query.k, each(query, |nearest| nearest, progress).await?))
    }

    async fn search_reduce<R: Reduction>(
        &self,
        query: Query<'_, impl Rows, impl Rows>,
        reduction: &R,
        progress: &impl Progress,
    ) -> Result<Vec<R::Answer>> {
        each(query, |nearest| reduction.answer(&nearest.indices()), progress).await
    }
}

/// Returns `answer` for the nearest rows of each query, `[queries]`.
async fn each<T: Send>(
    query: Query<'_, impl Rows, impl Rows>,
    answer: impl Fn(Nearest) -> T + Sync,
    progress: &impl Progress,
) -> Result<Vec<T>> {
    query.check()?;
    let [count, dims] = query.queries.shape();
    let mut answers = Vec::with_capacity(count);
    for some in blocks(count, (BLOCK_VALUES / dims.max(1)).clamp(1, BLOCK_QUERIES)) {
        answers.par_extend(nearest(query, some, progress).await?.into_par_iter().map(&answer));
    }
    Ok(answers)
}

fn blocks(count: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).step_by(step).map(move |start| start..(start + step).min(count))
}

/// Returns the nearest rows of some queries, `[some]`.
async fn nearest(
    query: Query<'_, impl Rows, impl Rows>,
    some: Range<usize>,
    progress: &impl Progress,
) -> Result<Vec<Nearest>> {
    let Query { support, queries, k, exclude } = query;
    let ([rows, dims], count) = (support.shape(), queries.shape()[0]);
    if dims == 0 {
        return Err(Error::Empty { what: "the support: each row".into() });
    }
    let values = read(queries, some.clone(), "the queries").await?;
    let mut nearest = vec![Nearest::new(k); some.len()];
    let share = SubProgress { whole: progress, start: some.start, length: some.len(), total: count };
    for near in blocks(rows, (BLOCK_VALUES / dims).max(1)) {
        let block = read(support, near.clone(), "the support").await?;
        // Few distances between two reports, so that the search can be stopped.
        for slice in blocks(near.len(), (REPORT_VALUES / (some.len() * dims)).max(1)) {
            let tasks = values.par_chunks(TASK * dims).zip(nearest.par_chunks_mut(TASK));
            let part = &block[slice.start * dims..slice.end * dims];
            tasks.enumerate().for_each(|(task, (queries, nearest))| {
                let first_row = near.start + slice.start;
                let places = Places { first_query: some.start + task * TASK, first_row, exclude };
                Kernel::best().run(Scan { queries, block: part, dims, places, nearest });
            });
            share.step(near.start + slice.end, rows).await?;
        }
    }
    Ok(nearest)
}

/// Reads rows of `what`, and checks that all values are finite.
async fn read<'a>(rows: &'a impl Rows, some: Range<usize>, what: &'static str) -> Result<Cow<'a, [f32]>> {
    let (dims, first) = (rows.shape()[1], some.start);
    let block = rows.block(some.clone()).await?;
    same_length("values of a block of rows", some.len() * dims, block.len())?;
    match block.par_iter().position_first(|value| !value.is_finite()) {
        Some(at) => {
            Err(Error::NotFinite { what, row: rows.number(first + at / dims), col: at % dims, value: block[at] })
        }
        None => Ok(block),
    }
}

/// Which queries and support rows a task has.
struct Places<'a> {
    first_query: usize,
    first_row: usize,
    exclude: Exclude<'a>,
}

struct Scan<'a> {
    /// `[queries, dims]`
    queries: &'a [f32],
    /// `[rows, dims]`
    block: &'a [f32],
    dims: usize,
    places: Places<'a>,
    nearest: &'a mut [Nearest],
}

impl SimdTask for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, _lanes: L) {
        let Self { queries, block, dims, places, nearest } = self;
        let few = (NEAR_VALUES / dims).max(1);
        for (chunk, rows) in block.chunks(few * dims).enumerate() {
            for (at, (query, nearest)) in queries.chunks_exact(dims).zip(&mut *nearest).enumerate() {
                let excluded = places.exclude.of(places.first_query + at);
                for (row, values) in rows.chunks_exact(dims).enumerate() {
                    let row = places.first_row + chunk * few + row;
                    if excluded != Some(row as u32)
                        && let Some(distance) = distance_within(query, values, nearest.bound())
                    {
                        nearest.offer(distance, row as u32);
                    }
                }
            }
        }
    }
}

/// Returns the Manhattan distance, or `None` once it is certainly more than `bound`: a sum of numbers that are not negative
/// never falls, even if each addition is rounded.
#[inline(always)]
fn distance_within(a: &[f32], b: &[f32], bound: f64) -> Option<f64> {
    let mut lanes = [0.0; DISTANCE_LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<DISTANCE_LANES>(), b.as_chunks::<DISTANCE_LANES>());
    for (a, b) in a.chunks(LOOK).zip(b.chunks(LOOK)) {
        for (a, b) in a.iter().zip(b) {
            for lane in 0..DISTANCE_LANES {
                lanes[lane] += (f64::from(a[lane]) - f64::from(b[lane])).abs();
            }
        }
        if lanes.iter().fold(0.0, |sum, lane| sum + lane) > bound {
            return None;
        }
    }
    for (lane, (&a, &b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *lane += (f64::from(a) - f64::from(b)).abs();
    }
    Some(lanes.iter().fold(0.0, |sum, lane| sum + lane))
}
