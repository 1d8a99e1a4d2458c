//! The search on processors: float32 keys of a tile by matrix multiplication, the few rows that can matter rescored
//! in float64. The keys of a tile are all that is ever kept of the queries x support matrix.

use std::borrow::Cow;

use rayon::prelude::*;

use super::centre::{Centre, Centred, DOT_CHUNK};
use super::exact::{Nearest, squared_distance};
use super::{Exclude, NeighborSearch, Neighbors, Progress, Stretch, check};
use crate::error::Result;
use crate::matrix::Rows;

/// Queries whose keys one thread holds at a time.
const TILE_QUERIES: usize = 64;
/// Support rows of a tile: with its queries 1 MiB of keys.
const TILE_SUPPORT: usize = 4096;
/// Values of the queries that are held centred at a time.
const BLOCK_VALUES: usize = 1 << 25;

/// Bytes that a search uses at most, where nothing else is said: the default of `--memory`.
pub const DEFAULT_MEMORY: usize = 2 << 30;

/// All threads of this process (one in a browser tab).
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    memory: usize,
}

impl Default for Cpu {
    fn default() -> Self {
        Self::new(DEFAULT_MEMORY)
    }
}

impl Cpu {
    /// Searches that use at most so many bytes beside what the rows themselves hold.
    pub fn new(memory: usize) -> Self {
        Self { memory }
    }

    /// Bytes that a search may use.
    pub fn memory(&self) -> usize {
        self.memory
    }
}

impl NeighborSearch for Cpu {
    async fn search(
        &self,
        support: &impl Rows,
        queries: &impl Rows,
        k: usize,
        exclude: Exclude<'_>,
        progress: &impl Progress,
    ) -> Result<Neighbors> {
        check(support, queries, k, exclude)?;
        let centre = Centre::of(support, queries).await?;
        let [total, dims] = queries.shape();
        let step = (BLOCK_VALUES / dims).max(TILE_QUERIES);
        let mut found = Vec::with_capacity(total);
        for start in (0..total).step_by(step) {
            let rows = start..(start + step).min(total);
            let raw = queries.block(rows.clone()).await?;
            let stretch = Stretch { whole: progress, start, length: rows.len(), total };
            let block = QueryBlock::new(&centre, rows.collect(), raw, dims);
            found.extend(nearest_of(&centre, support, &block, k, exclude, &stretch).await?);
        }
        Ok(Neighbors::collect(k, found))
    }
}

/// Some of the queries, in memory.
pub(super) struct QueryBlock<'a> {
    /// Which rows of the whole they are, `[queries]`.
    pub ids: Vec<usize>,
    /// Their values as they came, `[queries, dims]`.
    pub raw: Cow<'a, [f32]>,
    pub centred: Centred,
    pub dims: usize,
}

impl<'a> QueryBlock<'a> {
    pub fn new(centre: &Centre, ids: Vec<usize>, raw: Cow<'a, [f32]>, dims: usize) -> Self {
        let centred = centre.rows(&raw);
        Self { ids, raw, centred, dims }
    }

    pub fn row(&self, query: usize) -> &[f32] {
        &self.raw[query * self.dims..(query + 1) * self.dims]
    }
}

/// Some rows of the support, the first of them row `first` of the whole.
struct SupportBlock<'a> {
    first: usize,
    raw: Cow<'a, [f32]>,
    values: Vec<f32>,
    norms: Vec<f32>,
}

/// The nearest support rows of each query of a block; the whole support is read once.
pub(super) async fn nearest_of(
    centre: &Centre,
    support: &impl Rows,
    queries: &QueryBlock<'_>,
    k: usize,
    exclude: Exclude<'_>,
    progress: &impl Progress,
) -> Result<Vec<Nearest>> {
    let mut nearest = vec![Nearest::new(k); queries.ids.len()];
    let [rows, _] = support.shape();
    for first in (0..rows).step_by(TILE_SUPPORT) {
        let end = (first + TILE_SUPPORT).min(rows);
        let raw = support.block(first..end).await?;
        let Centred { values, norms } = centre.rows(&raw);
        let block = SupportBlock { first, raw, values, norms: norms.iter().map(|&norm| norm as f32).collect() };
        let (count, mut start) = (nearest.len(), 0);
        for slice in nearest.chunks_mut(slice_queries()) {
            let queries_of = |tile: usize| start + tile * TILE_QUERIES;
            slice.par_chunks_mut(TILE_QUERIES).enumerate().for_each(|(tile, nearest)| {
                tile_search(centre, &block, queries, queries_of(tile), exclude, nearest);
            });
            start += slice.len();
            progress.step(first + (end - first) * start / count, rows).await?;
        }
    }
    Ok(nearest)
}

/// Queries that are searched between two reports. One thread reports after every tile, so that a page stays alive; many
/// threads get many tiles each, so that none waits long for the others.
fn slice_queries() -> usize {
    let threads = rayon::current_num_threads();
    TILE_QUERIES * if threads == 1 { 1 } else { 8 * threads }
}

/// Offers a block of the support to the queries from `start` on, one for each of `nearest`.
fn tile_search(
    centre: &Centre,
    support: &SupportBlock,
    queries: &QueryBlock,
    start: usize,
    exclude: Exclude<'_>,
    nearest: &mut [Nearest],
) {
    let dims = queries.dims;
    let dots = dots(&queries.centred.values[start * dims..(start + nearest.len()) * dims], &support.values, dims);
    let mut candidates = Vec::new();
    for ((query, dots), nearest) in (start..).zip(dots.chunks_exact(support.norms.len())).zip(nearest) {
        let norm = queries.centred.norms[query];
        let left_out = exclude.of(queries.ids[query]);
        let bound = centre.key_bound(nearest.bound(), norm);
        candidates.clear();
        for (index, (&dot, &own)) in dots.iter().zip(&support.norms).enumerate() {
            let key = own - 2.0 * dot;
            if key <= bound && left_out != Some(support.first + index) {
                candidates.push((key, index));
            }
        }
        narrow(&mut candidates, nearest.k(), centre.error(norm));
        for &(_, index) in &candidates {
            let row = &support.raw[index * dims..(index + 1) * dims];
            nearest.offer(squared_distance(queries.row(query), row), (support.first + index) as u32);
        }
    }
}

/// Drops the candidates that k others certainly precede: a key errs by at most `error`, so does the k-th.
fn narrow(candidates: &mut Vec<(f32, usize)>, k: usize, error: f64) {
    if candidates.len() <= k {
        return;
    }
    let (_, &mut (kth, _), _) = candidates.select_nth_unstable_by(k - 1, |a, b| a.0.total_cmp(&b.0));
    let bound = f64::from(kth) + 2.0 * error;
    candidates.retain(|&(key, _)| f64::from(key) <= bound);
}

/// Dot products of every query with every support row, `[queries, support]`, both given as rows of `dims` values.
fn dots(queries: &[f32], support: &[f32], dims: usize) -> Vec<f32> {
    let (m, n) = (queries.len() / dims, support.len() / dims);
    let mut out = vec![0.0_f32; m * n];
    for start in (0..dims).step_by(DOT_CHUNK) {
        let chunk = DOT_CHUNK.min(dims - start);
        // SAFETY: the strides describe an m x chunk, a chunk x n and an m x n matrix that lie within the three slices
        // (start + chunk <= dims, rows of dims values); `out` is written by nobody else.
        unsafe {
            gemm::gemm(
                m,
                n,
                chunk,
                out.as_mut_ptr(),
                1,
                n as isize,
                start > 0,
                queries.as_ptr().add(start),
                1,
                dims as isize,
                support.as_ptr().add(start),
                dims as isize,
                1,
                1.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }
    out
}
