//! The user's names of the examples in a study file: all names as UTF-8, and where each begins.

use crate::archive::{Tensor, Tensors};
use crate::error::{Error, Result};

const IDS: &str = "ids";
const OFFSETS: &str = "ids_offsets";

/// Returns the tensors of the names, `[bytes]` and `[examples + 1]`; none if there are no names.
pub(super) fn to_tensors(names: &[String]) -> Vec<(String, Tensor)> {
    if names.is_empty() {
        return Vec::new();
    }
    let mut offsets = vec![0];
    names.iter().for_each(|name| offsets.push(offsets[offsets.len() - 1] + name.len() as u64));
    let bytes = names.concat().into_bytes();
    vec![(IDS.into(), Tensor::u8(&[bytes.len()], bytes)), (OFFSETS.into(), Tensor::u64(&[offsets.len()], offsets))]
}

/// Reads the names, `[examples]`; none if the file has none.
pub(super) fn read(file: &Tensors, wrong: impl Fn(String) -> Error) -> Result<Vec<String>> {
    if !file.has(IDS) && !file.has(OFFSETS) {
        return Ok(Vec::new());
    }
    let ((_, bytes), offsets) = (file.u8(IDS)?, file.u64(OFFSETS)?);
    let name = |example: usize| {
        let [start, end] = [offsets[example], offsets[example + 1]].map(|offset| usize::try_from(offset).ok());
        let name = bytes.get(start?..end?).and_then(|name| std::str::from_utf8(name).ok());
        name.map(String::from)
    };
    let name = |example| name(example).ok_or_else(|| wrong(format!("the name of example {example} is damaged")));
    (0..offsets.len().saturating_sub(1)).map(name).collect()
}
