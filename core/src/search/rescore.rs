//! Exact distances of the candidates that a filter kept.

use rayon::prelude::*;

use super::center::Center;
use super::exact::Nearest;
use super::progress::Progress;
use super::shortlist::Shortlist;
use super::simd::{Kernel, Lanes, SimdTask};
use crate::error::Result;
use crate::matrix::Rows;

/// Queries per task.
const TASK: usize = 16;
/// Values of the next row that are prefetched; the hardware prefetches the rest.
const PREFETCHED: usize = 256;

/// Orders shortlists by exact distance; used by every filter.
pub struct Rescorer<'a, S> {
    pub kernel: Kernel,
    /// The filter's centre. The rescorer stops when the keys prove that the other candidates of a shortlist are too
    /// far.
    pub center: &'a Center,
    pub support: &'a S,
    pub k: usize,
    /// Maximum number of values read at a time, if the support is not in memory.
    pub most_values: usize,
}

impl<S: Rows> Rescorer<'_, S> {
    /// Returns the nearest rows of each query, `[queries]`; none for queries without a shortlist. `queries` are not
    /// centred, [queries, dims].
    pub async fn rescore(
        &self,
        queries: &[f32],
        shortlists: &[Option<Shortlist>],
        progress: &impl Progress,
    ) -> Result<Vec<Nearest>> {
        let Self { kernel, center, support: source, k, most_values } = *self;
        let mut nearest = vec![Nearest::new(k); shortlists.len()];
        let [rows, dims] = source.shape();
        if shortlists.iter().all(Option::is_none) {
            progress.step(rows, rows).await?;
            return Ok(nearest);
        }
        let step = match source.whole() {
            Some(_) => rows,
            None => (most_values / dims).max(1),
        };
        for first in (0..rows).step_by(step) {
            let last = (first + step).min(rows);
            let support = source.block(first..last).await?;
            let tasks = nearest.par_chunks_mut(TASK).zip(shortlists.par_chunks(TASK));
            tasks.zip(queries.par_chunks(TASK * dims)).for_each(|((nearest, shortlists), queries)| {
                kernel.run(Rescore { center, support: &support, first, dims, queries, shortlists, nearest });
            });
            progress.step(last, rows).await?;
        }
        Ok(nearest)
    }
}

/// Some queries, and the support rows from `first` on.
struct Rescore<'a> {
    center: &'a Center,
    /// `[rows, dims]`
    support: &'a [f32],
    first: usize,
    dims: usize,
    /// `[queries, dims]`
    queries: &'a [f32],
    shortlists: &'a [Option<Shortlist>],
    nearest: &'a mut [Nearest],
}

impl SimdTask for Rescore<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let row_of = |row: u32| {
            let at = (row as usize).checked_sub(self.first)? * self.dims;
            self.support.get(at..at + self.dims)
        };
        for ((query, shortlist), nearest) in self.queries.chunks_exact(self.dims).zip(self.shortlists).zip(self.nearest)
        {
            let Some(shortlist) = shortlist else { continue };
            let mut limit = f64::INFINITY;
            for (at, candidate) in shortlist.candidates.iter().enumerate() {
                if f64::from(candidate.key) > limit {
                    break; // k rows are certainly nearer than any of the following
                }
                let next = shortlist.candidates.get(at + 1).and_then(|next| row_of(next.row));
                lanes.prefetch(next.and_then(|row| row.chunks(PREFETCHED).next()).unwrap_or_default());
                let Some(row) = row_of(candidate.row) else { continue };
                nearest.offer(lanes.squared_distance(query, row), candidate.row);
                if nearest.is_full() {
                    limit = self.center.key_at(nearest.bound(), shortlist.length.powi(2), shortlist.error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::ops::Range;

    use pollster::block_on;

    use super::*;
    use crate::matrix::Matrix;
    use crate::search::exact::squared_distance;
    use crate::search::shortlist::Candidate;

    const ROWS: usize = 60;
    const DIMS: usize = 11;
    const K: usize = 4;

    /// Rows that are not in memory.
    struct Read(Matrix);

    impl Rows for Read {
        fn shape(&self) -> [usize; 2] {
            self.0.shape()
        }

        async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
            Ok(Cow::Owned(self.0.block(rows).await?.into_owned()))
        }
    }

    fn rows() -> Matrix {
        let value = |at: usize| (at.wrapping_mul(2_654_435_761) >> 9 & 0xff) as f32 / 64.0;
        Matrix::new((0..ROWS * DIMS).map(value).collect(), ROWS, DIMS).expect("as many")
    }

    /// Returns shortlists of all rows, smallest key first. If `wrong`, the keys are negated.
    fn shortlists(rows: &Matrix, center: &Center, wrong: bool) -> Vec<Option<Shortlist>> {
        let centered = center.rows(rows.values());
        let row = |row: usize| &centered.values[row * DIMS..(row + 1) * DIMS];
        let list = |query: usize| {
            let key = |other: usize| {
                let dot: f32 = row(query).iter().zip(row(other)).map(|(q, t)| q * t).sum();
                let key = centered.norms[other] as f32 - 2.0 * dot;
                Candidate { key: if wrong { -key } else { key }, row: other as u32 }
            };
            let mut candidates: Vec<Candidate> = (0..ROWS).map(key).collect();
            candidates.sort_unstable_by(|a, b| a.key.total_cmp(&b.key));
            let (norm, error) = (centered.norms[query], center.error(centered.norms[query]));
            Some(Shortlist { candidates, error: if wrong { 0.0 } else { error }, length: norm.sqrt() })
        };
        (0..ROWS).map(list).collect()
    }

    fn rescored(support: &impl Rows, wrong: bool, kernel: Kernel) -> Vec<Vec<(f64, u32)>> {
        let rows = rows();
        let center = block_on(Center::new_leave_one_out(Kernel::best(), &rows)).expect("finite");
        let rescorer = Rescorer { kernel, center: &center, support, k: K, most_values: 7 * DIMS };
        let nearest = block_on(rescorer.rescore(rows.values(), &shortlists(&rows, &center, wrong), &()));
        nearest.expect("rows at hand").into_iter().map(Nearest::into_sorted).collect()
    }

    #[test]
    fn the_nearest_are_those_of_all_distances_wherever_the_rows_lie() {
        let rows = rows();
        let nearest = |query: usize| {
            let mut nearest = Nearest::new(K);
            (0..ROWS).for_each(|row| nearest.offer(squared_distance(rows.row(query), rows.row(row)), row as u32));
            nearest.into_sorted()
        };
        let expected: Vec<_> = (0..ROWS).map(nearest).collect();
        for kernel in Kernel::available() {
            assert_eq!(rescored(&rows, false, kernel), expected, "{}", kernel.name());
            assert_eq!(rescored(&Read(rows.clone()), false, kernel), expected, "{}, read", kernel.name());
            // The rescorer stops by the keys. With wrong keys it misses neighbours: the comparisons above can fail.
            assert_ne!(rescored(&rows, true, kernel), expected, "{}", kernel.name());
        }
    }

    #[test]
    fn queries_without_a_shortlist_have_no_neighbors() {
        let rows = rows();
        let center = block_on(Center::new_leave_one_out(Kernel::best(), &rows)).expect("finite");
        let mut lists = shortlists(&rows, &center, false);
        lists[1] = None;
        let rescorer = Rescorer { kernel: Kernel::best(), center: &center, support: &rows, k: K, most_values: 1 };
        let nearest = block_on(rescorer.rescore(rows.values(), &lists, &())).expect("rows at hand");
        let full: Vec<usize> = (0..ROWS).filter(|&query| !nearest[query].is_full()).collect();
        assert_eq!(full, [1]);
        let none = block_on(rescorer.rescore(rows.values(), &[const { None }; ROWS], &())).expect("rows at hand");
        assert!(none.into_iter().all(|nearest| nearest.into_sorted().is_empty()));
    }
}
