//! The filter in blocks of rows, since not all may fit in memory; chooses between bfloat16 and float32.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::budget::Budget;
use super::candidate_lists::{CandidateLists, capacity};
use super::filter::{both_ways, locked, one_way, strip_panels};
use super::panels::{Panels, Precision};
use crate::error::Result;
use crate::matrix::{Rows, Selected};
use crate::search::center::Center;
use crate::search::progress::{Progress, SubProgress};
use crate::search::query::Exclude;
use crate::search::shortlist::Shortlist;
use crate::search::simd::{Kernel, Lanes, PANEL_ROWS, SimdTask};

/// Maximum memory budget if each block is packed only once; a quarter of it holds packed rows.
const ONCE: usize = 256 << 20;
/// Number of pilot queries: one panel.
const PILOTS: usize = PANEL_ROWS;
/// Number of pilot queries that may fail.
const PILOTS_THAT_MAY_GIVE_UP: usize = 1;

/// A filter for one support.
pub struct BlockedFilter<'a, S> {
    kernel: Kernel,
    precision: Precision,
    budget: Budget,
    center: &'a Center,
    support: &'a S,
    k: usize,
    /// The block of the support that was packed last.
    packed: Option<Panels>,
}

impl<'a, S: Rows> BlockedFilter<'a, S> {
    /// Creates a filter in bfloat16 if the kernel supports it, otherwise in float32.
    pub fn new(kernel: Kernel, budget: Budget, center: &'a Center, support: &'a S, k: usize) -> Self {
        let precision = if kernel == Kernel::Avx512Bf16 { Precision::Bf16 } else { Precision::F32 };
        Self { kernel, precision, budget, center, support, k, packed: None }
    }

    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Switches to float32.
    pub fn refine(&mut self) {
        self.precision = Precision::F32;
        self.kernel = self.kernel.min(Kernel::Avx512);
        self.packed = None;
    }

    /// Tests bfloat16 with a few queries on one block of the support. Switches to float32 if they keep too many
    /// candidates.
    pub async fn choose(&mut self, queries: &impl Rows, exclude: Exclude<'_>) -> Result<()> {
        if self.precision == Precision::F32 {
            return Ok(());
        }
        let count = queries.shape()[0];
        let ids: Vec<u32> = (0..PILOTS.min(count)).map(|at| (at * count / PILOTS.min(count)) as u32).collect();
        let pilots = self.pack(&Selected { source: queries, ids: &ids }, 0..ids.len()).await?;
        let rows = self.support.shape()[0];
        let support = self.take_support(0..self.block_rows(rows, true)).await?;
        let left_out = ids.iter().map(|&id| exclude.of(id as usize));
        let mut lists = [CandidateLists::new(self.k, left_out)];
        self.widen(&mut lists[0], 0, &pilots, &support);
        one_way(self.kernel, &pilots, &support, &mut lists, &()).await?;
        self.packed = Some(support);
        let [lists] = lists;
        let kept: Vec<Option<Shortlist>> = lists.finish();
        let most = self.worth_keeping(rows, exclude);
        let given_up = kept.iter().filter(|kept| kept.is_none()).count();
        let candidates: usize = kept.iter().flatten().map(|kept| kept.candidates.len()).sum();
        if given_up > PILOTS_THAT_MAY_GIVE_UP || candidates > kept.len() * most {
            self.refine();
        }
        Ok(())
    }

    /// Returns the average number of candidates per query up to which bfloat16 is faster: its products save more time
    /// than rescoring costs. A candidate costs as much as about its dims plus 200 dims. (Our estimate, from a few
    /// layers.)
    fn worth_keeping(&self, rows: usize, exclude: Exclude<'_>) -> usize {
        let share = if exclude == Exclude::Itself { 80 } else { 40 };
        let dims = self.budget.dims;
        (self.k + rows / share * dims / (dims + 200)).min(capacity(self.k) / 2)
    }

    /// Returns the shortlist of each query, `[queries]`.
    pub async fn candidates(
        &mut self,
        queries: &impl Rows,
        exclude: Exclude<'_>,
        progress: &impl Progress,
    ) -> Result<Vec<Option<Shortlist>>> {
        let count = queries.shape()[0];
        if exclude == Exclude::Itself && count <= self.budget.listed_queries(1) {
            return self.pairs(progress).await;
        }
        let strip = strip_panels(count.div_ceil(PANEL_ROWS)) * PANEL_ROWS;
        let step = self.budget.packed_rows(self.precision, strip).min(self.budget.listed_queries(strip));
        let rows = self.support.shape()[0];
        let (support_step, mut kept) = (self.block_rows(rows, count <= step), Vec::with_capacity(count));
        for start in (0..count).step_by(step) {
            let some = start..(start + step).min(count);
            let block = self.pack(queries, some.clone()).await?;
            let mut lists: Vec<CandidateLists> = strips(some.clone(), strip)
                .map(|strip| CandidateLists::new(self.k, strip.map(|query| exclude.of(query))))
                .collect();
            for first in (0..rows).step_by(support_step) {
                let end = (first + support_step).min(rows);
                let support = self.take_support(first..end).await?;
                for (at, lists) in lists.iter_mut().enumerate() {
                    self.widen(lists, at * strip, &block, &support);
                }
                let share = SubProgress { whole: progress, start, length: some.len(), total: count };
                let share = SubProgress { whole: &share, start: first, length: end - first, total: rows };
                one_way(self.kernel, &block, &support, &mut lists, &share).await?;
                self.packed = Some(support);
            }
            kept.par_extend(lists.into_par_iter().flat_map_iter(CandidateLists::finish));
        }
        Ok(kept)
    }

    /// Returns the shortlists if the queries are the support: computes each pair of rows once.
    async fn pairs(&mut self, progress: &impl Progress) -> Result<Vec<Option<Shortlist>>> {
        let rows = self.support.shape()[0];
        let strip = strip_panels(rows.div_ceil(PANEL_ROWS));
        let lists: Vec<Mutex<CandidateLists>> = strips(0..rows, strip * PANEL_ROWS)
            .map(|strip| Mutex::new(CandidateLists::new(self.k, strip.map(Some))))
            .collect();
        let step = self.budget.packed_rows(self.precision, strip * PANEL_ROWS);
        let blocks = strips(0..rows, step).count();
        let (mut done, pairs) = (0, blocks * (blocks + 1) / 2);
        for (i, own) in strips(0..rows, step).enumerate() {
            let a = self.take_support(own).await?;
            for (_, other) in strips(0..rows, step).enumerate().skip(i) {
                let b = if other == a.rows { None } else { Some(self.take_support(other).await?) };
                let share = SubProgress { whole: progress, start: done, length: 1, total: pairs };
                self.meet(&a, b.as_ref().unwrap_or(&a), &lists, strip, &share).await?;
                self.packed = b.or(self.packed.take());
                done += 1;
            }
        }
        let lists = lists.into_par_iter().map(|lists| lists.into_inner().unwrap_or_else(PoisonError::into_inner));
        Ok(lists.flat_map_iter(CandidateLists::finish).collect())
    }

    /// Compares each row of block `a` with each row of block `b`; both may be the same block.
    async fn meet(
        &self,
        a: &Panels,
        b: &Panels,
        lists: &[Mutex<CandidateLists>],
        strip: usize,
        progress: &impl Progress,
    ) -> Result<()> {
        let lists_of = |block: &Panels| {
            let first = block.rows.start / (strip * PANEL_ROWS);
            &lists[first..first + block.len().div_ceil(strip)]
        };
        for (block, other) in [(a, b), (b, a)] {
            for (at, lists) in lists_of(block).iter().enumerate() {
                let mut lists = locked(lists);
                self.widen(&mut lists, at * strip * PANEL_ROWS, block, other);
            }
        }
        both_ways(self.kernel, [a, b], [lists_of(a), lists_of(b)], strip, progress).await
    }

    /// Widens the error bounds of lists for this support. The first query of `lists` is row `first` of the block
    /// `queries`.
    fn widen(&self, lists: &mut CandidateLists, first: usize, queries: &Panels, support: &Panels) {
        let roundings = self.kernel.run(Roundings { words: support.words() });
        for query in 0..lists.len() {
            let extent = queries.extents[first + query];
            lists.widen(query, extent.length, self.center.key_error(extent, support.largest, roundings));
        }
    }

    async fn pack(&self, source: &impl Rows, rows: Range<usize>) -> Result<Panels> {
        self.pack_over(source, rows, None).await
    }

    async fn pack_over(&self, source: &impl Rows, rows: Range<usize>, old: Option<Panels>) -> Result<Panels> {
        Panels::pack(self.kernel, self.precision, self.center, source, rows, self.budget.read_values(), old).await
    }

    /// Returns a packed block of the support; does not pack the last one again.
    async fn take_support(&mut self, rows: Range<usize>) -> Result<Panels> {
        match self.packed.take() {
            Some(packed) if packed.rows == rows => Ok(packed),
            old => self.pack_over(self.support, rows, old).await,
        }
    }

    /// Returns the rows of a block of the support: few if each is packed `once`, since reused memory costs least.
    fn block_rows(&self, rows: usize, once: bool) -> usize {
        let budget = if once { Budget { memory: self.budget.memory.min(ONCE), ..self.budget } } else { self.budget };
        budget.packed_rows(self.precision, PANEL_ROWS).min(rows)
    }
}

/// Divides the rows into ranges of `step` rows.
fn strips(rows: Range<usize>, step: usize) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(step).map(move |start| start..(start + step).min(end))
}

/// The maximum number of successive float32 roundings in the dot product of `words` words, as a task.
struct Roundings {
    words: usize,
}

impl SimdTask for Roundings {
    type Output = usize;

    fn run<L: Lanes>(self, _lanes: L) -> usize {
        L::ROUNDINGS * self.words.min(L::WORDS) + self.words.div_ceil(L::WORDS) + 2
    }
}
