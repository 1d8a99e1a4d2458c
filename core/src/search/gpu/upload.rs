//! Rows on their way to the device, and what is known of them there.

use super::buffers::Buffers;
use super::context::SearchContext;
use super::pipelines::QueryState;
use super::rows::{PackedRows, slack};
use crate::error::Result;
use crate::matrix::Rows;
use crate::search::adapter::Submitted;

/// Rows are prepared and sent in parts of so many bytes.
const PART_BYTES: usize = 32 << 20;
/// Bytes of a `Label` in task.wgsl.
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

/// What was found of rows on their way, `[rows]` each: squared norms, and the norm of what their storage loses.
#[derive(Default)]
pub struct SentRows {
    pub norms: Vec<f64>,
    pub losses: Vec<f64>,
}

impl<S: Rows> SearchContext<'_, S> {
    /// Room for so many queries.
    pub(super) fn room(&self, buffers: &mut Buffers, count: usize) -> QueryBlock {
        QueryBlock {
            count,
            rows: buffers.queries.at_least(self.adapter, self.sizes.rows(count)),
            states: buffers.states.at_least(self.adapter, size_of::<QueryState>() as u64 * count as u64),
            candidates: buffers.candidates.at_least(self.adapter, self.sizes.candidates(count)),
        }
    }

    /// A chunk of so many rows in the buffers whose turn it is.
    pub(super) fn chunk(&self, buffers: &mut Buffers, turn: usize, count: usize) -> SupportChunk {
        // At once as large as any chunk of this search.
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

    /// Rows to the device, part by part, so that the parts under way stay few.
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
            // The last part goes with the work that needs it.
            if start + part < count
                && let Some(before) = before.replace(self.adapter.submit(None))
            {
                self.adapter.done(before).await?;
            }
        }
        Ok(sent)
    }

    /// Nothing is known of the queries yet; `left_out` is the row that each must not have.
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

    /// Which rows a chunk holds.
    pub(super) fn label(&self, chunk: &SupportChunk, sent: &SentRows, row: impl Fn(usize) -> u32) {
        let label = |place: usize| [(sent.norms[place] as f32).to_bits(), row(place)];
        let labels: Vec<[u32; 2]> = (0..chunk.count).map(label).collect();
        self.adapter.queue.write_buffer(&chunk.labels, 0, bytemuck::cast_slice(&labels));
    }
}
