//! The one place where it is chosen what computes.

use super::adapter::adapters;
use super::cpu::Cpu;
use super::gpu::{Gpu, GpuSetup};
use super::progress::Progress;
use super::query::{NeighborSearch, Neighbors, Query, Reduction};
use crate::error::Result;
use crate::matrix::Rows;

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceChoice {
    /// A real GPU where there is one, else the processor.
    #[default]
    Auto,
    /// A GPU, or a software adapter where that is all there is.
    Gpu,
    /// The processor.
    Cpu,
}

/// What computes the neighbours. Both give the same ones, to the bit.
pub enum SearchDevice {
    /// The processor.
    Cpu(Cpu),
    /// A graphics adapter.
    Gpu(Box<Gpu>),
}

impl SearchDevice {
    /// Opens what was asked for, and says what was taken and why. `memory` is what a search may use, in bytes.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) where a GPU was asked for and none can be had; never for `Auto` and `Cpu`.
    pub async fn open(choice: DeviceChoice, memory: usize) -> Result<(Self, String)> {
        let cpu = |why: &str| {
            let cpu = Cpu::new(memory);
            let text = format!("cpu: {} threads, {}, {why}", rayon::current_num_threads(), cpu.kernel().name());
            (Self::Cpu(cpu), text)
        };
        let setup = GpuSetup { memory, ..GpuSetup::default() };
        match choice {
            DeviceChoice::Cpu => Ok(cpu("as asked for")),
            DeviceChoice::Gpu => {
                let gpu = Gpu::open_with(setup).await?;
                let summary = gpu.adapter();
                let kind = if summary.software { "software adapter" } else { "GPU" };
                let text = format!("gpu: {} ({}, {kind}), as asked for", summary.name, summary.backend);
                Ok((Self::Gpu(Box::new(gpu)), text))
            }
            DeviceChoice::Auto => match Gpu::open_with(setup).await {
                Ok(gpu) if !gpu.adapter().software => {
                    let text = format!("gpu: {} ({})", gpu.adapter().name, gpu.adapter().backend);
                    Ok((Self::Gpu(Box::new(gpu)), text))
                }
                Ok(_) => Ok(cpu("as the only adapter is a software one")),
                Err(_) if adapters().await.is_empty() => Ok(cpu("as there is no GPU")),
                Err(error) => Ok(cpu(&format!("as {error}"))),
            },
        }
    }
}

impl NeighborSearch for SearchDevice {
    async fn search(&self, query: Query<'_, impl Rows, impl Rows>, progress: &impl Progress) -> Result<Neighbors> {
        match self {
            Self::Cpu(cpu) => cpu.search(query, progress).await,
            Self::Gpu(gpu) => gpu.search(query, progress).await,
        }
    }

    async fn search_reduce<R: Reduction>(
        &self,
        query: Query<'_, impl Rows, impl Rows>,
        reduction: &R,
        progress: &impl Progress,
    ) -> Result<Vec<R::Answer>> {
        match self {
            Self::Cpu(cpu) => cpu.search_reduce(query, reduction, progress).await,
            Self::Gpu(gpu) => gpu.search_reduce(query, reduction, progress).await,
        }
    }
}
