//! NumPy files: float32 rows and integer labels as input, results as output.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, bail};
use candle_core::{DType, Device, Tensor, WithDType};
use prediction_depth::data::NpyHeader;
use prediction_depth::{Class, Matrix};

/// Reads a matrix, [rows, dims]. Further dimensions are flattened.
pub fn matrix(path: &Path) -> anyhow::Result<Matrix> {
    let floats = Floats::open(path)?;
    let all = 0..floats.shape[0];
    floats.rows(all).with_context(|| path.display().to_string())
}

/// Returns the shape of the matrix that [`matrix`] would read, [rows, dims], from the file's header alone.
pub fn shape(path: &Path) -> anyhow::Result<[usize; 2]> {
    Ok(Floats::open(path)?.shape)
}

/// Reads only these rows of the matrix that [`matrix`] would read.
pub fn rows(path: &Path, rows: Range<usize>) -> anyhow::Result<Matrix> {
    Floats::open(path)?.rows(rows).with_context(|| path.display().to_string())
}

/// A file of float32 rows, open at its first value.
struct Floats {
    file: BufReader<File>,
    /// [rows, dims]
    shape: [usize; 2],
    big_endian: bool,
}

impl Floats {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let (file, NpyHeader { dtype, shape, by_columns, big_endian, size }) = opened(path)?;
        if shape.len() < 2 || size == 0 || by_columns || dtype != "float32" {
            bail!("{}: expected float32 of shape [rows, dims] in C order, found {dtype} {shape:?}", path.display());
        }
        Ok(Self { file, shape: [shape[0], size / size_of::<f32>() / shape[0]], big_endian })
    }

    fn rows(mut self, rows: Range<usize>) -> anyhow::Result<Matrix> {
        let dims = self.shape[1];
        let mut row = vec![0; dims * size_of::<f32>()];
        self.file.seek_relative(i64::try_from(rows.start * row.len())?)?;
        let mut values = Vec::with_capacity(rows.len() * dims);
        for _ in rows.clone() {
            self.file.read_exact(&mut row)?;
            if self.big_endian {
                row.as_chunks_mut::<4>().0.iter_mut().for_each(|value| value.reverse());
            }
            values.extend(row.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value)));
        }
        Ok(Matrix::new(values, rows.len(), dims)?)
    }
}

/// Reads classes, `[examples]`.
pub fn classes(path: &Path) -> anyhow::Result<Vec<Class>> {
    let (mut file, NpyHeader { dtype, shape, big_endian, size, .. }) = opened(path)?;
    let known = match dtype.as_str() {
        "bool" | "uint8" => Some(DType::U8),
        "uint32" => Some(DType::U32),
        "int16" => Some(DType::I16),
        "int32" => Some(DType::I32),
        "int64" => Some(DType::I64),
        _ => None,
    };
    let Some(known) = known.filter(|_| shape.len() == 1 && !big_endian) else {
        let order = if big_endian { "big-endian " } else { "" };
        bail!("{}: expected integers of shape [examples], found {order}{dtype} {shape:?}", path.display());
    };
    let mut bytes = vec![0; size];
    file.read_exact(&mut bytes).with_context(|| path.display().to_string())?;
    let numbers: Vec<i64> =
        Tensor::from_raw_buffer(&bytes, known, &shape, &Device::Cpu)?.to_dtype(DType::I64)?.to_vec1()?;
    let class = |(example, &number): (usize, &i64)| {
        let bad = || format!("{}: label {number} at example {example} is not a class number", path.display());
        Class::try_from(number).with_context(bad)
    };
    numbers.iter().enumerate().map(class).collect()
}

/// Opens a file at its first value. Refuses a header that claims more values than the file has bytes, before memory is
/// taken for them.
fn opened(path: &Path) -> anyhow::Result<(BufReader<File>, NpyHeader)> {
    let context = || path.display().to_string();
    let file = File::open(path).with_context(context)?;
    let length = file.metadata().with_context(context)?.len();
    let mut file = BufReader::new(file);
    let header = NpyHeader::read(&mut file).with_context(context)?;
    let start = file.stream_position().with_context(context)?;
    if header.size as u64 > length.saturating_sub(start) {
        let shape = header.shape;
        bail!(
            "{}: its header claims the shape {shape:?}, more than the file holds: it is cut off or damaged",
            context()
        );
    }
    Ok((file, header))
}

/// Returns the file of values of this shape.
pub fn to_bytes<T: WithDType>(values: &[T], shape: &[usize]) -> anyhow::Result<Vec<u8>> {
    let file = tempfile::NamedTempFile::new()?; // candle writes to paths only
    Tensor::from_slice(values, shape, &Device::Cpu)?.write_npy(file.path())?;
    Ok(std::fs::read(file.path())?)
}
