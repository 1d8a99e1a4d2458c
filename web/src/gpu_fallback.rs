//! A search that continues on the processor if the GPU fails.

use std::cell::RefCell;

use prediction_depth::search::{Cpu, NeighborSearch, Neighbors, Query, Reduction, SearchDevice};
use prediction_depth::{Error, Progress, Result, Rows};

/// A device that is replaced by the processor after its first failure. The results are the same, to the bit.
pub struct GpuFallback {
    device: SearchDevice,
    cpu: Cpu,
    failure: RefCell<Option<String>>,
}

impl GpuFallback {
    /// Starts with this device. `memory`: bytes that a search on the processor may use.
    pub fn new(device: SearchDevice, memory: usize) -> Self {
        Self { device, cpu: Cpu::new(memory), failure: RefCell::new(None) }
    }

    /// Returns whether the result is valid. If the GPU failed, notes the failure; the search is then repeated on the
    /// processor.
    fn stands<T>(&self, found: &Result<T>) -> bool {
        match found {
            Err(Error::Gpu(problem)) => {
                *self.failure.borrow_mut() = Some(problem.clone());
                false
            }
            _ => true,
        }
    }

    /// Returns the error of the GPU, if it failed.
    pub fn failure(&self) -> Option<String> {
        self.failure.borrow().clone()
    }
}

impl NeighborSearch for GpuFallback {
    /// Searches. After a failure of the GPU the search, and its progress, start again on the processor.
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors> {
        if self.failure().is_none() {
            let found = self.device.search(query, progress).await;
            if self.stands(&found) {
                return found;
            }
        }
        self.cpu.search(query, progress).await
    }

    /// Searches as [`search`](Self::search) does.
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
