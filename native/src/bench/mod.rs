//! What `pdepth bench` times, and how.

pub mod depth;
pub mod files;
pub mod peak;
pub mod table;
mod timing;

use anyhow::Context;
use prediction_depth::search::{Cpu, DEFAULT_MEMORY, Kernel, SearchDevice};

use crate::cli::Common;

/// The one place where it is opened what computes, and in words what that is.
async fn open(common: &Common, kernel: Option<Kernel>) -> anyhow::Result<(SearchDevice, String)> {
    let Some(kernel) = kernel else { return Ok(SearchDevice::open(common.device.into(), DEFAULT_MEMORY).await?) };
    let cpu = Cpu::default().with_kernel(kernel)?;
    Ok((
        SearchDevice::Cpu(cpu),
        format!("cpu: {} threads, {}, as asked for", rayon::current_num_threads(), kernel.name()),
    ))
}

/// Computes with so many threads; all there are, where nothing is said.
pub fn use_threads(threads: Option<usize>) -> anyhow::Result<()> {
    let Some(threads) = threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("--threads")
}

/// 10^9 floating point operations a second: 2 for each query, support row and dim.
fn gflops(queries: usize, support: usize, dims: usize, ms: f64) -> f64 {
    2.0 * queries as f64 * support as f64 * dims as f64 / ms / 1e6
}
