//! numpy's files: float32 rows and integer labels in, results out.

use std::path::Path;

use anyhow::{Context, bail};
use candle_core::{DType, Device, Tensor, WithDType};
use prediction_depth::{Class, Matrix};

/// Rows of numbers, [rows, dims]; further dimensions are flattened.
pub fn matrix(path: &Path) -> anyhow::Result<Matrix> {
    let tensor = read(path)?;
    let (rows, dtype) = (tensor.dims().first().copied().unwrap_or_default(), tensor.dtype());
    if tensor.rank() < 2 || tensor.elem_count() == 0 || dtype != DType::F32 {
        let shape = tensor.shape();
        bail!("{}: float32 of shape [rows, dims] is needed, found {dtype:?} {shape:?}", path.display());
    }
    let dims = tensor.elem_count() / rows;
    Ok(Matrix::new(tensor.flatten_all()?.to_vec1()?, rows, dims)?)
}

/// Classes, `[examples]`.
pub fn classes(path: &Path) -> anyhow::Result<Vec<Class>> {
    let tensor = read(path)?;
    let (shape, dtype) = (tensor.shape(), tensor.dtype());
    if tensor.rank() != 1 || !dtype.is_int() {
        bail!("{}: integers of shape [examples] are needed, found {dtype:?} {shape:?}", path.display());
    }
    let numbers: Vec<i64> = tensor.to_dtype(DType::I64)?.to_vec1()?;
    let class = |(example, &number): (usize, &i64)| {
        let bad = || format!("{}: {number} at example {example} is no class", path.display());
        Class::try_from(number).with_context(bad)
    };
    numbers.iter().enumerate().map(class).collect()
}

/// Writes values of this shape.
pub fn write<T: WithDType>(path: &Path, values: &[T], shape: &[usize]) -> anyhow::Result<()> {
    let tensor = Tensor::from_slice(values, shape, &Device::Cpu)?;
    tensor.write_npy(path).with_context(|| path.display().to_string())
}

fn read(path: &Path) -> anyhow::Result<Tensor> {
    Tensor::read_npy(path).with_context(|| path.display().to_string())
}
