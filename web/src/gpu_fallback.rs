//! The search goes on where the GPU fails.

use std::cell::RefCell;

use prediction_depth::search::{Cpu, NeighborSearch, Neighbors, Query, Reduction, SearchDevice};
use prediction_depth::{Error, Progress, Result, Rows};

/// A device that is left for the processor at its first failure. The results are the same, to the bit.
pub struct GpuFallback {
    device: SearchDevice,
    cpu: Cpu,
    failure: RefCell<Option<String>>,
}

impl GpuFallback {
    /// Starts on this device. `memory` is what a search may use on the processor, in bytes.
    pub fn new(device: SearchDevice, memory: usize) -> Self {
        Self { device, cpu: Cpu::new(memory), failure: RefCell::new(None) }
    }

    /// Whether what the device found stands: a failure of the GPU is noted, and the processor begins anew.
    fn stands<T>(&self, found: &Result<T>) -> bool {
        match found {
            Err(Error::Gpu(problem)) => {
                *self.failure.borrow_mut() = Some(problem.clone());
                false
            }
            _ => true,
        }
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
            let found = self.device.search(query, progress).await;
            if self.stands(&found) {
                return found;
            }
        }
        self.cpu.search(query, progress).await
    }

    /// As [`search`](Self::search).
    async fn search_reduce<R: Reduction>(
        &self,
        query: Query<'_, impl Rows, impl Rows>,
        reduction: &R,
        progress: &impl Progress,
    ) -> Result<Vec<R::Answer>> {
        if self.failure().is_none() {
            let found = self.device.search_reduce(query, reduction, progress).await;
            if self.stands(&found) {
                return found;
            }
        }
        self.cpu.search_reduce(query, reduction, progress).await
    }
}
