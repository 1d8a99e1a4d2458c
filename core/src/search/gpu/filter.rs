//! The filter for a block of queries: finds the support rows that can be among the k nearest of each.
//!
//! The support is processed in rounds of doubling size, so that the limits decrease early; after each round the
//! candidates of every query are selected again. In a ring the queries are the support and already on the device: a
//! round is some steps along the ring of tiles, and each pair of tiles is computed once.

use super::buffers::Buffers;
use super::context::SearchContext;
use super::round::Round;
use super::rows::visits;
use super::upload::SupportChunk;
use crate::error::Result;
use crate::matrix::{Rows, Selected};
use crate::search::progress::Progress;
use crate::search::query::Exclude;
use crate::search::shortlist::Shortlist;

/// Support rows of the first round, and of each following round until as many were processed.
const FIRST_ROWS: usize = 256;
/// Rows read at a time, if they are not in memory.
const PIECE_ROWS: usize = 64;
const NO_ROW: u32 = u32::MAX;

impl<S: Rows> SearchContext<'_, S> {
    /// Returns the shortlists of the rows of `queries` [queries, dims], the queries from index `first` on.
    pub async fn block(
        &self,
        buffers: &mut Buffers,
        queries: &[f32],
        first: usize,
        exclude: Exclude<'_>,
        progress: &impl Progress,
    ) -> Result<Vec<Option<Shortlist>>> {
        let [total, dims] = self.support.shape();
        let count = queries.len() / dims;
        let block = self.room(buffers, count);
        let sent = self.send(&block.rows, count, |query| &queries[query * dims..(query + 1) * dims]).await?;
        self.begin(&block, &sent, |query| exclude.of(first + query).unwrap_or(NO_ROW));

        let piece = if self.support.whole().is_some() { 1 } else { PIECE_ROWS.min(self.sizes.chunk) };
        let mut visits = visits(total, piece);
        let (mut in_flight, mut rounds, mut seen) = (None, 0, 0);
        while seen < total {
            let wanted = seen.max(FIRST_ROWS).min(self.sizes.chunk) / piece;
            let rows: Vec<u32> =
                visits.by_ref().take(wanted).flat_map(|piece| piece.start as u32..piece.end as u32).collect();
            let chunk = self.bring(buffers, rounds as usize % 2, &rows).await?;
            let side = self.sizes.side(count, rows.len());
            let before = seen;
            seen += rows.len();
            rounds += 1;
            let (tiles, steps) = (count.div_ceil(side), 0..rows.len().div_ceil(side));
            let round = Round { side, tiles, steps, ring: false, chunk: &chunk, seen: [before, seen] };
            self.round(buffers, &block, round, &mut in_flight, progress).await?;
        }
        self.shortlists(buffers, &block, &sent, rounds).await
    }

    /// Returns the shortlists of all support rows, `rows` [support, dims], each compared with all others.
    pub async fn ring(
        &self,
        buffers: &mut Buffers,
        rows: &[f32],
        progress: &impl Progress,
    ) -> Result<Vec<Option<Shortlist>>> {
        let [count, dims] = self.support.shape();
        let order: Vec<usize> = visits(count, 1).map(|range| range.start).collect();
        let block = self.room(buffers, count);
        let sent = self.send(&block.rows, count, |place| &rows[order[place] * dims..(order[place] + 1) * dims]).await?;
        self.begin(&block, &sent, |place| order[place] as u32);
        let chunk = SupportChunk { count, rows: block.rows.clone(), labels: self.labels(buffers, 0, count) };
        self.label(&chunk, &sent, |place| order[place] as u32);

        let side = self.sizes.side(count, count / 2);
        let tiles = count.div_ceil(side);
        let (mut in_flight, mut rounds, mut step, end) = (None, 0, 0, tiles / 2 + 1);
        while step < end {
            // Each step computes tiles on both sides, except for the first step, which compares a tile with itself.
            let rows_seen = (2 * step).saturating_sub(1) * side;
            let steps = step..(step + (rows_seen.max(FIRST_ROWS) / (2 * side)).max(1)).min(end);
            step = steps.end;
            rounds += 1;
            let seen = [steps.start, steps.end].map(|step| count * step / end);
            let round = Round { side, tiles, steps, ring: true, chunk: &chunk, seen };
            self.round(buffers, &block, round, &mut in_flight, progress).await?;
        }
        let mut in_order = vec![None; count];
        for (place, shortlist) in order.into_iter().zip(self.shortlists(buffers, &block, &sent, rounds).await?) {
            in_order[place] = shortlist;
        }
        Ok(in_order)
    }

    /// Uploads these rows of the support while the device still processes the previous ones.
    async fn bring(&self, buffers: &mut Buffers, turn: usize, rows: &[u32]) -> Result<SupportChunk> {
        let dims = self.support.shape()[1];
        let chunk = self.chunk(buffers, turn, rows.len());
        let sent = if let Some(values) = self.support.whole() {
            let row = |place: usize| &values[rows[place] as usize * dims..(rows[place] as usize + 1) * dims];
            self.send(&chunk.rows, rows.len(), row).await?
        } else {
            let wanted = Selected { source: self.support, ids: rows };
            let values = wanted.block(0..rows.len()).await?;
            self.send(&chunk.rows, rows.len(), |place| &values[place * dims..(place + 1) * dims]).await?
        };
        self.label(&chunk, &sent, |place| rows[place]);
        Ok(chunk)
    }
}
