//! What is a weight in files of other programs, and its values.

use candle_core::{DType, Device, Tensor};

use crate::error::Result;

/// Whether a name is that of PyTorch's counter of batches, which it keeps among the weights of BatchNorm, in whole numbers; no
/// network here needs it.
pub fn is_counter(name: &str) -> bool {
    name.ends_with("num_batches_tracked")
}

/// What to say of a tensor that holds something else.
pub fn not_floats(name: &str, found: impl std::fmt::Debug) -> String {
    format!("`{name}` holds {found:?}; weights are floats: leave it out")
}

/// The numbers that these bytes hold, as float32.
pub fn floats(bytes: &[u8], kind: DType) -> Result<Vec<f32>> {
    let count = bytes.len() / kind.size_in_bytes();
    let flat = Tensor::from_raw_buffer(&bytes[..count * kind.size_in_bytes()], kind, &[count], &Device::Cpu)?;
    Ok(flat.to_dtype(DType::F32)?.to_vec1()?)
}
