//! A safetensors file with `images` and `labels`.

use half::f16;
use safetensors::{Dtype, SafeTensors};

use super::arrays::{Array, Values};
use super::read_files::{NamedImages, ReadFiles};
use super::{InputFile, ReadOptions};
use crate::error::{Error, Result};
use crate::gzip::gunzip;

const FORMAT: &str = "safetensors file of data";

pub(super) fn read(files: &[&dyn InputFile], _options: &ReadOptions) -> Result<ReadFiles> {
    let bytes = files[0].bytes()?;
    let bytes = &gunzip(&bytes)?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| Error::unreadable(FORMAT, error))?;
    let named = |name: &'static str| move |problem: String| wrong(format!("`{name}` {problem}"));
    Ok(NamedImages::new(
        array(&file, "images")?.images(named("images"))?,
        array(&file, "labels")?.labels(named("labels"))?,
    )
    .into())
}

fn wrong(problem: String) -> Error {
    Error::format(FORMAT, problem)
}

fn array(file: &SafeTensors, name: &str) -> Result<Array> {
    let tensor = file.tensor(name).map_err(|_| wrong(format!("it has no tensor `{name}`")))?;
    let bytes = tensor.data();
    let values = match tensor.dtype() {
        Dtype::U8 => Values::Bytes(bytes.to_vec()),
        Dtype::I32 => numbers(bytes, |word| i32::from_le_bytes(word).into()),
        Dtype::U32 => numbers(bytes, |word| u32::from_le_bytes(word).into()),
        Dtype::I64 => numbers(bytes, |word| i64::from_le_bytes(word) as f64),
        Dtype::F16 => numbers(bytes, |word| f16::from_le_bytes(word).into()),
        Dtype::F32 => numbers(bytes, |word| f32::from_le_bytes(word).into()),
        Dtype::F64 => numbers(bytes, f64::from_le_bytes),
        other => return Err(wrong(format!("`{name}` holds {other:?}; U8, U32, I32, I64, F16, F32 and F64 are read"))),
    };
    Ok(Array { shape: tensor.shape().to_vec(), values })
}

fn numbers<const BYTES: usize>(bytes: &[u8], number: impl Fn([u8; BYTES]) -> f64) -> Values {
    Values::Numbers(bytes.as_chunks().0.iter().map(|&word| number(word)).collect())
}
