//! Texts in a study file, one for each example: all of them as UTF-8, and where each begins.

use crate::archive::{Tensor, Tensors};
use crate::error::{Error, Result};

/// A list of texts in the file.
pub(super) struct TextList {
    /// Name of the tensor of the bytes.
    pub name: &'static str,
    /// Name of the tensor of the offsets, `[examples + 1]`.
    pub offsets: &'static str,
    /// What one of them is, for messages.
    pub what: &'static str,
}

/// The user's names of the examples.
pub(super) const NAMES: TextList = TextList { name: "ids", offsets: "ids_offsets", what: "name" };
/// The texts that are shown of the examples.
pub(super) const TEXTS: TextList = TextList { name: "texts", offsets: "texts_offsets", what: "text" };

impl TextList {
    /// Returns the tensors of the texts, `[bytes]` and `[examples + 1]`.
    pub fn to_tensors(&self, texts: &[String]) -> [(String, Tensor); 2] {
        let mut offsets = vec![0];
        texts.iter().for_each(|text| offsets.push(offsets[offsets.len() - 1] + text.len() as u64));
        let bytes = texts.concat().into_bytes();
        [
            (self.name.into(), Tensor::u8(&[bytes.len()], bytes)),
            (self.offsets.into(), Tensor::u64(&[offsets.len()], offsets)),
        ]
    }

    /// Reads the texts, `[examples]`; none if the file has none.
    ///
    /// # Errors
    /// [`Error::Format`] if a tensor is missing or damaged; `wrong` makes the error of a damaged text.
    pub fn read(&self, file: &Tensors, wrong: impl Fn(String) -> Error) -> Result<Vec<String>> {
        if !file.has(self.name) && !file.has(self.offsets) {
            return Ok(Vec::new());
        }
        let ((_, bytes), offsets) = (file.u8(self.name)?, file.u64(self.offsets)?);
        let text = |example: usize| {
            let [start, end] = [offsets[example], offsets[example + 1]].map(|offset| usize::try_from(offset).ok());
            let text = bytes.get(start?..end?).and_then(|text| std::str::from_utf8(text).ok());
            text.map(String::from)
        };
        let damaged = |example| wrong(format!("the {} of example {example} is damaged", self.what));
        (0..offsets.len().saturating_sub(1)).map(|example| text(example).ok_or_else(|| damaged(example))).collect()
    }
}
