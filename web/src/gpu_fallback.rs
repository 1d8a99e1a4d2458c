//! The search goes on where the GPU fails.

use std::cell::RefCell;

use prediction_depth::search::{Cpu, Exclude, NeighborSearch, Neighbors, SearchDevice};
use prediction_depth::{Error, Progress, Result, Rows};

/// A device that is left for the processor at its first failure. The results are the same, to the bit.
pub struct GpuFallback {
    device: SearchDevice,
    failure: RefCell<Option<String>>,
}

impl GpuFallback {
    /// Starts on this device.
    pub fn new(device: SearchDevice) -> Self {
        Self { device, failure: RefCell::new(None) }
    }

    /// How the GPU failed, if it did.
    pub fn failure(&self) -> Option<String> {
        self.failure.borrow().clone()
    }
}

impl NeighborSearch for GpuFallback {
    /// A search that fails on the GPU begins anew on the processor, and so does its progress.
    async fn search(
        &self,
        support: &impl Rows,
        queries: &impl Rows,
        k: usize,
        exclude: Exclude<'_>,
        progress: &impl Progress,
    ) -> Result<Neighbors> {
        if self.failure().is_none() {
            match self.device.search(support, queries, k, exclude, progress).await {
                Err(Error::Gpu(problem)) => *self.failure.borrow_mut() = Some(problem),
                other => return other,
            }
        }
        Cpu::default().search(support, queries, k, exclude, progress).await
    }
}
