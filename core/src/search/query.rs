//! Input and result of a search: the same for every device.

use super::exact::Nearest;
use super::progress::Progress;
use crate::error::{Error, Result, same_length};
use crate::matrix::{Rows, Selected};

/// Default memory limit of a search, in bytes: the default of `--memory`.
pub const DEFAULT_MEMORY: usize = 2 << 30;

/// Whether a query may be its own neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclude<'a> {
    /// Queries and support are different examples, or a query may be its own neighbour.
    Nothing,
    /// The queries are the rows of the support, in the same order, and no query is its own neighbour: leave-one-out, by
    /// index, so that duplicates stay. (Searches rely on this to compute each pair once.)
    Itself,
    /// Query `i` is support row `rows[i]`, `[queries]`, and is not its own neighbour: leave-one-out for a subset. With
    /// `None`, the query is not in the support.
    Rows(&'a [Option<u32>]),
}

impl Exclude<'_> {
    /// Returns the support row that is excluded for a query.
    pub(crate) fn of(self, query: usize) -> Option<u32> {
        match self {
            Self::Nothing => None,
            Self::Itself => Some(query as u32),
            Self::Rows(rows) => rows[query],
        }
    }
}

/// A search for the `k` nearest rows of `support` for each row of `queries`.
///
/// ```
/// use prediction_depth::Matrix;
/// use prediction_depth::search::{Cpu, NeighborSearch, Query};
///
/// # fn main() -> prediction_depth::Result<()> {
/// let support = Matrix::new(vec![0.0, 1.0, 5.0], 3, 1)?;
/// let queries = Matrix::new(vec![4.0], 1, 1)?;
/// let found = pollster::block_on(Cpu::default().search(Query::new(&support, &queries, 2), &()))?;
/// assert_eq!((found.of(0), found.distances_of(0)), (&[2, 1][..], &[1.0, 9.0][..]));
///
/// let others = pollster::block_on(Cpu::default().search(Query::leave_one_out(&support, 1), &()))?;
/// assert_eq!(others.indices, [1, 0, 1]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Query<'a, S, Q> {
    /// Rows among which neighbours are searched, [support, dims].
    pub support: &'a S,
    /// Rows whose neighbours are searched, [queries, dims].
    pub queries: &'a Q,
    /// Number of neighbours of each query.
    pub k: usize,
    /// The support row that is excluded for each query, if any.
    pub exclude: Exclude<'a>,
}

impl<S, Q> Clone for Query<'_, S, Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, Q> Copy for Query<'_, S, Q> {}

impl<'a, S> Query<'a, S, S> {
    /// Returns a search for the `k` nearest other rows of each row of `rows` [rows, dims].
    pub fn leave_one_out(rows: &'a S, k: usize) -> Self {
        Self::new(rows, rows, k).exclude(Exclude::Itself)
    }
}

impl<'a, S, Q> Query<'a, S, Q> {
    /// Returns a search for the `k` nearest rows of `support` [support, dims] for each row of `queries` [queries,
    /// dims], without exclusions.
    pub fn new(support: &'a S, queries: &'a Q, k: usize) -> Self {
        Self { support, queries, k, exclude: Exclude::Nothing }
    }

    /// Returns this search with these exclusions.
    #[must_use]
    pub fn exclude(self, exclude: Exclude<'a>) -> Self {
        Self { exclude, ..self }
    }

    /// Returns this search restricted to the queries `ids`.
    pub(super) fn subset(self, ids: &'a [u32]) -> QuerySubset<'a, S, Q> {
        let left_out = match self.exclude {
            Exclude::Nothing => None,
            exclude => Some(ids.iter().map(|&query| exclude.of(query as usize)).collect()),
        };
        let queries = Selected { source: self.queries, ids };
        QuerySubset { support: self.support, queries, k: self.k, left_out }
    }
}

impl<S: Rows, Q: Rows> Query<'_, S, Q> {
    /// Checks everything that can be checked without reading the rows.
    ///
    /// # Errors
    /// Those of [`NeighborSearch::search`], except [`Error::NotFinite`].
    pub fn check(&self) -> Result<()> {
        let ([support_rows, support_dims], [query_rows, query_dims]) = (self.support.shape(), self.queries.shape());
        same_length("dims of queries and support", support_dims, query_dims)?;
        if query_rows == 0 {
            return Err(Error::Empty { what: "the set of queries".into() });
        }
        if u32::try_from(support_rows).is_err() {
            return Err(Error::TooLarge { rows: support_rows, cols: support_dims });
        }
        let candidates = match self.exclude {
            Exclude::Nothing => support_rows,
            Exclude::Itself => {
                same_length("queries that leave themselves out of the support", support_rows, query_rows)?;
                support_rows.saturating_sub(1)
            }
            Exclude::Rows(rows) => {
                same_length("support rows to leave out, one for each query", query_rows, rows.len())?;
                if let Some(row) = rows.iter().flatten().find(|&&row| row as usize >= support_rows) {
                    return Err(Error::Mismatch {
                        what: "the last support row, to be left out".into(),
                        expected: support_rows - 1,
                        found: *row as usize,
                    });
                }
                support_rows.saturating_sub(usize::from(rows.iter().any(Option::is_some)))
            }
        };
        if self.k == 0 || self.k > candidates {
            return Err(Error::BadK { k: self.k, candidates });
        }
        Ok(())
    }
}

/// A subset of the queries of a search.
pub(super) struct QuerySubset<'a, S, Q> {
    support: &'a S,
    queries: Selected<'a, Q>,
    k: usize,
    /// The excluded row of each query of the subset, if any; `None` if the search excludes nothing.
    left_out: Option<Vec<Option<u32>>>,
}

impl<'a, S, Q> QuerySubset<'a, S, Q> {
    /// Returns the search for this subset.
    pub fn query(&self) -> Query<'_, S, Selected<'a, Q>> {
        let exclude = self.left_out.as_deref().map_or(Exclude::Nothing, Exclude::Rows);
        Query { support: self.support, queries: &self.queries, k: self.k, exclude }
    }
}

/// Neighbours of each query, nearest first; ties go to the lower index.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Neighbors {
    /// Number of neighbours of each query.
    pub k: usize,
    /// Support rows, `[queries, k]`.
    pub indices: Vec<u32>,
    /// Squared Euclidean distances, `[queries, k]`, summed as described at
    /// [`squared_distance`](super::squared_distance); for [`Manhattan`](super::Manhattan), sums of absolute differences.
    pub distances: Vec<f64>,
}

impl Neighbors {
    /// Returns the neighbours of one query, `[k]`.
    pub fn of(&self, query: usize) -> &[u32] {
        &self.indices[query * self.k..(query + 1) * self.k]
    }

    /// Returns the squared distances of one query's neighbours, `[k]`.
    pub fn distances_of(&self, query: usize) -> &[f64] {
        &self.distances[query * self.k..(query + 1) * self.k]
    }

    pub(super) fn collect(k: usize, queries: Vec<Nearest>) -> Self {
        let mut neighbors = Self { k, indices: Vec::new(), distances: Vec::new() };
        for (distance, index) in queries.into_iter().flat_map(Nearest::into_sorted) {
            neighbors.indices.push(index);
            neighbors.distances.push(distance);
        }
        neighbors
    }
}

/// Exact k nearest neighbours by squared Euclidean distance (only [`Manhattan`](super::Manhattan) has its own): nearest
/// first, ties to the lower index.
#[expect(async_fn_in_trait, reason = "on the web nothing is Send; callers await on one thread")]
pub trait NeighborSearch {
    /// Returns the neighbours of each query. `progress` counts queries.
    ///
    /// # Errors
    /// [`Error::BadK`] if `k` is 0 or exceeds the number of candidates, [`Error::NotFinite`] for NaN and infinity,
    /// [`Error::Mismatch`] if dims differ (or, with [`Exclude::Itself`], the number of rows), [`Error::Empty`] without
    /// queries.
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors>;

    /// Returns the reduction's answer for the neighbours of each query, `[queries]`. The neighbours are those of
    /// [`search`](Self::search), but the search may stop early if the remaining neighbours cannot change the answer.
    ///
    /// # Errors
    /// Those of [`search`](Self::search).
    async fn search_reduce<R: Reduction>(
        &self,
        query: Query<'_, impl Rows, impl Rows>,
        reduction: &R,
        progress: &impl Progress,
    ) -> Result<Vec<R::Answer>> {
        let neighbors = self.search(query, progress).await?;
        Ok(neighbors.indices.chunks_exact(query.k).map(|nearest| reduction.answer(nearest)).collect())
    }
}

/// A function of a query's neighbours that needs less than all of them, such as the winner of their vote.
pub trait Reduction: Sync {
    /// Result of the reduction.
    type Answer: Send;

    /// Returns the answer for the k nearest support rows, given nearest first.
    fn answer(&self, nearest: &[u32]) -> Self::Answer;

    /// Returns the answer if it does not depend on which of the `possible` rows complete the `certain` ones to k, nor
    /// on their order; otherwise `None`. Both slices are unordered.
    fn decide_early(&self, certain: &[u32], possible: &[u32], k: usize) -> Option<Self::Answer>;
}
