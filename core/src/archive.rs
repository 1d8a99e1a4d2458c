//! Safetensors files with metadata; equal contents give equal bytes. A file with metadata holds its own checksum.

use std::collections::BTreeMap;

use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::checksum;
use crate::class::{Class, UNPROBED};
use crate::error::{Error, Result, same_length};

/// Metadata of the checksum.
const CHECKSUM: &str = "sha256";
/// Bytes of the length of the header, with which a file begins.
const LENGTH: usize = size_of::<u64>();

/// A file format, identified by the metadata `format` and `version`.
#[derive(Debug)]
pub(crate) struct Format {
    /// Name in error messages, such as `study`.
    pub what: &'static str,
    /// Name in the metadata, such as `prediction-depth-study`.
    pub name: &'static str,
    /// The newest version, which this crate writes.
    pub version: u32,
    /// The oldest version that this crate reads.
    pub oldest: u32,
}

impl Format {
    pub fn wrong(&self, problem: impl std::fmt::Display) -> Error {
        Error::format(self.what, problem)
    }

    fn not_tensors(&self, error: SafeTensorError) -> Error {
        not_tensors(self.what, error)
    }

    fn unreadable(&self, error: impl std::error::Error + Send + Sync + 'static) -> Error {
        Error::unreadable(self.what, error)
    }

    pub fn json(&self, value: &impl Serialize) -> Result<String> {
        serde_json::to_string(value).map_err(|error| self.unreadable(error))
    }

    /// Reads metadata and tensors of a file of this format and version. Files from before there were checksums have none.
    ///
    /// # Errors
    /// [`Error::Version`], and [`Error::Format`], which names what is damaged.
    pub fn open<'a>(&'static self, bytes: &'a [u8]) -> Result<(Metadata, Tensors<'a>)> {
        let (head, header) = SafeTensors::read_metadata(bytes).map_err(|error| self.not_tensors(error))?;
        let entries = header.metadata().clone().unwrap_or_default().into_iter().collect();
        let metadata = Metadata { format: self, entries };
        let name = metadata.text("format")?;
        if name != self.name {
            return Err(self.wrong(format!("its format is {name:?}, not {:?}", self.name)));
        }
        let version = metadata.text("version")?;
        if !(self.oldest..=self.version).any(|known| version == known.to_string()) {
            return Err(Error::Version { what: self.what, found: version.into(), known: self.version });
        }
        let file = SafeTensors::deserialize(bytes).map_err(|error| self.not_tensors(error))?;
        if metadata.optional(CHECKSUM).is_some_and(|stored| !checksum::holds(bytes, head + LENGTH, stored)) {
            return Err(self.wrong(format!(
                "its bytes do not match the sha256 in its metadata, so it was changed or damaged after pdepth wrote it: \
                 take it from a copy, or make the {} again",
                self.what
            )));
        }
        Ok((metadata, Tensors { format: self, file }))
    }
}

/// Returns the error of a file that is not read as safetensors, in words that say what happened to it.
pub(crate) fn not_tensors(what: &'static str, error: SafeTensorError) -> Error {
    use SafeTensorError::{
        HeaderTooLarge, HeaderTooSmall, InvalidHeader, InvalidHeaderDeserialization, InvalidHeaderLength,
        MetadataIncompleteBuffer,
    };
    match error {
        MetadataIncompleteBuffer => Error::format(
            what,
            "its tensors end elsewhere than the file: it was cut off or damaged; take it from a copy",
        ),
        HeaderTooLarge | HeaderTooSmall | InvalidHeader(_) | InvalidHeaderLength | InvalidHeaderDeserialization(_) => {
            Error::format(what, format!("it is no safetensors file, or cut off in its header ({error})"))
        }
        error => Error::unreadable(what, error),
    }
}

pub(crate) struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    pub fn u8(shape: &[usize], bytes: Vec<u8>) -> Self {
        Self { dtype: Dtype::U8, shape: shape.to_vec(), bytes }
    }

    pub fn u16(shape: &[usize], values: impl IntoIterator<Item = u16>) -> Self {
        Self {
            dtype: Dtype::U16,
            shape: shape.to_vec(),
            bytes: values.into_iter().flat_map(u16::to_le_bytes).collect(),
        }
    }

    pub fn u32(shape: &[usize], values: impl IntoIterator<Item = u32>) -> Self {
        Self {
            dtype: Dtype::U32,
            shape: shape.to_vec(),
            bytes: values.into_iter().flat_map(u32::to_le_bytes).collect(),
        }
    }

    pub fn u64(shape: &[usize], values: impl IntoIterator<Item = u64>) -> Self {
        Self {
            dtype: Dtype::U64,
            shape: shape.to_vec(),
            bytes: values.into_iter().flat_map(u64::to_le_bytes).collect(),
        }
    }

    pub fn f32(shape: &[usize], values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { dtype: Dtype::F32, shape: shape.to_vec(), bytes }
    }

    pub fn f64(shape: &[usize], values: &[f64]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { dtype: Dtype::F64, shape: shape.to_vec(), bytes }
    }

    /// Stores classes as u8 if there are at most 255 of them, as u16 if at most 65,535, else as u32; the largest number
    /// stands for [`UNPROBED`].
    pub fn narrow(shape: &[usize], values: impl IntoIterator<Item = Class>, classes: usize) -> Self {
        let values = values.into_iter();
        if classes <= usize::from(u8::MAX) {
            return Self::u8(shape, values.map(|class| u8::try_from(class).unwrap_or(u8::MAX)).collect());
        }
        if classes <= usize::from(u16::MAX) {
            return Self::u16(shape, values.map(|class| u16::try_from(class).unwrap_or(u16::MAX)));
        }
        Self::u32(shape, values)
    }
}

/// Writes a file: length of the header, header as JSON, values. The safetensors crate's writer is not used, since
/// it orders metadata randomly. Wider types come first, so that all values are aligned. Adds a checksum to the metadata,
/// if there are any.
///
/// # Errors
/// [`Error::Mismatch`] if the number of a tensor's values does not match its shape.
pub(crate) fn write(metadata: &BTreeMap<&str, String>, tensors: &BTreeMap<String, Tensor>) -> Result<Vec<u8>> {
    let mut ordered: Vec<_> = tensors.iter().collect();
    ordered.sort_by_key(|(_, tensor)| std::cmp::Reverse(tensor.dtype.bitsize()));
    let (mut header, mut values) = (serde_json::Map::new(), Vec::new());
    if !metadata.is_empty() {
        let mut metadata = metadata.clone();
        metadata.insert(CHECKSUM, checksum::blank());
        header.insert("__metadata__".into(), json!(metadata));
    }
    for (name, Tensor { dtype, shape, bytes }) in ordered {
        same_length(&format!("bytes of {name:?}"), shape.iter().product::<usize>() * dtype.bitsize() / 8, bytes.len())?;
        let offsets = [values.len(), values.len() + bytes.len()];
        header.insert(name.clone(), json!({"dtype": dtype, "shape": shape, "data_offsets": offsets}));
        values.extend(bytes);
    }
    let mut header = serde_json::to_vec(&header).map_err(|error| Error::unreadable("safetensors file", error))?;
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut bytes = [&(header.len() as u64).to_le_bytes(), header.as_slice(), &values].concat();
    if !metadata.is_empty() {
        checksum::fill(&mut bytes);
    }
    Ok(bytes)
}

pub(crate) struct Metadata {
    format: &'static Format,
    entries: BTreeMap<String, String>,
}

impl Metadata {
    pub fn text(&self, key: &str) -> Result<&str> {
        let what = self.format.what;
        let missing =
            || self.format.wrong(format!("the metadata lack {key:?}: this is not a {what} written by pdepth"));
        self.entries.get(key).map(String::as_str).ok_or_else(missing)
    }

    pub fn optional(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    pub fn json<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        let wrong = |error| self.format.unreadable(error).within(format_args!("metadata {key:?}"));
        serde_json::from_str(self.text(key)?).map_err(wrong)
    }
}

pub(crate) struct Tensors<'a> {
    format: &'static Format,
    file: SafeTensors<'a>,
}

impl Tensors<'_> {
    pub fn names(&self) -> Vec<&str> {
        self.file.names()
    }

    pub fn has(&self, name: &str) -> bool {
        self.file.tensor(name).is_ok()
    }

    fn tensor(&self, name: &str, dtype: Dtype) -> Result<(Vec<usize>, &[u8])> {
        let tensor = self.file.tensor(name).map_err(|_| self.format.wrong(format!("it has no tensor {name:?}")))?;
        if tensor.dtype() != dtype {
            return Err(self.format.wrong(format!("{name:?} holds {:?}, not {dtype:?}", tensor.dtype())));
        }
        Ok((tensor.shape().to_vec(), tensor.data()))
    }

    pub fn u8(&self, name: &str) -> Result<(Vec<usize>, Vec<u8>)> {
        let (shape, bytes) = self.tensor(name, Dtype::U8)?;
        Ok((shape, bytes.to_vec()))
    }

    pub fn u16(&self, name: &str) -> Result<Vec<u16>> {
        let (_, bytes) = self.tensor(name, Dtype::U16)?;
        Ok(bytes.as_chunks::<2>().0.iter().map(|half| u16::from_le_bytes(*half)).collect())
    }

    pub fn u32(&self, name: &str) -> Result<Vec<u32>> {
        let (_, bytes) = self.tensor(name, Dtype::U32)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    pub fn u64(&self, name: &str) -> Result<Vec<u64>> {
        let (_, bytes) = self.tensor(name, Dtype::U64)?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }

    pub fn f32(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>)> {
        let (shape, bytes) = self.tensor(name, Dtype::F32)?;
        Ok((shape, bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect()))
    }

    pub fn f64(&self, name: &str) -> Result<Vec<f64>> {
        let (_, bytes) = self.tensor(name, Dtype::F64)?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|word| f64::from_le_bytes(*word)).collect())
    }

    /// Reads classes that [`Tensor::narrow`] stored.
    pub fn narrow(&self, name: &str, classes: usize) -> Result<Vec<Class>> {
        if classes <= usize::from(u8::MAX) {
            let widened = |class| if class == u8::MAX { UNPROBED } else { Class::from(class) };
            return Ok(self.u8(name)?.1.into_iter().map(widened).collect());
        }
        if classes > usize::from(u16::MAX) {
            return self.u32(name);
        }
        let widened = |class| if class == u16::MAX { UNPROBED } else { Class::from(class) };
        Ok(self.u16(name)?.into_iter().map(widened).collect())
    }
}
