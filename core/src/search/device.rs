//! The choice of the device that searches.

use super::adapter::adapters;
use super::cpu::Cpu;
use super::gpu::{Gpu, GpuSetup};
use super::progress::Progress;
use super::query::{NeighborSearch, Neighbors, Query, Reduction};
use crate::error::Result;
use crate::matrix::Rows;

/// The device that the user selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceChoice {
    /// A real GPU if there is one, otherwise the processor.
    #[default]
    Auto,
    /// A GPU, or a software adapter if there is no other.
    Gpu,
    /// The processor.
    Cpu,
}

/// The device that searches. Both kinds find the same neighbours, to the bit.
pub enum SearchDevice {
    /// The processor.
    Cpu(Cpu),
    /// A graphics adapter.
    Gpu(Box<Gpu>),
}

impl SearchDevice {
    /// Opens the selected device. Returns it with a line that states which one it is and why. `memory`: bytes that a
    /// search may use.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) if `choice` is `Gpu` and no adapter can be opened; never for `Auto` and `Cpu`.
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
