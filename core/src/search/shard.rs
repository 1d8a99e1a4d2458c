//! A search in parts: the support is divided into ranges of rows, each is searched separately, and the results are
//! merged. The result is the same for every number of parts, to the bit.

use std::collections::BTreeMap;
use std::ops::Range;

use super::exact::order;
use super::progress::{Progress, SubProgress};
use super::query::{NeighborSearch, Neighbors, Query};
use crate::archive::{Format, Tensor, write};
use crate::error::{Error, Result, same_length};
use crate::matrix::{Rows, Selected};
use crate::shard_range::shard_range;

/// The version of the format that this crate writes and reads.
pub const SHARD_VERSION: u32 = 1;
const FORMAT: Format =
    Format { what: "search shard", name: "prediction-depth-search-shard", version: SHARD_VERSION, oldest: 1 };

/// Placeholder for a missing neighbour of a query in a shard; it sorts after every row.
pub(super) const NO_ROW: (f64, u32) = (f64::INFINITY, u32::MAX);

/// A search whose support is divided into shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardedSearch {
    /// Number of parts of the support.
    pub shards: usize,
    /// Number of neighbours of each query.
    pub k: usize,
    /// Shape of the whole support, [rows, dims].
    pub support: [usize; 2],
    /// Number of queries.
    pub queries: usize,
    /// Whether the queries are the support and no query is its own neighbour.
    pub leave_one_out: bool,
    /// SHA-256 that identifies the support.
    pub support_sha256: String,
    /// SHA-256 that identifies the queries.
    pub queries_sha256: String,
}

/// Result of the search in one part of the support.
#[derive(Clone, Debug, PartialEq)]
pub struct Shard {
    /// The search to which this part belongs.
    pub search: ShardedSearch,
    /// Index of the part, from 0.
    pub index: usize,
    /// Neighbours, nearest first. `k` is the smaller of the search's k and the number of rows of the part; row indices
    /// are those of the whole support. A query with fewer neighbours in this part, because it is excluded itself, has
    /// `u32::MAX` at an infinite distance after them.
    pub neighbors: Neighbors,
}

impl ShardedSearch {
    /// Returns the support rows of a shard. Sizes of shards differ by at most one.
    pub fn rows(&self, shard: usize) -> Range<usize> {
        shard_range(self.support[0], shard, self.shards)
    }

    /// Searches one shard. `support` holds its own rows only, [rows of the shard, dims]; `queries` holds all, [queries,
    /// dims].
    ///
    /// # Errors
    /// Those of [`NeighborSearch::search`] for the whole search, with row indices of the whole support.
    /// [`Error::Setting`] if there are more shards than rows, or no shard of this index.
    pub async fn search(
        &self,
        shard: usize,
        support: &impl Rows,
        queries: &impl Rows,
        device: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Shard> {
        self.check(shard)?;
        let rows = self.rows(shard);
        same_length("rows of the shard", rows.len(), support.shape()[0])?;
        same_length("queries", self.queries, queries.shape()[0])?;
        let own = if self.leave_one_out { rows.clone() } else { 0..0 };
        let others: Vec<u32> =
            (0..self.queries).filter(|query| !own.contains(query)).map(|query| query as u32).collect();
        let in_whole = |error| match error {
            Error::NotFinite { what: what @ "the support", row, col, value } => {
                Error::NotFinite { what, row: rows.start + row, col, value }
            }
            other => other,
        };
        let mut found = self.nothing(shard);
        let inner = self.k.min(rows.len() - usize::from(!own.is_empty()));
        if !own.is_empty() && inner > 0 {
            let stretch = SubProgress { whole: progress, start: 0, length: own.len(), total: self.queries };
            let near = device.search(Query::leave_one_out(support, inner), &stretch).await.map_err(in_whole)?;
            found.put(own.clone(), &near);
        }
        if !others.is_empty() {
            let stretch = SubProgress { whole: progress, start: own.len(), length: others.len(), total: self.queries };
            let (queries, k) = (Selected { source: queries, ids: &others }, found.neighbors.k);
            let near = device.search(Query::new(support, &queries, k), &stretch).await.map_err(in_whole)?;
            found.put(others.iter().map(|&query| query as usize), &near);
        }
        Ok(found)
    }

    fn check(&self, shard: usize) -> Result<()> {
        let ([rows, dims], refused) = (self.support, |name, value: usize, remedy: String| {
            Err(Error::Setting { name, value: value.to_string(), remedy })
        });
        if self.shards == 0 || self.shards > rows {
            return refused("shards", self.shards, format!("from 1 to {rows} are possible, the rows of the support"));
        }
        if shard >= self.shards {
            return refused("shard", shard, format!("shards count from 0 to {}", self.shards - 1));
        }
        if u32::try_from(rows).is_err() {
            return Err(Error::TooLarge { rows, cols: dims });
        }
        let candidates = rows - usize::from(self.leave_one_out);
        if self.k == 0 || self.k > candidates {
            return Err(Error::BadK { k: self.k, candidates });
        }
        if self.leave_one_out {
            same_length("queries that leave themselves out of the support", rows, self.queries)?;
        }
        Ok(())
    }

    fn nothing(&self, shard: usize) -> Shard {
        let k = self.k.min(self.rows(shard).len());
        let (distances, indices) = vec![NO_ROW; self.queries * k].into_iter().unzip();
        Shard { search: self.clone(), index: shard, neighbors: Neighbors { k, indices, distances } }
    }
}

impl Shard {
    fn put(&mut self, queries: impl IntoIterator<Item = usize>, near: &Neighbors) {
        let (width, first) = (self.neighbors.k, self.search.rows(self.index).start as u32);
        for (place, query) in queries.into_iter().enumerate() {
            let start = query * width;
            self.neighbors.distances[start..start + near.k].copy_from_slice(near.distances_of(place));
            let global = near.of(place).iter().map(|row| first + row);
            self.neighbors.indices[start..start + near.k].iter_mut().zip(global).for_each(|(to, row)| *to = row);
        }
    }

    /// Returns the content of a shard file.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the number of neighbours differs from that of the search.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let search = &self.search;
        let metadata = [
            ("format", FORMAT.name.into()),
            ("version", SHARD_VERSION.to_string()),
            ("shard", self.index.to_string()),
            ("shards", search.shards.to_string()),
            ("k", search.k.to_string()),
            ("support", FORMAT.json(&search.support)?),
            ("queries", search.queries.to_string()),
            ("leave_one_out", search.leave_one_out.to_string()),
            ("support_sha256", search.support_sha256.clone()),
            ("queries_sha256", search.queries_sha256.clone()),
        ];
        let (found, shape) = (&self.neighbors, [search.queries, self.neighbors.k]);
        let tensors = [
            ("indices".to_owned(), Tensor::u32(&shape, found.indices.iter().copied())),
            ("distances".to_owned(), Tensor::f64(&shape, &found.distances)),
        ];
        write(&BTreeMap::from(metadata), &BTreeMap::from(tensors))
    }

    /// Reads the output of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`Error::Version`] for another version; [`Error::Format`] names the damaged part; [`Error::Setting`] if the
    /// search has no such shard.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (metadata, file) = FORMAT.open(bytes)?;
        let search = ShardedSearch {
            shards: metadata.json("shards")?,
            k: metadata.json("k")?,
            support: metadata.json("support")?,
            queries: metadata.json("queries")?,
            leave_one_out: metadata.json("leave_one_out")?,
            support_sha256: metadata.text("support_sha256")?.into(),
            queries_sha256: metadata.text("queries_sha256")?.into(),
        };
        let index = metadata.json("shard")?;
        search.check(index)?;
        let k = search.k.min(search.rows(index).len());
        let (indices, distances) = (file.u32("indices")?, file.f64("distances")?);
        let values = search.queries.checked_mul(k).ok_or(Error::TooLarge { rows: search.queries, cols: k })?;
        same_length("values of \"indices\"", values, indices.len())?;
        same_length("values of \"distances\"", values, distances.len())?;
        let shard = Self { search, index, neighbors: Neighbors { k, indices, distances } };
        shard.check()?;
        Ok(shard)
    }

    /// Checks that neighbours belong to this part, occur once, and are in order.
    fn check(&self) -> Result<()> {
        let rows = self.search.rows(self.index);
        for query in 0..self.search.queries {
            let near = self.of(query);
            let known = |&(distance, row): &(f64, u32)| {
                let itself = self.search.leave_one_out && row as usize == query;
                (distance, row) == NO_ROW || (distance.is_finite() && rows.contains(&(row as usize)) && !itself)
            };
            let lacks = self.search.leave_one_out && rows.contains(&query) && self.neighbors.k == rows.len();
            let there = self.neighbors.k - usize::from(lacks);
            let sorted = near.windows(2).all(|pair| order(&pair[0], &pair[1]).is_lt());
            if !near.iter().all(known) || !sorted || near.iter().filter(|&&near| near != NO_ROW).count() != there {
                return Err(FORMAT.wrong(format!("the neighbours of query {query} are not what a search finds")));
            }
        }
        Ok(())
    }

    /// Returns the (squared distance, row) pairs of one query.
    pub(super) fn of(&self, query: usize) -> Vec<(f64, u32)> {
        let (rows, distances) = (self.neighbors.of(query), self.neighbors.distances_of(query));
        distances.iter().copied().zip(rows.iter().copied()).collect()
    }
}
