//! The search by exact distances alone, for queries whose neighbours float32 cannot distinguish. The float64 sums equal
//! those of `exact.rs`, to the bit, for 48 support rows at a time.

use rayon::prelude::*;

use super::budget::Budget;
use super::panels::Panels;
use crate::error::Result;
use crate::matrix::Rows;
use crate::search::center::Center;
use crate::search::exact::Nearest;
use crate::search::progress::{Progress, SubProgress};
use crate::search::query::{Exclude, Query};
use crate::search::simd::{Format, Kernel, Lanes, PANEL_ROWS, SimdTask, bits};

/// Queries per task.
const TASK: usize = 4;

/// Returns the nearest rows of each query, `[queries]`.
pub async fn scan(
    kernel: Kernel,
    budget: Budget,
    query: Query<'_, impl Rows, impl Rows>,
    progress: &impl Progress,
) -> Result<Vec<Nearest>> {
    let Query { support, queries, k, exclude } = query;
    let ([rows, dims], count) = (support.shape(), queries.shape()[0]);
    let as_they_are = Center::origin(dims);
    let mut nearest = vec![Nearest::new(k); count];
    let (step, support_step) = (budget.raw_rows(), budget.packed_rows(Format::F32, PANEL_ROWS));
    for start in (0..count).step_by(step) {
        let end = (start + step).min(count);
        let raw = queries.block(start..end).await?;
        let mut packed = None;
        for first in (0..rows).step_by(support_step) {
            let some = first..(first + support_step).min(rows);
            let done = some.end;
            let values = budget.read_values();
            let panels = Panels::pack(kernel, Format::F32, &as_they_are, support, some, values, packed.take()).await?;
            let slice = TASK * rayon::current_num_threads() * 4;
            for at in (start..end).step_by(slice) {
                let last = (at + slice).min(end);
                let queries = raw[(at - start) * dims..(last - start) * dims].par_chunks(TASK * dims);
                nearest[at..last].par_chunks_mut(TASK).zip(queries).enumerate().for_each(
                    |(task, (nearest, queries))| {
                        let first = at + task * TASK;
                        kernel.run(Scan { panels: &panels, queries, first, exclude, nearest });
                    },
                );
                let share = SubProgress { whole: progress, start: at, length: last - at, total: count };
                share.step(done, rows).await?;
            }
            packed = Some(panels);
        }
    }
    Ok(nearest)
}

struct Scan<'a> {
    panels: &'a Panels,
    /// `[queries, dims]`
    queries: &'a [f32],
    /// Index of the first query.
    first: usize,
    exclude: Exclude<'a>,
    nearest: &'a mut [Nearest],
}

impl SimdTask for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let dims = self.queries.len() / self.nearest.len();
        let queries: Vec<f64> = self.queries.iter().map(|&value| f64::from(value)).collect();
        let mut distances = [0.0; PANEL_ROWS];
        for panel in 0..self.panels.len() {
            let first = self.panels.rows.start + panel * PANEL_ROWS;
            let rows = PANEL_ROWS.min(self.panels.rows.end - first);
            let there = u64::MAX >> (u64::BITS as usize - rows);
            for (at, (query, nearest)) in queries.chunks_exact(dims).zip(&mut *self.nearest).enumerate() {
                let left_out = self.exclude.of(self.first + at);
                let columns = self.panels.columns(panel, 0..self.panels.width());
                let below = lanes.distances_below(query, columns, nearest.bound(), &mut distances);
                for other in bits(below & there) {
                    let row = first + other;
                    // An earlier row of this panel may have lowered the bound.
                    if distances[other] < nearest.bound() && left_out != Some(row as u32) {
                        nearest.offer(distances[other], row as u32);
                    }
                }
            }
        }
    }
}
