//! The search on a graphics adapter: WGSL filters in float32, tile by tile; the processor rescores in float64. Queries
//! and support are processed in blocks of limited size; of the queries x support matrix only candidates are kept.

mod buffers;
mod context;
mod filter;
mod pipelines;
mod round;
mod rows;
mod setup;
#[cfg(test)]
mod tests;
mod upload;

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use buffers::Buffers;
use context::SearchContext;
use pipelines::Pipelines;
pub use pipelines::{DISTANCES_F16_WGSL, DISTANCES_WGSL, GATHER_WGSL, SELECT_WGSL};
use rows::StorageLoss;
use setup::SearchSizes;
pub use setup::{GpuSetup, Storage};

use super::adapter::{Adapter, AdapterSummary};
use super::center::Center;
use super::cpu::Cpu;
use super::exact::Nearest;
use super::progress::{Progress, SubProgress};
use super::query::{Exclude, NeighborSearch, Neighbors, Query, Reduction};
use super::rescore::Rescorer;
use super::shortlist::{Shortlist, decide_early, given_up};
use super::simd::Kernel;
use crate::error::Result;
use crate::matrix::Rows;

/// The rescorer reads one float32 value per this many bytes of memory: an eighth of the memory.
const READ_SHARE: usize = 8 * size_of::<f32>();

/// A graphics adapter with its pipelines, and buffers that the searches share.
pub struct Gpu {
    adapter: Adapter,
    setup: GpuSetup,
    pipelines: Pipelines,
    buffers: Mutex<Buffers>,
}

impl Gpu {
    /// Opens the fastest adapter, software adapters included.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) if there is none or it cannot be opened.
    pub async fn open() -> Result<Self> {
        Self::open_with(GpuSetup::default()).await
    }

    /// Opens the fastest adapter with these settings.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub async fn open_with(setup: GpuSetup) -> Result<Self> {
        let adapter = Adapter::open(setup.buffer_bytes).await?;
        Ok(Self { adapter, setup, pipelines: Pipelines::default(), buffers: Mutex::default() })
    }

    /// Returns the k nearest rows according to the kernels alone, as (row, squared distance) in float32 precision,
    /// before the processor rescores them. For tests of the kernels; empty for queries with too many candidates.
    ///
    /// # Errors
    /// Those of [`NeighborSearch::search`].
    #[doc(hidden)]
    pub async fn unrescored(&self, query: Query<'_, impl Rows, impl Rows>) -> Result<Vec<Vec<(u32, f64)>>> {
        query.check()?;
        let Some(context) = self.context(query).await? else {
            return Ok(vec![Vec::new(); query.queries.shape()[0]]);
        };
        let mut found = Vec::new();
        self.filtered(&context, query, &(), async |_: &[f32], shortlists| {
            found.extend(shortlists.into_iter().map(|shortlist| {
                let Some(Shortlist { candidates, length, .. }) = shortlist else { return Vec::new() };
                let distance = |key| context.center.squared_distance(key, length * length);
                candidates.into_iter().take(query.k).map(|near| (near.row, distance(near.key))).collect()
            }));
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// Returns the description of the adapter.
    pub fn adapter(&self) -> &AdapterSummary {
        &self.adapter.summary
    }
}

impl NeighborSearch for Gpu {
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors> {
        query.check()?;
        let Some(context) = self.context(query).await? else {
            return self.processor().search(query, progress).await;
        };
        let (mut nearest, mut left) = (Vec::new(), Vec::new());
        self.filtered(&context, query, progress, async |queries: &[f32], shortlists| {
            left.extend(given_up(&shortlists, nearest.len()));
            nearest.extend(self.rescorer(&context).rescore(queries, &shortlists, &()).await?);
            Ok(())
        })
        .await?;
        if !left.is_empty() {
            let found = self.processor().search(query.subset(&left).query(), &after_all(query, progress)).await?;
            for (place, &at) in left.iter().enumerate() {
                for (&distance, &row) in found.distances_of(place).iter().zip(found.of(place)) {
                    nearest[at as usize].offer(distance, row);
                }
            }
        }
        Ok(Neighbors::collect(query.k, nearest))
    }

    async fn search_reduce<R: Reduction>(
        &self,
        query: Query<'_, impl Rows, impl Rows>,
        reduction: &R,
        progress: &impl Progress,
    ) -> Result<Vec<R::Answer>> {
        query.check()?;
        let Some(context) = self.context(query).await? else {
            return self.processor().search_reduce(query, reduction, progress).await;
        };
        let (mut answers, mut left) = (Vec::new(), Vec::new());
        self.filtered(&context, query, progress, async |queries: &[f32], mut shortlists| {
            left.extend(given_up(&shortlists, answers.len()));
            let decided = decide_early(&mut shortlists, reduction, query.k);
            let nearest = self.rescorer(&context).rescore(queries, &shortlists, &()).await?;
            let answer = |(decided, nearest): (Option<R::Answer>, Nearest)| {
                decided.or_else(|| nearest.is_full().then(|| reduction.answer(&nearest.indices())))
            };
            answers.par_extend(decided.into_par_iter().zip(nearest).map(answer));
            Ok(())
        })
        .await?;
        if !left.is_empty() {
            let subset = query.subset(&left);
            let found = self.processor().search_reduce(subset.query(), reduction, &after_all(query, progress)).await?;
            for (&at, found) in left.iter().zip(found) {
                answers[at as usize] = Some(found);
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

/// Returns a progress of the last steps: all queries are reported already, but the caller can still cancel.
fn after_all<'p, P: Progress>(query: Query<'_, impl Rows, impl Rows>, progress: &'p P) -> SubProgress<'p, P> {
    let total = query.queries.shape()[0];
    SubProgress { whole: progress, start: total, length: 0, total }
}

impl Gpu {
    /// Returns the search for the queries that the adapter cannot search.
    fn processor(&self) -> Cpu {
        Cpu::new(self.setup.memory)
    }

    /// Returns the state of a search; `None` if the adapter cannot run it.
    async fn context<'a, S: Rows>(&'a self, query: Query<'a, S, impl Rows>) -> Result<Option<SearchContext<'a, S>>> {
        let Query { support, queries, k, .. } = query;
        let Some(sizes) = SearchSizes::new(&self.setup, &self.adapter, support.shape()[1], k) else {
            return Ok(None);
        };
        let center = Center::new(Kernel::best(), support, queries).await?;
        let loss = StorageLoss::new(&center, sizes.layout, support).await?;
        let (adapter, pipelines) = (&self.adapter, &self.pipelines);
        Ok(Some(SearchContext { adapter, pipelines, sizes, center, loss, support, k }))
    }

    fn rescorer<'a, S: Rows>(&self, context: &'a SearchContext<'_, S>) -> Rescorer<'a, S> {
        let SearchContext { center, support, k, .. } = context;
        Rescorer { kernel: Kernel::best(), center, support, k: *k, most_values: self.setup.memory / READ_SHARE }
    }

    /// Filters block by block. Calls `take` with the original rows of a block and their shortlists.
    async fn filtered<S: Rows>(
        &self,
        context: &SearchContext<'_, S>,
        query: Query<'_, S, impl Rows>,
        progress: &impl Progress,
        mut take: impl AsyncFnMut(&[f32], Vec<Option<Shortlist>>) -> Result<()>,
    ) -> Result<()> {
        let Query { queries, exclude, .. } = query;
        // A concurrent search, or one after a failure, starts with new buffers.
        let mut buffers = std::mem::take(&mut *self.buffers.lock().unwrap_or_else(PoisonError::into_inner));
        let total = queries.shape()[0];
        let all_fit = total <= context.sizes.queries;
        for start in (0..total).step_by(context.sizes.queries) {
            let end = (start + context.sizes.queries).min(total);
            let raw = queries.block(start..end).await?;
            let stretch = SubProgress { whole: progress, start, length: end - start, total };
            let shortlists = if all_fit && exclude == Exclude::Itself {
                self.adapter.watched(context.ring(&mut buffers, &raw, &stretch)).await?
            } else {
                self.adapter.watched(context.block(&mut buffers, &raw, start, exclude, &stretch)).await?
            };
            take(&raw, shortlists).await?;
        }
        *self.buffers.lock().unwrap_or_else(PoisonError::into_inner) = buffers;
        Ok(())
    }
}
