//! Exact nearest neighbours. Both searches follow one plan: filter in float32 with a rigorous bound on its error
//! (`centre.rs`), then order what is left by the float64 distance of `exact.rs`. Hence the same neighbours, to the bit,
//! on every device, for every block size and number of threads.

mod adapter;
mod centre;
mod cpu;
mod device;
mod exact;
mod gpu;
mod progress;
mod rescore;

pub use adapter::{AdapterSummary, adapters};
pub use cpu::Cpu;
pub use device::{Device, DeviceChoice};
use exact::Nearest;
pub use exact::squared_distance;
pub use gpu::{DISTANCES_WGSL, Gpu, SELECT_WGSL};
pub use progress::Progress;
pub(crate) use progress::Stretch;

use crate::error::{Error, Result, same_length};
use crate::matrix::Rows;

/// Whether a query may be its own neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclude {
    /// Queries and support are different examples, or a query may vote for itself.
    Nothing,
    /// Query `i` is support `i` and is left out: leave-one-out, by index, so that duplicates stay.
    Itself,
}

/// The neighbours of every query, nearest first, ties to the lower index.
#[derive(Clone, Debug, PartialEq)]
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
        exclude: Exclude,
        progress: &impl Progress,
    ) -> Result<Neighbors>;
}

/// What every search checks before it begins.
fn check(support: &impl Rows, queries: &impl Rows, k: usize, exclude: Exclude) -> Result<()> {
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
    };
    if k == 0 || k > candidates {
        return Err(Error::BadK { k, candidates });
    }
    Ok(())
}
