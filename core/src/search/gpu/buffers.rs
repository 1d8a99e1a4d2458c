//! Buffers that outlive a search, so that the next layer finds them.

use crate::search::adapter::Adapter;

/// A buffer, as large as it ever had to be.
#[derive(Default)]
pub struct GrowingBuffer(Option<wgpu::Buffer>);

impl GrowingBuffer {
    /// The buffer, with room for so many bytes; what is in it is not said.
    pub fn at_least(&mut self, adapter: &Adapter, bytes: u64) -> wgpu::Buffer {
        if let Some(buffer) = self.0.as_ref().filter(|buffer| buffer.size() >= bytes) {
            return buffer.clone();
        }
        // What is too small goes first: both need not fit.
        if let Some(small) = self.0.take() {
            small.destroy();
        }
        let buffer = adapter.storage(bytes.max(16));
        self.0 = Some(buffer.clone());
        buffer
    }
}

/// All that a search needs. A second search at the same time has its own.
#[derive(Default)]
pub struct Buffers {
    /// Rows of the queries.
    pub queries: GrowingBuffer,
    /// Rows of the support, in turns.
    pub support: [GrowingBuffer; 2],
    /// Norm and number of the rows of the support, in turns.
    pub labels: [GrowingBuffer; 2],
    /// What is known of each query.
    pub states: GrowingBuffer,
    pub candidates: GrowingBuffer,
    /// Sums of a dispatch, for rows of more than one chunk.
    pub carried: GrowingBuffer,
    /// Where each query's candidates begin when they are read back, and they.
    pub starts: GrowingBuffer,
    pub gathered: GrowingBuffer,
}
