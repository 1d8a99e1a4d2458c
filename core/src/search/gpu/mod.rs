//! The search on a graphics adapter: WGSL filters in float32 tile by tile, the processor rescores in float64.
//! Queries and support come in bounded blocks; of the queries x support matrix nothing is kept but the candidates.

mod buffers;
mod filter;
mod kernels;
mod rescore;
mod round;
mod rows;
mod setup;
#[cfg(test)]
mod tests;
mod upload;

use std::sync::{Mutex, PoisonError};

use buffers::Buffers;
use filter::Filter;
use kernels::Kernels;
pub use kernels::{DISTANCES_F16_WGSL, DISTANCES_WGSL, GATHER_WGSL, SELECT_WGSL};
use rescore::{Kept, rescore};
use rows::Loss;
use setup::Sizes;
pub use setup::{GpuSetup, Storage};

use super::adapter::{Adapter, AdapterSummary};
use super::center::Center;
use super::cpu::Cpu;
use super::exact::Nearest;
use super::progress::{Progress, SubProgress};
use super::query::{Exclude, NeighborSearch, Neighbors, Query};
use crate::error::Result;
use crate::matrix::{Rows, Selected};

/// A graphics adapter with its pipelines, and buffers that one search leaves to the next.
pub struct Gpu {
    adapter: Adapter,
    setup: GpuSetup,
    kernels: Kernels,
    buffers: Mutex<Buffers>,
}

impl Gpu {
    /// The fastest adapter there is, software ones included.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) where there is none or it cannot be opened.
    pub async fn open() -> Result<Self> {
        Self::open_with(GpuSetup::default()).await
    }

    /// The same, used in another way.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(setup: GpuSetup) -> Result<Self> {
        let adapter = Adapter::open(setup.buffer_bytes).await?;
        Ok(Self { adapter, setup, kernels: Kernels::default(), buffers: Mutex::default() })
    }

    /// The k nearest as the kernels alone see them, (row, squared distance) in float32 precision: what the processor
    /// orders again. For tests of the kernels; queries that the filter gives up have none.
    ///
    /// # Errors
    /// As [`NeighborSearch::search`].
    #[doc(hidden)]
    pub async fn unrescored(&self, query: Query<'_, impl Rows, impl Rows>) -> Result<Vec<Vec<(u32, f64)>>> {
        query.check()?;
        let Some(sizes) = Sizes::new(&self.setup, &self.adapter, query.support.shape()[1], query.k) else {
            return Ok(vec![Vec::new(); query.queries.shape()[0]]);
        };
        let mut found = Vec::new();
        let filter = self.filter(sizes, query).await?;
        self.filtered(&filter, query, &(), async |raw: &[f32], kept| {
            let norms = filter.center.rows(raw).norms;
            found.extend(kept.into_iter().zip(norms).map(|(kept, norm)| {
                let distance = |(key, row)| (row, filter.center.squared_distance(key, norm));
                let mut nearest: Vec<_> = kept.unwrap_or_default().into_iter().map(distance).collect();
                nearest.sort_by(|a, b| a.1.total_cmp(&b.1));
                nearest.truncate(query.k);
                nearest
            }));
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// What was opened.
    pub fn adapter(&self) -> &AdapterSummary {
        &self.adapter.summary
    }
}

impl NeighborSearch for Gpu {
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors> {
        query.check()?;
        let Some(sizes) = Sizes::new(&self.setup, &self.adapter, query.support.shape()[1], query.k) else {
            return Cpu::new(self.setup.memory).search(query, progress).await;
        };
        let (mut found, mut given_up) = (Vec::new(), Vec::new());
        let filter = self.filter(sizes, query).await?;
        self.filtered(&filter, query, progress, async |raw: &[f32], kept: Vec<Kept>| {
            given_up
                .extend((0..).zip(&kept).filter(|(_, kept)| kept.is_none()).map(|(at, _)| (found.len() + at) as u32));
            found.extend(rescore(query.support, raw, query.k, &kept).await?);
            Ok(())
        })
        .await?;
        self.search_given_up(query, progress, &given_up, &mut found).await?;
        Ok(Neighbors::collect(query.k, found))
    }
}

impl Gpu {
    async fn filter<'a, S: Rows>(&'a self, sizes: Sizes, query: Query<'a, S, impl Rows>) -> Result<Filter<'a, S>> {
        let Query { support, queries, k, .. } = query;
        let center = Center::new(support, queries).await?;
        let loss = Loss::new(&center, sizes.layout, support).await?;
        Ok(Filter { adapter: &self.adapter, kernels: &self.kernels, sizes, center, loss, support, k })
    }

    /// Filters block by block; `take` gets the rows of a block as they came and what was kept for them.
    async fn filtered<S: Rows>(
        &self,
        filter: &Filter<'_, S>,
        query: Query<'_, S, impl Rows>,
        progress: &impl Progress,
        mut take: impl AsyncFnMut(&[f32], Vec<Kept>) -> Result<()>,
    ) -> Result<()> {
        // A second search at the same time, or one after a failure, starts with buffers of its own.
        let mut buffers = std::mem::take(&mut *self.buffers.lock().unwrap_or_else(PoisonError::into_inner));
        let Query { queries, exclude, .. } = query;
        let total = queries.shape()[0];
        let all_fit = total <= filter.sizes.queries;
        for start in (0..total).step_by(filter.sizes.queries) {
            let end = (start + filter.sizes.queries).min(total);
            let raw = queries.block(start..end).await?;
            let stretch = SubProgress { whole: progress, start, length: end - start, total };
            let kept = if all_fit && exclude == Exclude::Itself {
                self.adapter.watched(filter.ring(&mut buffers, &raw, &stretch)).await?
            } else {
                self.adapter.watched(filter.block(&mut buffers, &raw, start, exclude, &stretch)).await?
            };
            take(&raw, kept).await?;
        }
        *self.buffers.lock().unwrap_or_else(PoisonError::into_inner) = buffers;
        Ok(())
    }

    /// The queries that the filter gave up, on the processor.
    async fn search_given_up(
        &self,
        query: Query<'_, impl Rows, impl Rows>,
        progress: &impl Progress,
        given_up: &[u32],
        found: &mut [Nearest],
    ) -> Result<()> {
        if given_up.is_empty() {
            return Ok(());
        }
        let left_out = query.exclude.of_some(given_up);
        let exclude = left_out.as_deref().map_or(Exclude::Nothing, Exclude::Rows);
        let total = query.queries.shape()[0];
        // All queries are reported already; who listens can still stop it.
        let progress = SubProgress { whole: progress, start: total, length: 0, total };
        let some = Selected { source: query.queries, ids: given_up };
        let again = Query { support: query.support, queries: &some, k: query.k, exclude };
        let neighbors = Cpu::new(self.setup.memory).search(again, &progress).await?;
        for (place, &query) in given_up.iter().enumerate() {
            for (&distance, &row) in neighbors.distances_of(place).iter().zip(neighbors.of(place)) {
                found[query as usize].offer(distance, row);
            }
        }
        Ok(())
    }
}
