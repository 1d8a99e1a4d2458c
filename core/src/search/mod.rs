//! Exact nearest neighbours. Both searches follow one plan: filter in float32 with a rigorous bound on its error
//! (`center.rs`), then order what is left by the float64 distance of `exact.rs`. Hence the same neighbours, to the bit,
//! on every device, for every block size and number of threads.

mod adapter;
mod center;
mod column_stats;
mod cpu;
mod device;
mod exact;
mod gpu;
mod merge;
mod progress;
mod shard;

pub use adapter::{AdapterSummary, adapters};
pub use cpu::{Cpu, DEFAULT_MEMORY, Kernel};
pub use device::{DeviceChoice, SearchDevice};
use exact::Nearest;
pub use exact::squared_distance;
pub use gpu::{DISTANCES_F16_WGSL, DISTANCES_WGSL, GATHER_WGSL, Gpu, GpuSetup, SELECT_WGSL, Storage};
pub use merge::ShardMerge;
pub use progress::Progress;
pub(crate) use progress::SubProgress;
pub use shard::{SHARD_VERSION, Shard, ShardedSearch};

use crate::error::{Error, Result, same_length};
use crate::matrix::Rows;

/// Whether a query may be its own neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclude<'a> {
    /// Queries and support are different examples, or a query may vote for itself.
    Nothing,
    /// The queries are the support, row by row, and each is left out of its own neighbours: leave-one-out, by index, so
    /// that duplicates stay. (Searches rely on it: each pair is then looked at once.)
    Itself,
    /// Query `i` is support row `rows[i]`, `[queries]`, and is left out: some of a leave-one-out.
    Rows(&'a [u32]),
}

impl Exclude<'_> {
    /// The support row that a query must not have as its neighbour.
    pub(crate) fn of(self, query: usize) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::Itself => Some(query),
            Self::Rows(rows) => Some(rows[query] as usize),
        }
    }

    /// The rows that some of the queries must not have, `[queries]`; None where nothing is left out.
    pub(crate) fn of_some(self, queries: &[u32]) -> Option<Vec<u32>> {
        queries.iter().map(|&query| self.of(query as usize).map(|row| row as u32)).collect()
    }
}

/// The neighbours of every query, nearest first, ties to the lower index.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Neighbors {
    /// Neighbours a query.
    pub k: usize,
    /// Support rows, `[queries, k]`.
    pub indices: Vec<u32>,
    /// Squared Euclidean distances, `[queries, k]`, summed as [`squared_distance`] states.
    pub distances: Vec<f64>,
}

impl Neighbors {
    /// The neighbours of one query, `[k]`.
    pub fn of(&self, query: usize) -> &[u32] {
        &self.indices[query * self.k..(query + 1) * self.k]
    }

    /// Their squared distances, `[k]`.
    pub fn distances_of(&self, query: usize) -> &[f64] {
        &self.distances[query * self.k..(query + 1) * self.k]
    }

    pub(crate) fn collect(k: usize, queries: Vec<Nearest>) -> Self {
        let mut neighbors = Self { k, indices: Vec::new(), distances: Vec::new() };
        for (distance, index) in queries.into_iter().flat_map(Nearest::into_sorted) {
            neighbors.indices.push(index);
            neighbors.distances.push(distance);
        }
        neighbors
    }
}

/// Exact k nearest neighbours by squared Euclidean distance; nearest first, ties to the lower index.
#[expect(async_fn_in_trait, reason = "on the web nothing is Send; callers await on one thread")]
pub trait NeighborSearch {
    /// The `k` nearest rows of `support` [support, dims] for each row of `queries` [queries, dims].
    /// `progress` counts queries.
    ///
    /// # Errors
    /// [`Error::BadK`] where `k` is 0 or more than the candidates, [`Error::NotFinite`] for NaN and infinity,
    /// [`Error::Mismatch`] where dims differ (or, leaving out itself, the number of rows), [`Error::Empty`] without queries.
    async fn search(
        &self,
        support: &impl Rows,
        queries: &impl Rows,
        k: usize,
        exclude: Exclude<'_>,
        progress: &impl Progress,
    ) -> Result<Neighbors>;

    /// The answer of each query's k nearest rows to a question, `[queries]`: what [`search`](Self::search) finds, but a
    /// search may stop short of the neighbours where the answer no longer depends on those it does not know.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    async fn search_reduce<Q: Reduction>(
        &self,
        support: &impl Rows,
        queries: &impl Rows,
        k: usize,
        exclude: Exclude<'_>,
        reduction: &Q,
        progress: &impl Progress,
    ) -> Result<Vec<Q::Answer>> {
        let neighbors = self.search(support, queries, k, exclude, progress).await?;
        Ok(neighbors.indices.chunks_exact(k).map(|nearest| reduction.answer(nearest)).collect())
    }
}

/// What somebody wants to know of a query's neighbours, if not all of them.
pub trait Reduction: Sync {
    /// What is known in the end.
    type Answer: Send;

    /// The answer of the k nearest support rows, nearest first.
    fn answer(&self, nearest: &[u32]) -> Self::Answer;

    /// The answer where it is the same whichever of the `possible` rows join the `certain` ones to make k, in whatever
    /// order; None where it is not. Neither comes in any order.
    fn decide_early(&self, certain: &[u32], possible: &[u32], k: usize) -> Option<Self::Answer>;
}

/// What every search checks before it begins.
fn check(support: &impl Rows, queries: &impl Rows, k: usize, exclude: Exclude<'_>) -> Result<()> {
    let ([support_rows, support_dims], [query_rows, query_dims]) = (support.shape(), queries.shape());
    same_length("dims of queries and support", support_dims, query_dims)?;
    if query_rows == 0 {
        return Err(Error::Empty { what: "the set of queries".into() });
    }
    if u32::try_from(support_rows).is_err() {
        return Err(Error::TooLarge { rows: support_rows, cols: support_dims });
    }
    let candidates = match exclude {
        Exclude::Nothing => support_rows,
        Exclude::Itself => {
            same_length("queries that leave themselves out of the support", support_rows, query_rows)?;
            support_rows.saturating_sub(1)
        }
        Exclude::Rows(rows) => {
            same_length("support rows to leave out, one for each query", query_rows, rows.len())?;
            if let Some(&row) = rows.iter().find(|&&row| row as usize >= support_rows) {
                return Err(Error::Mismatch {
                    what: "the last support row, to be left out".into(),
                    expected: support_rows - 1,
                    found: row as usize,
                });
            }
            support_rows.saturating_sub(1)
        }
    };
    if k == 0 || k > candidates {
        return Err(Error::BadK { k, candidates });
    }
    Ok(())
}
