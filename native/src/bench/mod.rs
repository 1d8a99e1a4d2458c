//! The benchmarks of `pdepth bench`.

pub mod depth;
pub mod files;
pub mod peak;
pub mod table;
mod timing;

use anyhow::Context;
use prediction_depth::search::{Cpu, DEFAULT_MEMORY, Kernel, SearchDevice};

use crate::cli::{Common, TimingArgs};
use crate::device;

/// Opens the device for all benchmarks, and returns its description.
async fn open(common: &Common, timing: &TimingArgs) -> anyhow::Result<(SearchDevice, String)> {
    let TimingArgs { kernel, format, .. } = *timing;
    if kernel.is_none() && format.is_none() {
        return Ok(device::open(common.device.into(), DEFAULT_MEMORY, common.quiet).await?);
    }
    let mut cpu = Cpu::default().with_kernel(kernel.unwrap_or_else(Kernel::best))?;
    let mut name = format!("cpu: {} threads, {}", rayon::current_num_threads(), cpu.kernel().name());
    if let Some(format) = format {
        cpu = cpu.with_format(format);
        name += &format!(" in {}", format.name());
    }
    Ok((SearchDevice::Cpu(cpu), name + ", as asked for"))
}

/// Sets the number of threads; `None` keeps the default, all hardware threads.
pub fn use_threads(threads: Option<usize>) -> anyhow::Result<()> {
    let Some(threads) = threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("--threads")
}

/// Returns 10^9 floating point operations per second, counting 2 for each query, support row and dimension.
fn gflops(queries: usize, support: usize, dims: usize, ms: f64) -> f64 {
    2.0 * queries as f64 * support as f64 * dims as f64 / ms / 1e6
}
