//! Files of recorded activations, written by hand.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// An array: NumPy's type, order, shape and bytes of its values.
#[derive(Clone, Debug)]
pub struct TypedArray {
    /// Such as `<f4`.
    pub descr: String,
    /// Whether the first dimension varies fastest.
    pub fortran: bool,
    /// Number of values along each dimension.
    pub shape: Vec<usize>,
    /// The values as they stand in the file.
    pub bytes: Vec<u8>,
}

impl TypedArray {
    /// Stores values, which are in C order, as this type: `<f4` and the like, with `>` for the highest byte first.
    ///
    /// # Panics
    /// For a type that is not known here.
    pub fn new(values: &[f64], shape: &[usize], descr: &str, fortran: bool) -> Self {
        let (order, kind) = descr.split_at(1);
        let bytes = |value: f64| match kind {
            "f2" => f16_bits(value).to_le_bytes().to_vec(),
            "f4" => (value as f32).to_le_bytes().to_vec(),
            "f8" => value.to_le_bytes().to_vec(),
            "i1" => vec![value as i8 as u8],
            "i4" => (value as i32).to_le_bytes().to_vec(),
            "i8" => (value as i64).to_le_bytes().to_vec(),
            "u1" | "b1" => vec![value as u8],
            other => panic!("no type {other}"),
        };
        let place = |at: usize| if fortran { in_c_order(shape, at) } else { at };
        let all = (0..values.len()).flat_map(|at| {
            let mut word = bytes(values[place(at)]);
            if order == ">" {
                word.reverse();
            }
            word
        });
        Self { descr: descr.into(), fortran, shape: shape.to_vec(), bytes: all.collect() }
    }

    /// Stores float32 values.
    pub fn floats(values: &[f32], shape: &[usize]) -> Self {
        Self::new(&values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>(), shape, "<f4", false)
    }

    /// Stores whole numbers, `[n]`.
    pub fn numbers(values: &[u32]) -> Self {
        Self::new(&values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>(), &[values.len()], "<i8", false)
    }

    /// Stores texts, `[n]`, as UTF-32.
    pub fn texts(texts: &[&str]) -> Self {
        let longest = texts.iter().map(|text| text.chars().count()).max().unwrap_or_default().max(1);
        let bytes = texts.iter().flat_map(|text| {
            let codes = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(longest);
            codes.flat_map(u32::to_le_bytes)
        });
        Self { descr: format!("<U{longest}"), fortran: false, shape: vec![texts.len()], bytes: bytes.collect() }
    }

    /// Returns the `.npy` file.
    pub fn npy(&self) -> Vec<u8> {
        let shape: String = self.shape.iter().map(|side| format!("{side}, ")).collect();
        let order = if self.fortran { "True" } else { "False" };
        let header = format!("{{'descr': '{}', 'fortran_order': {order}, 'shape': ({shape}), }}", self.descr);
        let header = format!("{header:<117}\n");
        [&b"\x93NUMPY\x01\x00"[..], &(header.len() as u16).to_le_bytes(), header.as_bytes(), &self.bytes].concat()
    }
}

/// Returns the bits of a value that float16 holds exactly.
fn f16_bits(value: f64) -> u16 {
    let bits = (value as f32).to_bits();
    if value == 0.0 {
        return (bits >> 16) as u16 & 0x8000;
    }
    let exponent = (bits >> 23 & 0xff) as i32 - 127 + 15;
    ((bits >> 16) as u16 & 0x8000) | (exponent as u16) << 10 | (bits >> 13 & 0x3ff) as u16
}

/// Returns the place in C order of the value `at` in Fortran order.
fn in_c_order(shape: &[usize], mut at: usize) -> usize {
    let mut index = Vec::new();
    for side in shape {
        index.push(at % side);
        at /= side;
    }
    shape.iter().zip(index).fold(0, |sum, (side, index)| sum * side + index)
}

/// Returns an `.npz` file.
///
/// # Panics
/// Never.
pub fn npz(arrays: &[(&str, TypedArray)], compressed: bool) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let method = if compressed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    for (name, array) in arrays {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(format!("{name}.npy"), options).expect("an entry");
        archive.write_all(&array.npy()).expect("bytes");
    }
    archive.finish().expect("an archive").into_inner()
}

/// Returns a safetensors file with metadata.
///
/// # Panics
/// For arrays that such files cannot hold.
pub fn safetensors(arrays: &[(&str, TypedArray)], metadata: &[(&str, String)]) -> Vec<u8> {
    let dtype = |descr: &str| match descr {
        "<f2" => Dtype::F16,
        "bf16" => Dtype::BF16,
        "<f4" => Dtype::F32,
        "<f8" => Dtype::F64,
        "<i8" => Dtype::I64,
        "|u1" => Dtype::U8,
        other => panic!("no tensors of {other}"),
    };
    let views = arrays.iter().map(|(name, array)| {
        (*name, TensorView::new(dtype(&array.descr), array.shape.clone(), &array.bytes).expect("a tensor"))
    });
    let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    safetensors::serialize(views, Some(metadata)).expect("a file")
}

/// Writes files into a new folder.
///
/// # Panics
/// If that is not possible.
pub fn write_files(folder: &Path, files: &[(String, Vec<u8>)]) {
    fs::create_dir_all(folder).expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("a file");
    }
}
