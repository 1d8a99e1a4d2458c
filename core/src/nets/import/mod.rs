//! Weights from files of other programs: PyTorch state dicts, safetensors and ONNX.

mod onnx;
mod pickle;
mod safetensors;
mod values;

use super::Weight;
use crate::error::Result;

/// What PyTorch's wrappers put before all names: `DataParallel` and `torch.compile`.
const WRAPPERS: [&str; 2] = ["module.", "_orig_mod."];

/// Reads weights as float32, by name, from one of these files:
/// - PyTorch 1.6 or later: `torch.save(model.state_dict(), ...)`, or a checkpoint with `state_dict`,
///   `model_state_dict`, `model` or `net`. Of the pickle, only descriptions of tensors are read, and no code is
///   executed.
/// - safetensors, including studies.
/// - ONNX.
///
/// Omits BatchNorm's counters of batches, and what `DataParallel` and `torch.compile` put before all names.
///
/// # Errors
/// [`Error::Format`](crate::Error::Format) if the bytes are none of these, contain no state dict, or contain a tensor
/// that is not floating-point.
pub fn read_weights(bytes: &[u8]) -> Result<Vec<Weight>> {
    let mut weights = match bytes {
        [_, _, _, _, _, _, _, _, b'{', ..] => safetensors::weights(bytes)?, // after a length, which may be any
        [b'P', b'K', ..] => pickle::weights(bytes)?,
        [0x08, ..] => onnx::weights(bytes)?, // the number of the version comes first
        [0x80, ..] => return Err(pickle::too_old()),
        _ => safetensors::weights(bytes)?,
    };
    while let Some(wrapper) = WRAPPERS.iter().find(|&&wrapper| is_wrapped(&weights, wrapper)) {
        weights.iter_mut().for_each(|weight| weight.name.replace_range(..wrapper.len(), ""));
    }
    weights.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(weights)
}

fn is_wrapped(weights: &[Weight], wrapper: &str) -> bool {
    !weights.is_empty() && weights.iter().all(|weight| weight.name.starts_with(wrapper))
}
