//! Weights from PyTorch files: zip archives with a pickle that describes tensors. No code of the pickle is executed.

use std::fmt::Display;
use std::io::Cursor;

use candle_core::pickle::{Object, Stack, TensorInfo};
use zip::ZipArchive;

use super::values::{floats, is_counter, not_floats};
use crate::error::{Error, Result};
use crate::inflate::{at_end, beyond, justified, read_exactly};
use crate::nets::Weight;
use crate::product::product;

/// Keys of the state dict in checkpoints.
const NESTED: [&str; 4] = ["state_dict", "model_state_dict", "model", "net"];

const FORMAT: &str = "PyTorch file of weights";

const SAVE: &str = "save it with torch.save(model.state_dict(), ...)";

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

fn wrong(problem: impl Display) -> Error {
    Error::format(FORMAT, problem)
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unreadable(FORMAT, error)
}

/// Returns the error for a pickle without an archive.
pub(super) fn too_old() -> Error {
    wrong(format!("it is a bare pickle, as before PyTorch 1.6: {SAVE} of a newer one"))
}

pub(super) fn weights(bytes: &[u8]) -> Result<Vec<Weight>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let pickle = archive.file_names().filter_map(Result::ok).find(|name| name.ends_with("/data.pkl"));
    let pickle = pickle.ok_or_else(|| wrong(format!("the archive holds no data.pkl: {SAVE}")))?.into_owned();
    let mut stack = Stack::empty();
    let broken = |error| unreadable(error).remedied(SAVE);
    stack.read_loop(&mut Cursor::new(entry(&mut archive, &pickle)?)).map_err(broken)?;
    let folder = std::path::Path::new(pickle.trim_end_matches(".pkl"));
    let mut weights = Vec::new();
    for (name, object) in state_dict(stack.finalize().map_err(broken)?)? {
        let Object::Unicode(words) = &name else { continue };
        if is_counter(words) {
            continue;
        }
        let words = words.clone();
        let info = object
            .into_tensor_info(name, folder)
            .map_err(|error| unreadable(error).within(format_args!("`{words}`")))?;
        if let Some(info) = info {
            weights.push(weight(&mut archive, info)?);
        }
    }
    Ok(weights)
}

/// Returns names and possible tensors.
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

/// Reads an entry, whose stated size must be one that its compressed bytes can have.
fn entry(archive: &mut Archive, name: &str) -> Result<Vec<u8>> {
    let mut entry = archive.by_name(name).map_err(|error| unreadable(error).within(name))?;
    let (size, compressed) = (entry.size(), entry.compressed_size());
    if size > justified(compressed) {
        return Err(wrong(format!(
            "it states {size} bytes, {}",
            beyond(compressed, "save it with torch.save, which does not compress")
        ))
        .within(name));
    }
    let bytes = read_exactly(&mut entry, size as usize).map_err(|error| unreadable(error).within(name))?;
    if !at_end(&mut entry).map_err(|error| unreadable(error).within(name))? {
        return Err(wrong(format!("it has more than the {size} bytes that the archive states")).within(name));
    }
    Ok(bytes)
}

/// Reads the values of a tensor, which may be stored with any strides.
fn weight(archive: &mut Archive, info: TensorInfo) -> Result<Weight> {
    let TensorInfo { name, dtype, layout, path, .. } = info;
    if !dtype.is_float() {
        return Err(wrong(not_floats(&name, dtype)));
    }
    let storage = floats(&entry(archive, &path)?, dtype)?;
    let shape = layout.dims().to_vec();
    let count = product(&shape);
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
