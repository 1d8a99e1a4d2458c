//! NumPy files: float32 rows and integer labels as input, results as output.

use std::fs::File;
use std::io::BufReader;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use candle_core::{DType, Device, Tensor, WithDType};
use npyz::NpyFile;
use prediction_depth::{Class, Matrix};

/// Reads a matrix, [rows, dims]. Further dimensions are flattened.
pub fn matrix(path: &Path) -> anyhow::Result<Matrix> {
    let tensor = read(path)?;
    let (rows, dtype) = (tensor.dims().first().copied().unwrap_or_default(), tensor.dtype());
    if tensor.rank() < 2 || tensor.elem_count() == 0 || dtype != DType::F32 {
        let shape = tensor.shape();
        bail!("{}: expected float32 of shape [rows, dims], found {dtype:?} {shape:?}", path.display());
    }
    let dims = tensor.elem_count() / rows;
    Ok(Matrix::new(tensor.flatten_all()?.to_vec1()?, rows, dims)?)
}

/// Returns the shape of the matrix that [`matrix`] would read, [rows, dims], from the file's header alone.
pub fn shape(path: &Path) -> anyhow::Result<[usize; 2]> {
    Ok(opened(path)?.1)
}

/// Reads only these rows of the matrix that [`matrix`] would read.
pub fn rows(path: &Path, rows: Range<usize>) -> anyhow::Result<Matrix> {
    let (file, [_, dims]) = opened(path)?;
    let context = || path.display().to_string();
    let mut values = file.data::<f32>().map_err(|error| anyhow!("{}: {error}", path.display()))?;
    values.seek_to((rows.start * dims) as u64).with_context(context)?;
    let values: Vec<f32> = values.take(rows.len() * dims).collect::<Result<_, _>>().with_context(context)?;
    Matrix::new(values, rows.len(), dims).with_context(context)
}

/// Opens a file of float32 rows, and returns their shape.
fn opened(path: &Path) -> anyhow::Result<(NpyFile<BufReader<File>>, [usize; 2])> {
    let context = || path.display().to_string();
    check_length(path)?;
    let file = BufReader::new(File::open(path).with_context(context)?);
    let file = NpyFile::new(file).with_context(context)?;
    let (shape, order, dtype) = (file.shape(), file.order(), file.dtype());
    let floats = matches!(&dtype, npyz::DType::Plain(kind) if kind.type_char() == npyz::TypeChar::Float && kind.size_field() == 4);
    if shape.len() < 2 || shape.contains(&0) || order != npyz::Order::C || !floats {
        let dtype = dtype.descr();
        bail!("{}: expected float32 of shape [rows, dims] in C order, found {dtype} {shape:?}", path.display());
    }
    let (rows, dims) = (shape[0], shape[1..].iter().product::<u64>()); // checked by `check_length`
    Ok((file, [rows.try_into()?, dims.try_into()?]))
}

/// Reads classes, `[examples]`.
pub fn classes(path: &Path) -> anyhow::Result<Vec<Class>> {
    let tensor = read(path)?;
    let (shape, dtype) = (tensor.shape(), tensor.dtype());
    if tensor.rank() != 1 || !dtype.is_int() {
        bail!("{}: expected integers of shape [examples], found {dtype:?} {shape:?}", path.display());
    }
    let numbers: Vec<i64> = tensor.to_dtype(DType::I64)?.to_vec1()?;
    let class = |(example, &number): (usize, &i64)| {
        let bad = || format!("{}: label {number} at example {example} is not a class number", path.display());
        Class::try_from(number).with_context(bad)
    };
    numbers.iter().enumerate().map(class).collect()
}

/// Returns the file of values of this shape.
pub fn to_bytes<T: WithDType>(values: &[T], shape: &[usize]) -> anyhow::Result<Vec<u8>> {
    let file = tempfile::NamedTempFile::new()?; // candle writes to paths only
    Tensor::from_slice(values, shape, &Device::Cpu)?.write_npy(file.path())?;
    Ok(std::fs::read(file.path())?)
}

/// Refuses a header that claims more values than the file has bytes, before memory is taken for them.
fn check_length(path: &Path) -> anyhow::Result<()> {
    let context = || path.display().to_string();
    let file = File::open(path).with_context(context)?;
    let there = file.metadata().with_context(context)?;
    let header = NpyFile::new(BufReader::new(file)).with_context(context)?;
    let shape = header.shape();
    let values = shape.iter().try_fold(1_u64, |count, &side| count.checked_mul(side));
    let too_many = values.is_none_or(|values| there.is_file() && values > there.len());
    if too_many || shape.iter().any(|&side| usize::try_from(side).is_err()) {
        bail!(
            "{}: its header claims the shape {shape:?}, more than the file holds: it is cut off or damaged",
            context()
        );
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Tensor> {
    check_length(path)?;
    Tensor::read_npy(path).with_context(|| path.display().to_string())
}
