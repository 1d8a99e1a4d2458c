//! Weights from files of other programs: PyTorch's state dicts, safetensors and ONNX.

mod onnx;
mod pickle;
mod safetensors;
mod values;

use super::Weight;
use crate::error::Result;

/// The weights of a PyTorch file (`torch.save(model.state_dict(), ...)`, since PyTorch 1.6; or a checkpoint with `state_dict`,
/// `model_state_dict`, `model` or `net`), of a safetensors file, of a study, or of an ONNX file, as float32, by name; without BatchNorm's
/// counters of batches. Of a pickle only what describes tensors is read, and nothing is run.
///
/// # Errors
/// [`Error::Format`](crate::Error::Format) where the bytes are neither, are no state dict, or hold a tensor that is not of floats.
pub fn read_weights(bytes: &[u8]) -> Result<Vec<Weight>> {
    let mut weights = match bytes {
        [_, _, _, _, _, _, _, _, b'{', ..] => safetensors::weights(bytes)?, // after a length, which may be any
        [b'P', b'K', ..] => pickle::weights(bytes)?,
        [0x08, ..] => onnx::weights(bytes)?, // the number of the version comes first
        [0x80, ..] => return Err(pickle::too_old()),
        _ => safetensors::weights(bytes)?,
    };
    weights.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(weights)
}
