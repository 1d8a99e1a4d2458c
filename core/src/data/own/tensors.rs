//! A safetensors file of arrays.

use safetensors::{Dtype, SafeTensors};

use super::array_set::{ArraySet, read_arrays};
use super::arrays::{Array, Heading, Kind};
use super::read_files::ReadFiles;
use super::{InputFile, ReadOptions};
use crate::archive::not_tensors;
use crate::data::ReadReport;
use crate::error::Result;
use crate::gzip::gunzip;

const FORMAT: &str = "safetensors file of data";

/// Reads the arrays by their names.
pub(super) fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let bytes = files[0].bytes()?;
    let bytes = &gunzip(&bytes)?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| not_tensors(FORMAT, error))?;
    let mut tensors = file.tensors();
    tensors.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut set = ArraySet::default();
    for (name, tensor) in &tensors {
        let heading = Heading::new(name, kind(tensor.dtype()), tensor.shape());
        set.add(heading, |heading| Array::new(heading, tensor.data(), FORMAT));
    }
    read_arrays(set, FORMAT, options, ReadReport::default())
}

pub(crate) fn kind(dtype: Dtype) -> Kind {
    match dtype {
        Dtype::BOOL => Kind::Bool,
        Dtype::U8 => Kind::Uint(1),
        Dtype::I8 => Kind::Int(1),
        Dtype::U16 => Kind::Uint(2),
        Dtype::I16 => Kind::Int(2),
        Dtype::U32 => Kind::Uint(4),
        Dtype::I32 => Kind::Int(4),
        Dtype::U64 => Kind::Uint(8),
        Dtype::I64 => Kind::Int(8),
        Dtype::F16 => Kind::Float(2),
        Dtype::BF16 => Kind::BrainFloat,
        Dtype::F32 => Kind::Float(4),
        Dtype::F64 => Kind::Float(8),
        other => Kind::Other(format!("{other:?}")),
    }
}
