//! Names and values of weights in files of other programs.

use candle_core::{DType, Device, Tensor};

use crate::error::Result;

/// Returns whether a name is that of PyTorch's counter of batches, an integer among the weights of BatchNorm, which no
/// network here needs.
pub fn is_counter(name: &str) -> bool {
    name.ends_with("num_batches_tracked")
}

/// Returns the problem of a tensor that is not floating-point.
pub fn not_floats(name: &str, found: impl std::fmt::Debug) -> String {
    format!("`{name}` holds {found:?}; weights are floats: leave it out")
}

/// Converts bytes to float32.
pub fn floats(bytes: &[u8], kind: DType) -> Result<Vec<f32>> {
    let count = bytes.len() / kind.size_in_bytes();
    let flat = Tensor::from_raw_buffer(&bytes[..count * kind.size_in_bytes()], kind, &[count], &Device::Cpu)?;
    Ok(flat.to_dtype(DType::F32)?.to_vec1()?)
}
