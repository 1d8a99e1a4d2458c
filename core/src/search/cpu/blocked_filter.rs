//! The filter in blocks of rows, since not all may fit in memory; chooses the number format.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::budget::Budget;
use super::candidate_lists::{CandidateLists, capacity};
use super::filter::{both_ways, locked, one_way, strip_panels};
use super::panels::Panels;
use crate::error::Result;
use crate::matrix::{Rows, Selected};
use crate::search::center::{Center, Extent};
use crate::search::progress::{Progress, SubProgress};
use crate::search::query::Exclude;
use crate::search::shortlist::Shortlist;
use crate::search::simd::{Format, Kernel, PANEL_ROWS};

/// Maximum memory budget if each block is packed only once; a quarter of it holds packed rows.
const ONCE: usize = 256 << 20;
/// Number of pilot queries: one panel.
const PILOTS: usize = PANEL_ROWS;
/// Number of panels of the support on which the pilots are tried, spread over the whole.
const TRIED_PANELS: usize = 24;
/// Number of pilot queries that may fail.
const PILOTS_THAT_MAY_GIVE_UP: usize = 1;
/// A product of float32, as a share of the time that one dim of a candidate costs.
const PRODUCTS_PER_CANDIDATE: f64 = 0.05;

/// A filter for one support.
pub struct BlockedFilter<'a, S> {
    kernel: Kernel,
    format: Format,
    budget: Budget,
    center: &'a Center,
    support: &'a S,
    k: usize,
    /// The block of the support that was packed last.
    packed: Option<Panels>,
    /// Whether lists were shorter than they may be, since there was no memory for longer ones of all queries at once.
    shortened: bool,
}

impl<'a, S: Rows> BlockedFilter<'a, S> {
    /// Creates a filter in float32.
    pub fn new(kernel: Kernel, budget: Budget, center: &'a Center, support: &'a S, k: usize) -> Self {
        Self { kernel, format: Format::F32, budget, center, support, k, packed: None, shortened: false }
    }

    /// Switches to a format.
    pub fn use_format(&mut self, format: Format) {
        self.format = format;
        self.packed = None;
    }

    /// Switches to the next more precise format; returns whether there is one, or whether longer lists may help.
    pub fn refine(&mut self) -> bool {
        let next = Format::ALL.into_iter().rev().find(|&format| format < self.format);
        let shortened = std::mem::take(&mut self.shortened);
        next.inspect(|&format| self.use_format(format)).is_some() || shortened
    }

    /// Chooses the fastest format that keeps few enough candidates of a few queries, on a part of the support.
    pub async fn choose(&mut self, queries: &impl Rows, exclude: Exclude<'_>) -> Result<()> {
        let formats = self.kernel.formats();
        let (count, rows) = (queries.shape()[0], self.support.shape()[0]);
        let &[_, packed, ..] = formats else { return Ok(()) };
        if count <= PILOTS {
            return Ok(());
        }
        self.use_format(packed);
        let asked = spread(PILOTS, 1, count);
        let pilots = self.pack(&Selected { source: queries, ids: &asked }, 0..PILOTS).await?;
        let tried =
            spread(TRIED_PANELS.min(self.budget.packed_rows(packed, PANEL_ROWS) / PANEL_ROWS), PANEL_ROWS, rows);
        let support = self.pack(&Selected { source: self.support, ids: &tried }, 0..tried.len()).await?;
        for pair in formats.windows(2).rev() {
            let left_out = asked.iter().map(|&id| {
                let row = exclude.of(id as usize)?;
                tried.binary_search(&row).ok().map(|place| place as u32)
            });
            let kept = self.candidates_per_query(pair[1], &pilots, &support, left_out).await?;
            if kept <= self.worth_keeping([pair[0], pair[1]], self.pair_list_length(exclude)) {
                self.use_format(pair[1]);
                return Ok(());
            }
        }
        self.use_format(Format::F32);
        Ok(())
    }

    /// Estimates how many candidates a format would keep per query: those within its expected error of the k-th, among
    /// rows that are packed in another format. Infinite if too many queries have too many.
    async fn candidates_per_query(
        &self,
        format: Format,
        pilots: &Panels,
        support: &Panels,
        left_out: impl Iterator<Item = Option<u32>>,
    ) -> Result<f64> {
        let share = support.rows.len() as f64 / self.support.shape()[0] as f64;
        let k = (self.k as f64 * share).round().max(1.0);
        let mut lists = [CandidateLists::new(k as usize, capacity(k as usize), left_out)];
        let (asked, others) = (pilots.expected(format), support.expected(format));
        self.widen_by(&mut lists[0], &asked, Extent::largest(&others));
        one_way(self.kernel, pilots, support, &mut lists, &()).await?;
        let [lists] = lists;
        let kept: Vec<Option<Shortlist>> = lists.finish();
        let found: Vec<usize> = kept.iter().flatten().map(|kept| kept.candidates.len()).collect();
        if found.len() + PILOTS_THAT_MAY_GIVE_UP < kept.len() {
            return Ok(f64::INFINITY);
        }
        Ok(found.iter().sum::<usize>() as f64 / found.len() as f64 / share)
    }

    /// Returns the number of candidates per query up to which the second format is faster than the first: its products
    /// save more time than rescoring costs. A candidate costs as much as about its dims plus 200 dims. (Our estimate,
    /// from a few layers.)
    fn worth_keeping(&self, [precise, fast]: [Format; 2], pair_list: Option<usize>) -> f64 {
        let saved = precise.properties().time - fast.properties().time;
        let pairs = if pair_list.is_some() { 0.5 } else { 1.0 };
        let (rows, dims) = (self.support.shape()[0] as f64, self.budget.dims as f64);
        let most = self.k as f64 + PRODUCTS_PER_CANDIDATE * saved * pairs * rows * dims / (dims + 200.0);
        most.min(pair_list.unwrap_or(capacity(self.k)) as f64 / 2.0)
    }

    /// Returns the largest length of a list if each pair of rows is computed once; `None` if not, since the queries are
    /// not the support, or since there is no memory for the lists of all of them at once.
    fn pair_list_length(&self, exclude: Exclude<'_>) -> Option<usize> {
        if exclude == Exclude::Itself { self.budget.list_length(self.support.shape()[0]) } else { None }
    }

    /// Returns the shortlist of each query, `[queries]`.
    pub async fn candidates(
        &mut self,
        queries: &impl Rows,
        exclude: Exclude<'_>,
        progress: &impl Progress,
    ) -> Result<Vec<Option<Shortlist>>> {
        let count = queries.shape()[0];
        if let Some(most) = self.pair_list_length(exclude) {
            self.shortened = most < capacity(self.k);
            return self.pairs(most, progress).await;
        }
        let strip = strip_panels(count.div_ceil(PANEL_ROWS)) * PANEL_ROWS;
        let step = self.budget.packed_rows(self.format, strip).min(self.budget.listed_queries(strip));
        let rows = self.support.shape()[0];
        let (support_step, mut kept) = (self.block_rows(rows, count <= step), Vec::with_capacity(count));
        for start in (0..count).step_by(step) {
            let some = start..(start + step).min(count);
            let block = self.pack(queries, some.clone()).await?;
            let mut lists: Vec<CandidateLists> = strips(some.clone(), strip)
                .map(|strip| CandidateLists::new(self.k, capacity(self.k), strip.map(|query| exclude.of(query))))
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

    /// Returns the shortlists if the queries are the support: computes each pair of rows once. A list holds at most `most`
    /// rows.
    async fn pairs(&mut self, most: usize, progress: &impl Progress) -> Result<Vec<Option<Shortlist>>> {
        let rows = self.support.shape()[0];
        let strip = strip_panels(rows.div_ceil(PANEL_ROWS));
        let lists: Vec<Mutex<CandidateLists>> = strips(0..rows, strip * PANEL_ROWS)
            .map(|strip| Mutex::new(CandidateLists::new(self.k, most, strip.map(|row| Some(row as u32)))))
            .collect();
        let step = self.budget.packed_rows(self.format, strip * PANEL_ROWS);
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
        self.widen_by(lists, &queries.extents[first..], support.largest);
    }

    /// Widens the error bounds of lists, given the extents of their queries, and the largest norm and loss of a support.
    fn widen_by(&self, lists: &mut CandidateLists, queries: &[Extent], largest: Extent) {
        let roundings = self.format.roundings(self.center.dims());
        for (query, &extent) in queries.iter().take(lists.len()).enumerate() {
            lists.widen(query, extent.length, self.center.key_error(extent, largest, roundings));
        }
    }

    async fn pack(&self, source: &impl Rows, rows: Range<usize>) -> Result<Panels> {
        self.pack_over(source, rows, None).await
    }

    async fn pack_over(&self, source: &impl Rows, rows: Range<usize>, old: Option<Panels>) -> Result<Panels> {
        Panels::pack(self.kernel, self.format, self.center, source, rows, self.budget.read_values(), old).await
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
        budget.packed_rows(self.format, PANEL_ROWS).min(rows)
    }
}

/// Divides the rows into ranges of `step` rows.
fn strips(rows: Range<usize>, step: usize) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(step).map(move |start| start..(start + step).min(end))
}

/// Returns the indices of at most `pieces` runs of `length` rows, spread evenly over `rows` rows.
fn spread(pieces: usize, length: usize, rows: usize) -> Vec<u32> {
    let pieces = pieces.min(rows / length).max(1);
    let starts = (0..pieces).map(|piece| piece * rows / pieces);
    starts.flat_map(|start| start..(start + length).min(rows)).map(|row| row as u32).collect()
}
