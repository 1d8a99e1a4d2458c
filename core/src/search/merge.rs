//! The shards of a search put together.

use super::exact::Nearest;
use super::query::Neighbors;
use super::shard::{NO_ROW, Shard, ShardedSearch};
use crate::error::{Error, Result};

/// Shards on their way to the whole: the nearest of those that were added.
pub struct ShardMerge {
    search: ShardedSearch,
    /// `[shards]`
    added: Vec<bool>,
    /// `[queries]`
    nearest: Vec<Nearest>,
}

impl ShardMerge {
    /// Of this search; nothing is added yet.
    pub fn new(search: &ShardedSearch) -> Self {
        let nearest = vec![Nearest::new(search.k); search.queries];
        Self { search: search.clone(), added: vec![false; search.shards], nearest }
    }

    /// Adds a shard, in any order.
    ///
    /// # Errors
    /// [`Error::OtherSearch`] says in what it differs, [`Error::SameShard`] where it was added before.
    pub fn add(&mut self, shard: &Shard) -> Result<()> {
        if let Some((what, expected, found)) = difference(&self.search, &shard.search) {
            return Err(Error::OtherSearch { what, expected, found });
        }
        if std::mem::replace(&mut self.added[shard.index], true) {
            return Err(Error::SameShard { shard: shard.index, shards: self.search.shards });
        }
        for (query, nearest) in self.nearest.iter_mut().enumerate() {
            for (distance, row) in shard.of(query).into_iter().filter(|&near| near != NO_ROW) {
                nearest.offer(distance, row);
            }
        }
        Ok(())
    }

    /// The whole search, as the one shard of an uncut support.
    ///
    /// # Errors
    /// [`Error::MissingShards`] names those that were not added.
    pub fn finish(self) -> Result<Shard> {
        let missing: Vec<usize> = (0..self.search.shards).filter(|&shard| !self.added[shard]).collect();
        if !missing.is_empty() {
            return Err(Error::MissingShards { missing, shards: self.search.shards });
        }
        let neighbors = Neighbors::collect(self.search.k, self.nearest);
        Ok(Shard { search: ShardedSearch { shards: 1, ..self.search }, index: 0, neighbors })
    }
}

/// The first thing in which two searches differ: what, and how it is in both.
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
