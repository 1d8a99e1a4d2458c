//! GPU buffers that are kept after a search for reuse by the next one.

use crate::search::adapter::Adapter;

/// A buffer that grows as needed and never shrinks.
#[derive(Default)]
pub struct GrowingBuffer(Option<wgpu::Buffer>);

impl GrowingBuffer {
    /// Returns the buffer with room for at least `bytes` bytes; its content is unspecified.
    pub fn at_least(&mut self, adapter: &Adapter, bytes: u64) -> wgpu::Buffer {
        if let Some(buffer) = self.0.as_ref().filter(|buffer| buffer.size() >= bytes) {
            return buffer.clone();
        }
        // A buffer that is too small is freed first: memory may not hold both.
        if let Some(small) = self.0.take() {
            small.destroy();
        }
        let buffer = adapter.storage(bytes.max(16));
        self.0 = Some(buffer.clone());
        buffer
    }
}

/// All buffers of a search. A concurrent search has its own.
#[derive(Default)]
pub struct Buffers {
    /// Rows of the queries.
    pub queries: GrowingBuffer,
    /// Rows of the support, in two buffers that alternate.
    pub support: [GrowingBuffer; 2],
    /// Norms and indices of the support rows, in two buffers that alternate.
    pub labels: [GrowingBuffer; 2],
    /// State of each query.
    pub states: GrowingBuffer,
    pub candidates: GrowingBuffer,
    /// Partial sums of a dispatch, for rows of more than one chunk.
    pub carried: GrowingBuffer,
    /// Start of each query's candidates in the buffer that is read back, and that buffer.
    pub starts: GrowingBuffer,
    pub gathered: GrowingBuffer,
}
