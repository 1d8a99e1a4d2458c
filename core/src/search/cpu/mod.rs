//! The search on processors. Data go one way: rows are centred and packed (`panels.rs`), keys of panels are compared with
//! thresholds (`filter.rs`, on the instructions of `kernel.rs`), what may matter is kept (`shortlist.rs`) and rescored in
//! float64 (`rescore.rs`); queries that keep too much are searched by plain distances (`scan.rs`).

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod blocked_filter;
mod budget;
mod filter;
mod kernel;
mod lanes;
mod panels;
mod portable;
mod rescore;
mod scan;
mod shortlist;

pub use kernel::Kernel;
pub(super) use lanes::{Lanes, Task};

use blocked_filter::BlockedFilter;
use rayon::prelude::*;

use super::center::Center;
use super::exact::Nearest;
use super::progress::{Progress, SubProgress};
use super::query::{DEFAULT_MEMORY, Exclude, NeighborSearch, Neighbors, Query, Reduction};
use crate::error::{Error, Result};
use crate::matrix::{Rows, Selected};
use budget::Budget;
use panels::Format;
use rescore::rescore;
use scan::scan;
use shortlist::Kept;

/// All threads of this process (one in a browser tab).
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    memory: usize,
    kernel: Kernel,
}

impl Default for Cpu {
    fn default() -> Self {
        Self::new(DEFAULT_MEMORY)
    }
}

impl Cpu {
    /// Searches that use at most so many bytes beside what the rows themselves hold, on the fastest instructions.
    pub fn new(memory: usize) -> Self {
        Self { memory, kernel: Kernel::best() }
    }

    /// The same on other instructions.
    ///
    /// # Errors
    /// [`Error::Setting`] where this processor has not got them.
    pub fn with_kernel(self, kernel: Kernel) -> Result<Self> {
        if !kernel.is_available() {
            let names: Vec<&str> = Kernel::available().into_iter().map(Kernel::name).collect();
            let remedy = format!("this processor has {}", names.join(", "));
            return Err(Error::Setting { name: "kernel", value: kernel.name().into(), remedy });
        }
        Ok(Self { kernel, ..self })
    }

    /// Searches as [`search`](NeighborSearch::search) does, and blocks the thread until it is done. (The trait is async
    /// because a GPU on the web answers only after the thread has returned to the browser. Here nothing waits.)
    ///
    /// # Errors
    /// As [`NeighborSearch::search`].
    pub fn search_blocking(&self, query: Query<'_, impl Rows, impl Rows>) -> Result<Neighbors> {
        pollster::block_on(self.search(query, &()))
    }

    /// Bytes that a search may use.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// The instructions it uses.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }
}

impl NeighborSearch for Cpu {
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors> {
        query.check()?;
        let task = CpuSearch { cpu: self, query };
        let (center, kept) = task.filter(progress).await?;
        let all: Vec<u32> = (0..kept.len() as u32).collect();
        let nearest = task.exact(&center, kept, &all, progress).await?;
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
        let (center, mut kept) = task.filter(progress).await?;
        let mut answers: Vec<Option<R::Answer>> =
            kept.par_iter().map(|kept| kept.as_ref().and_then(|kept| kept.decide_early(reduction, query.k))).collect();
        let open: Vec<u32> =
            (0..).zip(&answers).filter(|(_, answer)| answer.is_none()).map(|(query, _)| query).collect();
        let kept_open = open.iter().map(|&query| kept[query as usize].take()).collect();
        let nearest = task.exact(&center, kept_open, &open, progress).await?;
        let found: Vec<R::Answer> = nearest
            .into_par_iter()
            .map(|nearest| {
                let rows: Vec<u32> = nearest.into_sorted().into_iter().map(|(_, row)| row).collect();
                reduction.answer(&rows)
            })
            .collect();
        for (query, answer) in open.into_iter().zip(found) {
            answers[query as usize] = Some(answer);
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

    /// What each query keeps, `[queries]`; where bfloat16 keeps too much, float32 has a second look.
    async fn filter(&self, progress: &impl Progress) -> Result<(Center, Vec<Option<Kept>>)> {
        let total = self.query.queries.shape()[0];
        let center = match self.query.exclude {
            Exclude::Itself => Center::new_leave_one_out(self.query.support).await?,
            Exclude::Nothing | Exclude::Rows(_) => Center::new(self.query.support, self.query.queries).await?,
        };
        // Rescoring has the last tenth.
        let most = SubProgress { whole: progress, start: 0, length: total - total / 10, total };
        let mut filter = BlockedFilter::new(self.cpu.kernel, self.budget(), &center, self.query.support, self.query.k);
        filter.choose(self.query.queries, self.query.exclude).await?;
        let mut kept = filter.candidates(self.query.queries, self.query.exclude, &most).await?;
        let again = given_up(&kept);
        if filter.format() == Format::Bf16 && !again.is_empty() {
            filter.refine();
            let rows = self.query.exclude.of_some(&again);
            let exclude = rows.as_deref().map_or(Exclude::Nothing, Exclude::Rows);
            let queries = Selected { source: self.query.queries, ids: &again };
            let waiting = SubProgress { whole: progress, start: total - total / 10, length: 0, total };
            for (&query, found) in again.iter().zip(filter.candidates(&queries, exclude, &waiting).await?) {
                kept[query as usize] = found;
            }
        }
        drop(filter);
        Ok((center, kept))
    }

    /// The neighbours of some of the queries from what these keep; of those that gave up, by a scan of all rows.
    async fn exact(
        &self,
        center: &Center,
        kept: Vec<Option<Kept>>,
        ids: &[u32],
        progress: &impl Progress,
    ) -> Result<Vec<Nearest>> {
        let total = self.query.queries.shape()[0];
        let rest = SubProgress { whole: progress, start: total - total / 10, length: total / 10, total };
        let lost: Vec<usize> = (0..ids.len()).filter(|&at| kept[at].is_none()).collect();
        let lost_ids: Vec<u32> = lost.iter().map(|&at| ids[at]).collect();
        let (kernel, budget) = (self.cpu.kernel, self.budget());
        let mut nearest =
            rescore(kernel, budget, center, self.query.support, self.query.queries, ids, kept, self.query.k, &rest)
                .await?;
        if !lost.is_empty() {
            let left_out = self.query.exclude.of_some(&lost_ids);
            let queries = Selected { source: self.query.queries, ids: &lost_ids };
            let found =
                scan(kernel, budget, self.query.support, &queries, left_out.as_deref(), self.query.k, &rest).await?;
            for (at, found) in lost.into_iter().zip(found) {
                nearest[at] = found;
            }
        }
        Ok(nearest)
    }
}

fn given_up(kept: &[Option<Kept>]) -> Vec<u32> {
    (0..).zip(kept).filter(|(_, kept)| kept.is_none()).map(|(query, _)| query).collect()
}
