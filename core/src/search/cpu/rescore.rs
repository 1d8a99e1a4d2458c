//! The exact distances of what a filter kept.

use rayon::prelude::*;

use super::budget::Budget;
use super::kernel::Kernel;
use super::lanes::{Lanes, Task};
use super::shortlist::Kept;
use crate::error::Result;
use crate::matrix::{Rows, Selected};
use crate::search::center::Center;
use crate::search::exact::Nearest;
use crate::search::progress::{Progress, SubProgress};

/// Queries of one task.
const TASK: usize = 16;
/// Queries between two reports, for each thread.
const REPORT: usize = 256;

/// The nearest of some queries, `[ids]`; empty for those that kept nothing.
#[expect(clippy::too_many_arguments, reason = "one step of a search: all of them are the search's")]
pub async fn rescore(
    kernel: Kernel,
    budget: Budget,
    center: &Center,
    support: &impl Rows,
    queries: &impl Rows,
    ids: &[u32],
    kept: Vec<Option<Kept>>,
    k: usize,
    progress: &impl Progress,
) -> Result<Vec<Nearest>> {
    let mut nearest = vec![Nearest::new(k); ids.len()];
    let step = match queries.whole() {
        Some(_) => REPORT * rayon::current_num_threads(),
        None => budget.raw_rows(),
    };
    let [rows, dims] = support.shape();
    for start in (0..ids.len()).step_by(step) {
        let end = (start + step).min(ids.len());
        let of_these = Selected { source: queries, ids: &ids[start..end] };
        let raw = of_these.block(0..end - start).await?;
        let support_step = match support.whole() {
            Some(_) => rows,
            None => (budget.read_values() / dims).max(1),
        };
        for first in (0..rows).step_by(support_step) {
            let last = (first + support_step).min(rows);
            let block = support.block(first..last).await?;
            let tasks = nearest[start..end].par_chunks_mut(TASK).zip(kept[start..end].par_chunks(TASK));
            tasks.zip(raw.par_chunks(TASK * dims)).for_each(|((nearest, kept), queries)| {
                kernel.run(Rescore { center, support: &block, first, dims, queries, kept, nearest });
            });
            let share = SubProgress { whole: progress, start, length: end - start, total: ids.len() };
            share.step(last, rows).await?;
        }
    }
    Ok(nearest)
}

/// Some queries and the support rows from `first` on.
struct Rescore<'a> {
    center: &'a Center,
    /// `[rows, dims]`
    support: &'a [f32],
    first: usize,
    dims: usize,
    /// `[queries, dims]`
    queries: &'a [f32],
    kept: &'a [Option<Kept>],
    nearest: &'a mut [Nearest],
}

impl Task for Rescore<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let row_of = |row: u32| {
            let at = (row as usize).checked_sub(self.first)? * self.dims;
            self.support.get(at..at + self.dims)
        };
        for ((query, kept), nearest) in self.queries.chunks_exact(self.dims).zip(self.kept).zip(self.nearest) {
            let Some(kept) = kept else { continue };
            let mut limit = f64::INFINITY;
            for (at, candidate) in kept.candidates.iter().enumerate() {
                if f64::from(candidate.key) > limit {
                    break; // of all that follow, k are certainly nearer
                }
                let next = kept.candidates.get(at + 1).and_then(|next| row_of(next.row));
                lanes.prefetch(next.unwrap_or_default());
                let Some(row) = row_of(candidate.row) else { continue };
                nearest.offer(lanes.squared_distance(query, row), candidate.row);
                if nearest.is_full() {
                    limit = self.center.key_at(nearest.bound(), kept.length * kept.length, kept.error);
                }
            }
        }
    }
}
