//! The search on processors. Rows are centred and packed (`panels.rs`), keys of panels are compared with thresholds
//! (`filter.rs`), candidates are kept (`candidate_lists.rs`) and rescored in float64 (`rescore.rs`, shared by all
//! searches). Queries with too many candidates are searched by exact distances alone (`scan.rs`).

mod blocked_filter;
#[cfg(test)]
mod bound;
mod budget;
mod candidate_lists;
mod columns;
mod filter;
mod panels;
mod scan;

use blocked_filter::BlockedFilter;
use rayon::prelude::*;

use super::center::Center;
use super::exact::Nearest;
use super::progress::{Progress, SubProgress};
use super::query::{DEFAULT_MEMORY, Exclude, NeighborSearch, Neighbors, Query, Reduction};
use super::rescore::Rescorer;
use super::shortlist::{Shortlist, decide_early, given_up};
use super::simd::{Format, Kernel};
use crate::error::{Error, Result};
use crate::matrix::{Rows, Selected};
use budget::Budget;
use scan::scan;

/// Queries per thread between two reports.
const REPORT: usize = 256;

/// The search on all threads of this process (one in a browser tab).
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    memory: usize,
    kernel: Kernel,
    /// The format of the filter; `None`: a trial chooses it. (Queries with too many candidates are filtered again in
    /// more precise ones.)
    format: Option<Format>,
}

impl Default for Cpu {
    fn default() -> Self {
        Self::new(DEFAULT_MEMORY)
    }
}

impl Cpu {
    /// Returns a search that uses at most this many bytes, not counting the rows themselves, and the fastest
    /// instructions.
    pub fn new(memory: usize) -> Self {
        Self { memory, kernel: Kernel::best(), format: None }
    }

    /// Returns this search with other instructions.
    ///
    /// # Errors
    /// [`Error::Setting`] if this processor lacks them.
    pub fn with_kernel(self, kernel: Kernel) -> Result<Self> {
        if !kernel.is_available() {
            let names: Vec<&str> = Kernel::available().into_iter().map(Kernel::name).collect();
            let remedy = format!("this processor has {}", names.join(", "));
            return Err(Error::Setting { name: "kernel", value: kernel.name().into(), remedy });
        }
        Ok(Self { kernel, ..self })
    }

    /// Returns this search with one number format for all layers, instead of the one that a trial finds the fastest.
    pub fn with_format(self, format: Format) -> Self {
        Self { format: Some(format), ..self }
    }

    /// Searches as [`search`](NeighborSearch::search) does, and blocks the thread until it is done. (The trait is async
    /// because a GPU on the web answers only after the thread has returned to the browser. This search never waits.)
    ///
    /// # Errors
    /// As [`NeighborSearch::search`].
    pub fn search_blocking(&self, query: Query<'_, impl Rows, impl Rows>) -> Result<Neighbors> {
        pollster::block_on(self.search(query, &()))
    }

    /// Returns the memory limit of a search, in bytes.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Returns the instructions that it uses.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }
}

impl NeighborSearch for Cpu {
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors> {
        query.check()?;
        let task = CpuSearch { cpu: self, query };
        let (center, shortlists) = task.filter(progress).await?;
        let all: Vec<u32> = (0..shortlists.len() as u32).collect();
        let nearest = task.exact(&center, &shortlists, &all, |nearest| nearest, progress).await?;
        Ok(Neighbors::collect(query.k, nearest))
    }

    async fn search_reduce<R: Reduction>(
        &self,
        query: Query<'_, impl Rows, impl Rows>,
        reduction: &R,
        progress: &impl Progress,
    ) -> Result<Vec<R::Answer>> {
        query.check()?;
        let task = CpuSearch { cpu: self, query };
        let (center, mut shortlists) = task.filter(progress).await?;
        let mut answers = decide_early(&mut shortlists, reduction, query.k);
        let open: Vec<u32> = (0..).zip(&answers).filter(|(_, answer)| answer.is_none()).map(|(at, _)| at).collect();
        let of_open: Vec<_> = open.iter().map(|&at| shortlists[at as usize].take()).collect();
        drop(shortlists);
        let answer = |nearest: Nearest| reduction.answer(&nearest.indices());
        let found = task.exact(&center, &of_open, &open, answer, progress).await?;
        for (at, found) in open.into_iter().zip(found) {
            answers[at as usize] = Some(found);
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

/// One search.
struct CpuSearch<'a, S, Q> {
    cpu: &'a Cpu,
    query: Query<'a, S, Q>,
}

impl<S: Rows, Q: Rows> CpuSearch<'_, S, Q> {
    fn budget(&self) -> Budget {
        Budget { memory: self.cpu.memory, dims: self.query.support.shape()[1], k: self.query.k }
    }

    /// Returns the shortlist of each query, `[queries]`. Queries for which a format keeps too many candidates are
    /// filtered again in the next more precise one.
    async fn filter(&self, progress: &impl Progress) -> Result<(Center, Vec<Option<Shortlist>>)> {
        let Query { support, queries, k, exclude } = self.query;
        let total = queries.shape()[0];
        let center = match exclude {
            Exclude::Itself => Center::new_leave_one_out(self.cpu.kernel, support).await?,
            Exclude::Nothing | Exclude::Rows(_) => Center::new(self.cpu.kernel, support, queries).await?,
        };
        // The last tenth of the progress is for rescoring.
        let most = SubProgress { whole: progress, start: 0, length: total - total / 10, total };
        let mut filter = BlockedFilter::new(self.cpu.kernel, self.budget(), &center, support, k);
        match self.cpu.format {
            Some(format) => filter.use_format(format),
            None => filter.choose(queries, exclude).await?,
        }
        let mut shortlists = filter.candidates(queries, exclude, &most).await?;
        loop {
            let again: Vec<u32> = given_up(&shortlists, 0).collect();
            if again.is_empty() || !filter.refine() {
                break;
            }
            let subset = self.query.subset(&again);
            let Query { queries, exclude, .. } = subset.query();
            let waiting = SubProgress { whole: progress, start: total - total / 10, length: 0, total };
            for (&query, found) in again.iter().zip(filter.candidates(queries, exclude, &waiting).await?) {
                shortlists[query as usize] = found;
            }
        }
        drop(filter);
        Ok((center, shortlists))
    }

    /// Returns `answer` for the nearest rows of the queries `ids`, `[ids]`: from their shortlists, or by a scan of all rows
    /// without one.
    async fn exact<T: Send>(
        &self,
        center: &Center,
        shortlists: &[Option<Shortlist>],
        ids: &[u32],
        answer: impl Fn(Nearest) -> T + Sync,
        progress: &impl Progress,
    ) -> Result<Vec<T>> {
        let total = self.query.queries.shape()[0];
        let rest = SubProgress { whole: progress, start: total - total / 10, length: total / 10, total };
        let mut answers = self.rescored(center, shortlists, ids, &answer, &rest).await?;
        let lost: Vec<u32> = given_up(shortlists, 0).collect();
        if !lost.is_empty() {
            let lost_ids: Vec<u32> = lost.iter().map(|&at| ids[at as usize]).collect();
            let subset = self.query.subset(&lost_ids);
            let found = scan(self.cpu.kernel, self.budget(), subset.query(), &rest).await?;
            for (at, found) in lost.into_iter().zip(found) {
                answers[at as usize] = Some(answer(found));
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }

    /// Returns `answer` for the nearest rows of the queries `ids`, `[ids]`; `None` for those without a shortlist.
    async fn rescored<T: Send>(
        &self,
        center: &Center,
        shortlists: &[Option<Shortlist>],
        ids: &[u32],
        answer: &(impl Fn(Nearest) -> T + Sync),
        progress: &impl Progress,
    ) -> Result<Vec<Option<T>>> {
        let (Query { support, queries, k, .. }, budget) = (self.query, self.budget());
        let most_values = budget.read_values();
        let rescorer = Rescorer { kernel: self.cpu.kernel, center, support, k, most_values };
        let step = match queries.whole() {
            Some(_) => REPORT * rayon::current_num_threads(),
            None => budget.raw_rows(),
        };
        let mut answers = Vec::with_capacity(ids.len());
        for start in (0..ids.len()).step_by(step) {
            let end = (start + step).min(ids.len());
            let some = Selected { source: queries, ids: &ids[start..end] };
            let values = some.block(0..end - start).await?;
            let share = SubProgress { whole: progress, start, length: end - start, total: ids.len() };
            let nearest = rescorer.rescore(&values, &shortlists[start..end], &share).await?;
            answers.par_extend(nearest.into_par_iter().map(|nearest| nearest.is_full().then(|| answer(nearest))));
        }
        Ok(answers)
    }
}
