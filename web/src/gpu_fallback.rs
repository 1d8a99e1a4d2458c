//! The search goes on where the GPU fails.

use std::cell::RefCell;

use prediction_depth::search::{Cpu, NeighborSearch, Neighbors, Query, Reduction, SearchDevice};
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
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors> {
        if self.failure().is_none() {
            match self.device.search(query, progress).await {
                Err(Error::Gpu(problem)) => *self.failure.borrow_mut() = Some(problem),
                other => return other,
            }
        }
        Cpu::default().search(query, progress).await
    }

    /// As [`search`](Self::search).
    async fn search_reduce<R: Reduction>(
        &self,
        query: Query<'_, impl Rows, impl Rows>,
        reduction: &R,
        progress: &impl Progress,
    ) -> Result<Vec<R::Answer>> {
        if self.failure().is_none() {
            match self.device.search_reduce(query, reduction, progress).await {
                Err(Error::Gpu(problem)) => *self.failure.borrow_mut() = Some(problem),
                other => return other,
            }
        }
        Cpu::default().search_reduce(query, reduction, progress).await
    }
}
