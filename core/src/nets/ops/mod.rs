//! What candle's own operations are too slow for on processors, or do not differentiate: convolution and pooling.
//! float32 on the CPU; the same to the bit however many threads there are.

mod conv;
mod pool;
mod product;

pub use conv::conv2d;
pub use pool::max_pool2d;

use candle_core::{CpuStorage, Layout, Result, bail};

/// The values of a tensor that is contiguous.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        (CpuStorage::F32(_), None) => bail!("the tensor is not contiguous"),
        _ => bail!("the tensor is not float32"),
    }
}

#[cfg(test)]
mod tests;
