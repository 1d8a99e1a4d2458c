//! Probes of some examples of a split.

use crate::error::Result;
use crate::matrix::{Rows, Selected};
use crate::probe::{Decision, KnnProbe};
use crate::search::{Exclude, NeighborSearch, Progress};

/// The examples of a split that are probed at a layer.
pub(super) struct Asked<'a> {
    /// Rows of the split, in order.
    pub open: &'a [u32],
    /// Number of examples of the split.
    pub of: usize,
    /// What each row of the split leaves out.
    pub left_out: Exclude<'a>,
}

impl Asked<'_> {
    /// Returns whether to search the whole split.
    fn whole(&self) -> bool {
        takes_all(self.open.len(), self.of, self.left_out == Exclude::Itself)
    }

    /// Returns the probe's decisions for the rows that are asked for, `[open]`; `rows` are those of the whole split.
    pub async fn decide(
        &self,
        probe: &KnnProbe<'_, impl Rows>,
        rows: &impl Rows,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Vec<Decision>> {
        if self.whole() {
            let all = probe.classify(rows, self.left_out, search, progress).await?;
            return Ok(self.open.iter().map(|&example| all[example as usize]).collect());
        }
        let of_open: Vec<Option<u32>> = self.open.iter().map(|&row| self.left_out.of(row as usize)).collect();
        let exclude = if self.left_out == Exclude::Nothing { Exclude::Nothing } else { Exclude::Rows(&of_open) };
        probe.classify(&Selected { source: rows, ids: self.open }, exclude, search, progress).await
    }
}

/// Returns whether to search a whole split of `of` examples although only `open` of them are asked for. Leave-one-out of
/// all n examples computes each of the n(n - 1)/2 pairs once; of m examples it computes m(n - 1). If m is more than half
/// of n, the whole split costs less. Without leave-one-out, searching more examples never costs less.
pub(super) fn takes_all(open: usize, of: usize, leave_one_out: bool) -> bool {
    open >= if leave_one_out { of.div_ceil(2) } else { of }
}
