//! Merges the shards of a search.

use std::collections::BTreeSet;

use super::exact::Nearest;
use super::query::Neighbors;
use super::shard::{NO_ROW, Shard, ShardedSearch};
use crate::error::{Error, Result};
use crate::shard_range::missing_shards;

/// Collects shards: keeps the nearest neighbours of those added so far.
pub struct ShardMerge {
    search: ShardedSearch,
    /// The shards that were added.
    added: BTreeSet<usize>,
    /// Nearest neighbours so far, `[queries]`.
    nearest: Vec<Nearest>,
}

impl ShardMerge {
    /// Returns a merge for the shards of this search, still without a shard.
    pub fn new(search: &ShardedSearch) -> Self {
        let nearest = vec![Nearest::new(search.k); search.queries];
        Self { search: search.clone(), added: BTreeSet::new(), nearest }
    }

    /// Adds a shard; the order does not matter.
    ///
    /// # Errors
    /// [`Error::OtherSearch`] names the first difference, [`Error::SameShard`] if this shard was added before.
    pub fn add(&mut self, shard: &Shard) -> Result<()> {
        if let Some((what, expected, found)) = difference(&self.search, &shard.search) {
            return Err(Error::OtherSearch { what, expected, found });
        }
        if !self.added.insert(shard.index) {
            return Err(Error::SameShard { shard: shard.index, shards: self.search.shards });
        }
        for (query, nearest) in self.nearest.iter_mut().enumerate() {
            for (distance, row) in shard.of(query).into_iter().filter(|&near| near != NO_ROW) {
                nearest.offer(distance, row);
            }
        }
        Ok(())
    }

    /// Returns the result of the whole search, as the only shard of a support that is not divided.
    ///
    /// # Errors
    /// [`Error::MissingShards`] names the shards that were not added.
    pub fn finish(self) -> Result<Shard> {
        let missing = missing_shards(self.added, self.search.shards);
        if !missing.is_empty() {
            return Err(Error::MissingShards { missing, shards: self.search.shards });
        }
        let neighbors = Neighbors::collect(self.search.k, self.nearest);
        Ok(Shard { search: ShardedSearch { shards: 1, ..self.search }, index: 0, neighbors })
    }
}

/// Returns the first difference between two searches: its name, and both values.
fn difference(a: &ShardedSearch, b: &ShardedSearch) -> Option<(&'static str, String, String)> {
    let both = |what, pick: fn(&ShardedSearch) -> String| (what, pick(a), pick(b));
    let things = [
        both("number of shards", |search| search.shards.to_string()),
        both("k", |search| search.k.to_string()),
        both("leave-one-out", |search| search.leave_one_out.to_string()),
        both("support's shape", |search| format!("{:?}", search.support)),
        both("support's sha256", |search| search.support_sha256.clone()),
        both("number of queries", |search| search.queries.to_string()),
        both("queries' sha256", |search| search.queries_sha256.clone()),
    ];
    things.into_iter().find(|(_, a, b)| a != b)
}
