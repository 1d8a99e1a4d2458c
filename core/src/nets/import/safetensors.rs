//! Weights from safetensors files, including studies.

use candle_core::DType;
use safetensors::SafeTensors;

use super::values::{floats, is_counter, not_floats};
use crate::archive::not_tensors;
use crate::error::{Error, Result};
use crate::nets::Weight;

const FORMAT: &str = "safetensors file of weights";

/// Prefix of the weights in a study.
const OF_STUDY: &str = "weights/";

pub(super) fn weights(bytes: &[u8]) -> Result<Vec<Weight>> {
    let neither = |error| {
        let remedy = "a PyTorch file, which would be a zip archive, or an ONNX file it is not either";
        not_tensors(FORMAT, error).remedied(remedy)
    };
    let file = SafeTensors::deserialize(bytes).map_err(neither)?;
    let of_study = file.names().iter().any(|name| name.starts_with(OF_STUDY));
    let named = |name: String| if of_study { name.strip_prefix(OF_STUDY).map(String::from) } else { Some(name) };
    let tensors = file.tensors().into_iter().filter(|(name, _)| !is_counter(name));
    let tensors = tensors.filter_map(|(name, tensor)| Some((named(name)?, tensor)));
    let weight = |(name, tensor): (String, safetensors::tensor::TensorView)| {
        let kind = DType::try_from(tensor.dtype()).ok().filter(DType::is_float);
        let kind = kind.ok_or_else(|| Error::format(FORMAT, not_floats(&name, tensor.dtype())))?;
        Ok(Weight { name, shape: tensor.shape().to_vec(), values: floats(tensor.data(), kind)? })
    };
    tensors.map(weight).collect()
}
