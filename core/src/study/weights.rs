//! Weights from files of other programs: PyTorch's state dicts, safetensors and ONNX.

use std::io::{Cursor, Read};

use candle_core::pickle::{Object, Stack, TensorInfo};
use candle_core::{DType, Device, Tensor};
use safetensors::SafeTensors;
use zip::ZipArchive;

use super::{Weight, onnx};
use crate::error::{Error, Result};

/// Where checkpoints keep the state dict, beside what else they hold.
const NESTED: [&str; 4] = ["state_dict", "model_state_dict", "model", "net"];

/// What a study calls its weights begins so.
const OF_STUDY: &str = "weights/";

/// PyTorch's BatchNorm counts its batches among the weights, in whole numbers; no network here needs it.
const COUNTER: &str = "num_batches_tracked";

const SAVE: &str = "save it with torch.save(model.state_dict(), ...)";

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The weights of a PyTorch file (`torch.save(model.state_dict(), ...)`, since PyTorch 1.6; or a checkpoint with `state_dict`,
/// `model_state_dict`, `model` or `net`), of a safetensors file, of a study, or of an ONNX file, as float32, by name; without BatchNorm's
/// counters of batches. Of a pickle only what describes tensors is read, and nothing is run.
///
/// # Errors
/// [`Error::Format`] where the bytes are neither, are no state dict, or hold a tensor that is not of floats.
pub fn read_weights(bytes: &[u8]) -> Result<Vec<Weight>> {
    let mut weights = match bytes {
        [_, _, _, _, _, _, _, _, b'{', ..] => tensors(bytes)?, // after a length, which may be any
        [b'P', b'K', ..] => pickled(bytes)?,
        [0x08, ..] => onnx::weights(bytes)?, // the number of the version comes first
        [0x80, ..] => return Err(wrong(format!("it is a bare pickle, as before PyTorch 1.6: {SAVE} of a newer one"))),
        _ => tensors(bytes)?,
    };
    weights.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(weights)
}

fn wrong(problem: impl ToString) -> Error {
    Error::Format { format: "PyTorch file of weights", byte: 0, problem: problem.to_string() }
}

fn not_floats(name: &str, found: impl std::fmt::Debug) -> String {
    format!("`{name}` holds {found:?}; weights are floats: leave it out")
}

fn tensors(bytes: &[u8]) -> Result<Vec<Weight>> {
    let wrong = |problem: String| Error::Format { format: "safetensors file of weights", byte: 0, problem };
    let neither = |error| {
        wrong(format!("{error}; a PyTorch file, which would be a zip archive, or an ONNX file it is not either"))
    };
    let file = SafeTensors::deserialize(bytes).map_err(neither)?;
    let of_study = file.names().iter().any(|name| name.starts_with(OF_STUDY));
    let named = |name: String| if of_study { name.strip_prefix(OF_STUDY).map(String::from) } else { Some(name) };
    let tensors = file.tensors().into_iter().filter(|(name, _)| !name.ends_with(COUNTER));
    let tensors = tensors.filter_map(|(name, tensor)| Some((named(name)?, tensor)));
    let weight = |(name, tensor): (String, safetensors::tensor::TensorView)| {
        let kind = DType::try_from(tensor.dtype()).ok().filter(DType::is_float);
        let kind = kind.ok_or_else(|| wrong(not_floats(&name, tensor.dtype())))?;
        Ok(Weight { name, shape: tensor.shape().to_vec(), values: floats(tensor.data(), kind)? })
    };
    tensors.map(weight).collect()
}

pub(super) fn floats(bytes: &[u8], kind: DType) -> Result<Vec<f32>> {
    let count = bytes.len() / kind.size_in_bytes();
    let flat = Tensor::from_raw_buffer(&bytes[..count * kind.size_in_bytes()], kind, &[count], &Device::Cpu)?;
    Ok(flat.to_dtype(DType::F32)?.to_vec1()?)
}

fn pickled(bytes: &[u8]) -> Result<Vec<Weight>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(wrong)?;
    let pickle = archive.file_names().filter_map(Result::ok).find(|name| name.ends_with("/data.pkl"));
    let pickle = pickle.ok_or_else(|| wrong(format!("the archive holds no data.pkl: {SAVE}")))?.into_owned();
    let mut stack = Stack::empty();
    let broken = |error| wrong(format!("{error}; {SAVE}"));
    stack.read_loop(&mut Cursor::new(entry(&mut archive, &pickle)?)).map_err(broken)?;
    let folder = std::path::Path::new(pickle.trim_end_matches(".pkl"));
    let mut weights = Vec::new();
    for (name, object) in state_dict(stack.finalize().map_err(broken)?)? {
        let Object::Unicode(words) = &name else { continue };
        if words.ends_with(COUNTER) {
            continue;
        }
        let words = words.clone();
        let info = object.into_tensor_info(name, folder).map_err(|error| wrong(format!("`{words}`: {error}")))?;
        if let Some(info) = info {
            weights.push(weight(&mut archive, info)?);
        }
    }
    Ok(weights)
}

/// Names and what may be tensors.
fn state_dict(object: Object) -> Result<Vec<(Object, Object)>> {
    let is_tensor = |(_, value): &(Object, Object)| matches!(value, Object::Reduce { .. });
    let Object::Dict(entries) = object else {
        return Err(wrong(format!("it holds no state dict, but a whole model or something else: {SAVE}")));
    };
    if entries.iter().any(is_tensor) {
        return Ok(entries);
    }
    let names: Vec<String> = entries.iter().filter_map(|(name, _)| name.clone().unicode().ok()).collect();
    let nested = entries.into_iter().find_map(|(name, value)| match (name, value) {
        (Object::Unicode(name), Object::Dict(nested)) if NESTED.contains(&name.as_str()) => Some(nested),
        _ => None,
    });
    let nested = nested.filter(|nested| nested.iter().any(is_tensor));
    nested.ok_or_else(|| wrong(format!("it holds no state dict, but a dict with {}: {SAVE}", names.join(", "))))
}

fn entry(archive: &mut Archive, name: &str) -> Result<Vec<u8>> {
    let broken = |error: &dyn std::fmt::Display| wrong(format!("{name}: {error}"));
    let mut bytes = Vec::new();
    archive.by_name(name).map_err(|error| broken(&error))?.read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    Ok(bytes)
}

/// The values of a tensor, which may lie in its storage in any order.
fn weight(archive: &mut Archive, info: TensorInfo) -> Result<Weight> {
    let TensorInfo { name, dtype, layout, path, .. } = info;
    if !dtype.is_float() {
        return Err(wrong(not_floats(&name, dtype)));
    }
    let storage = floats(&entry(archive, &path)?, dtype)?;
    let shape = layout.dims().to_vec();
    let count = shape.iter().try_fold(1_usize, |count, &side| count.checked_mul(side));
    let cut_off = || wrong(format!("`{name}` {shape:?} is larger than its storage of {} values", storage.len()));
    if count.is_none_or(|count| count > storage.len()) {
        return Err(cut_off());
    }
    let mut places = vec![layout.start_offset() / dtype.size_in_bytes()];
    for (&side, &stride) in shape.iter().zip(layout.stride()) {
        let along = |place: usize| (0..side).map(move |at| place.saturating_add(stride.saturating_mul(at)));
        places = places.into_iter().flat_map(along).collect();
    }
    let values: Option<Vec<f32>> = places.iter().map(|&place| storage.get(place).copied()).collect();
    let values = values.ok_or_else(cut_off)?;
    Ok(Weight { name, shape, values })
}
