//! Upload of rows to the device, and their state there.

use super::buffers::Buffers;
use super::context::SearchContext;
use super::pipelines::QueryState;
use super::rows::{PackedRows, slack};
use crate::error::Result;
use crate::matrix::Rows;
use crate::search::adapter::Submitted;

/// Rows are prepared and sent in parts of this many bytes.
const PART_BYTES: usize = 32 << 20;
/// Bytes per `Label` in task.wgsl.
const LABEL: u64 = 8;
/// A limit above every key.
const EVERYTHING: f32 = 3.0e38;

/// The queries of a block on the device.
pub struct QueryBlock {
    pub count: usize,
    pub rows: wgpu::Buffer,
    pub states: wgpu::Buffer,
    pub candidates: wgpu::Buffer,
}

/// Support rows on the device.
pub struct SupportChunk {
    pub count: usize,
    pub rows: wgpu::Buffer,
    pub labels: wgpu::Buffer,
}

/// Squared norms of uploaded rows, and norms of their losses in the storage, `[rows]` each.
#[derive(Default)]
pub struct SentRows {
    pub norms: Vec<f64>,
    pub losses: Vec<f64>,
}

impl<S: Rows> SearchContext<'_, S> {
    /// Returns buffers for this many queries.
    pub(super) fn room(&self, buffers: &mut Buffers, count: usize) -> QueryBlock {
        QueryBlock {
            count,
            rows: buffers.queries.at_least(self.adapter, self.sizes.rows(count)),
            states: buffers.states.at_least(self.adapter, size_of::<QueryState>() as u64 * count as u64),
            candidates: buffers.candidates.at_least(self.adapter, self.sizes.candidates(count)),
        }
    }

    /// Returns buffers for a chunk of this many rows; `turn` selects one of the two.
    pub(super) fn chunk(&self, buffers: &mut Buffers, turn: usize, count: usize) -> SupportChunk {
        // Allocates for the largest chunk of this search at once.
        let most = self.sizes.chunk.min(self.support.shape()[0]);
        SupportChunk {
            count,
            rows: buffers.support[turn].at_least(self.adapter, self.sizes.rows(most)),
            labels: self.labels(buffers, turn, most),
        }
    }

    pub(super) fn labels(&self, buffers: &mut Buffers, turn: usize, count: usize) -> wgpu::Buffer {
        buffers.labels[turn].at_least(self.adapter, LABEL * count as u64)
    }

    /// Uploads rows part by part, so that few parts are in flight.
    pub(super) async fn send<'r>(
        &self,
        buffer: &wgpu::Buffer,
        count: usize,
        row: impl Fn(usize) -> &'r [f32] + Sync,
    ) -> Result<SentRows> {
        let mut sent = SentRows::default();
        let step = (PART_BYTES / self.sizes.layout.bytes()).max(1);
        let mut before: Option<Submitted> = None;
        for start in (0..count).step_by(step) {
            let part = step.min(count - start);
            let packed = PackedRows::new(&self.center, self.sizes.layout, part, |place| row(start + place));
            self.adapter.queue.write_buffer(buffer, self.sizes.rows(start), bytemuck::cast_slice(&packed.words));
            sent.norms.extend(packed.norms);
            sent.losses.extend(packed.losses);
            // The last part is submitted with the work that needs it.
            if start + part < count
                && let Some(before) = before.replace(self.adapter.submit(None))
            {
                self.adapter.done(before).await?;
            }
        }
        Ok(sent)
    }

    /// Writes the initial state of the queries; `left_out` returns the excluded row of each.
    pub(super) fn begin(&self, block: &QueryBlock, sent: &SentRows, left_out: impl Fn(usize) -> u32) {
        let state = |query: usize| QueryState {
            count: 0,
            limit: EVERYTHING,
            slack: slack(self.loss.key_error(&self.center, sent.norms[query], sent.losses[query])),
            left_out: left_out(query),
            rounds: 0,
        };
        let states: Vec<QueryState> = (0..block.count).map(state).collect();
        self.adapter.queue.write_buffer(&block.states, 0, bytemuck::cast_slice(&states));
    }

    /// Writes norms and indices of the rows of a chunk.
    pub(super) fn label(&self, chunk: &SupportChunk, sent: &SentRows, row: impl Fn(usize) -> u32) {
        let label = |place: usize| [(sent.norms[place] as f32).to_bits(), row(place)];
        let labels: Vec<[u32; 2]> = (0..chunk.count).map(label).collect();
        self.adapter.queue.write_buffer(&chunk.labels, 0, bytemuck::cast_slice(&labels));
    }
}
