//! NumPy's arrays: the header of a `.npy` file, and such files beside each other.
//!
//! A file is `\x93NUMPY`, the version, the length of the header, the header, and the values
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>). The header is read here: a library that we
//! tried multiplies shapes without a check.

use std::io::{self, Read};

use super::array_names::is_known;
use super::array_set::{ArraySet, read_arrays};
use super::arrays::{Array, Heading, Kind};
use super::read_files::{ReadFiles, ends};
use super::{InputFile, ReadOptions};
use crate::data::ReadReport;
use crate::error::{Error, Result};
use crate::gzip::gunzip;

const FORMAT: &str = "npy file";

/// Largest header that is read, in bytes; NumPy's own limit.
const LONGEST: usize = 10_000;

/// The header of a `.npy` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NpyHeader {
    /// NumPy's name for the type of the values, such as `float32`.
    pub dtype: String,
    /// The number of values along each dimension.
    pub shape: Vec<usize>,
    /// Whether the first dimension varies fastest.
    pub by_columns: bool,
    /// Whether the first byte of a value is the highest.
    pub big_endian: bool,
    /// Number of bytes of all values.
    pub size: usize,
}

impl NpyHeader {
    /// Reads the header, no byte further.
    ///
    /// # Errors
    /// [`Error::Format`] for what is no header, for values that are neither numbers nor texts, and for more of them than
    /// this machine can address.
    pub fn read(from: impl Read) -> Result<Self> {
        let wrong = |problem: String| Error::format(FORMAT, format_args!("it {problem}"));
        let (heading, _) = heading("", from).map_err(wrong)?;
        let size = heading.size().map_err(wrong)?;
        let Heading { kind, shape, by_columns, big_endian, .. } = heading;
        Ok(Self { dtype: kind.to_string(), shape, by_columns, big_endian, size })
    }
}

/// Reads the header of an array. Returns also its length, after which the values begin.
///
/// # Errors
/// The problem, for what is no header.
pub(crate) fn heading(name: &str, mut from: impl Read) -> Result<(Heading, usize), String> {
    let mut bytes = |count: usize| -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let read = from.by_ref().take(count as u64).read_to_end(&mut bytes);
        let error = match read {
            Ok(read) if read == count => return Ok(bytes),
            Ok(_) => io::Error::new(io::ErrorKind::UnexpectedEof, "it ends within its header"),
            Err(error) => error,
        };
        Err(format!("is no array of NumPy: {error}"))
    };
    let start = bytes(8)?;
    let (b"\x93NUMPY", [major, _]) = start.split_at(6) else {
        return Err("is no array of NumPy: it does not begin with \\x93NUMPY".into());
    };
    let length_bytes = if *major == 1 { 2 } else { 4 };
    let length = bytes(length_bytes)?.iter().rev().fold(0, |length, &byte| length << 8 | usize::from(byte));
    if !(1..=3).contains(major) || length > LONGEST {
        return Err(format!("has a header of version {major} and {length} bytes; up to 3 and {LONGEST} are read"));
    }
    let header = bytes(length)?;
    let text = String::from_utf8_lossy(&header);
    let parsed = parsed(name, &text).ok_or_else(|| format!("has a header that is none: {}", text.trim()))?;
    Ok((parsed, 8 + length_bytes + length))
}

/// Reads a header such as `{'descr': '<f4', 'fortran_order': False, 'shape': (60, 28, 28), }`.
fn parsed(name: &str, text: &str) -> Option<Heading> {
    let after = |key: &str| Some(text.split_once(&format!("'{key}':"))?.1.trim_start());
    let descr = after("descr")?;
    let (kind, big_endian) = match descr.strip_prefix('\'') {
        Some(descr) => kind(descr.split_once('\'')?.0),
        None => (Kind::Other("records".into()), false),
    };
    let by_columns = match after("fortran_order")? {
        order if order.starts_with("True") => true,
        order if order.starts_with("False") => false,
        _ => return None,
    };
    let (sides, _) = after("shape")?.strip_prefix('(')?.split_once(')')?;
    let sides = sides.split(',').map(str::trim).filter(|side| !side.is_empty());
    let shape = sides.map(|side| side.trim_end_matches('L').parse().ok()).collect::<Option<Vec<usize>>>()?;
    Some(Heading { name: name.into(), kind, shape, by_columns, big_endian })
}

/// Reads a type such as `<f4`. Returns also whether the first byte is the highest.
pub(super) fn kind(descr: &str) -> (Kind, bool) {
    let other = || (Kind::Other(descr.into()), false);
    let mut characters = descr.chars();
    let (Some(order), Some(letter)) = (characters.next(), characters.next()) else { return other() };
    let Ok(size) = characters.as_str().parse::<usize>() else {
        return if letter == 'O' { (Kind::Other("object".into()), false) } else { other() };
    };
    let kind = match letter {
        'b' if size == 1 => Kind::Bool,
        'i' => Kind::Int(size),
        'u' => Kind::Uint(size),
        'f' => Kind::Float(size),
        'S' | 'a' => Kind::Utf8(size),
        'U' => Kind::Utf32(size),
        _ => return other(),
    };
    (kind, order == '>')
}

/// Returns whether a file is an array of its own.
pub(super) fn is_npy(name: &str) -> bool {
    ends(name, "npy")
}

/// Returns the name of a file's array: without ending, and with its folder if that is part of the name, as `train/x`.
fn array_name(path: &str) -> String {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    let longer = format!("{}/{stem}", folders.rsplit('/').next().unwrap_or_default());
    if is_known(&longer) { longer } else { stem.into() }
}

/// Reads files of one array each, whose names say what they are: `x.npy` and `y.npy`, or `X_train.npy` and so on.
pub(super) fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let mut report = ReadReport::default();
    let (arrays, others): (Vec<&&dyn InputFile>, Vec<_>) = files.iter().partition(|file| is_npy(file.name()));
    others.iter().for_each(|file| report.skip(file.name(), "not an .npy file, as the others are"));
    let contents: Vec<_> = arrays.iter().map(|file| file.bytes()).collect::<Result<_>>()?;
    let mut set = ArraySet::default();
    for (file, bytes) in arrays.iter().zip(&contents) {
        let bytes = gunzip(bytes).map_err(|error| error.within(file.name()))?;
        let name = array_name(file.name());
        let wrong = |problem: String| Error::format(FORMAT, problem).within(file.name());
        let (heading, start) = heading(&name, &bytes[..]).map_err(wrong)?;
        set.add(heading, move |heading| match bytes {
            std::borrow::Cow::Borrowed(bytes) => Array::new(heading, &bytes[start..], FORMAT),
            std::borrow::Cow::Owned(bytes) => Array::new(heading, bytes[start..].to_vec(), FORMAT),
        });
    }
    let read = read_arrays(set, FORMAT, options, report);
    match arrays[..] {
        [_] => {
            read.map_err(|error| error.remedied("put the other beside it as an .npy file, and open the folder of both"))
        }
        _ => read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a file of version 1 with this header.
    fn file(header: &str) -> Vec<u8> {
        [&b"\x93NUMPY\x01\x00"[..], &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat()
    }

    fn shape_of(shape: &str) -> Result<Vec<usize>, String> {
        let header = format!("{{'descr': '>f4', 'fortran_order': True, 'shape': {shape}, }}      \n");
        heading("x", &file(&header)[..]).map(|(heading, length)| {
            assert_eq!(length, 10 + header.len());
            assert!(heading.by_columns && heading.big_endian && heading.kind == Kind::Float(4));
            heading.shape
        })
    }

    #[test]
    fn files_are_arrays_of_their_names() {
        for (path, name) in
            [("x.npy", "x"), ("a/X_train.npy.gz", "X_train"), ("a/train/x.npy", "train/x"), ("a/b/y.npy", "y")]
        {
            assert_eq!(array_name(path), name);
        }
    }

    #[test]
    fn headers_are_read() {
        assert_eq!(shape_of("(60, 28, 28)").expect("a shape"), [60, 28, 28]);
        assert_eq!(shape_of("(60,)").expect("a shape"), [60]);
        assert!(shape_of("()").expect("a shape").is_empty());
        assert_eq!(shape_of("(60L, 2L)").expect("a shape"), [60, 2], "as Python 2 writes it");
        for (descr, expected) in [
            ("|u1", Kind::Uint(1)),
            ("|b1", Kind::Bool),
            ("<U12", Kind::Utf32(12)),
            ("|S3", Kind::Utf8(3)),
            ("|O", Kind::Other("object".into())),
            ("<M8[ns]", Kind::Other("<M8[ns]".into())),
            ("<c8", Kind::Other("<c8".into())),
        ] {
            assert_eq!(kind(descr), (expected, false));
        }
    }

    #[test]
    fn a_header_says_how_many_bytes_follow() {
        let of = |shape: &str| {
            let header = format!("{{'descr': '<i2', 'fortran_order': False, 'shape': {shape}, }}");
            NpyHeader::read(&file(&header)[..]).map_err(|error| error.to_string())
        };
        let expected =
            NpyHeader { dtype: "int16".into(), shape: vec![3, 5], by_columns: false, big_endian: false, size: 30 };
        assert_eq!(of("(3, 5)"), Ok(expected));
        for shape in ["(18446744073709551615,)", "(4294967296, 4294967296, 2)"] {
            assert!(of(shape).expect_err("too many").contains("more than this machine can address"), "{shape}");
        }
    }

    #[test]
    fn wrong_headers_are_refused() {
        for shape in ["(-1, 4)", "(18446744073709551616, 4)", "(a,)", "60", "((((((("] {
            assert!(shape_of(shape).expect_err("no shape").contains("header that is none"), "{shape}");
        }
        let long = [&b"\x93NUMPY\x02\x00\xff\xff\xff\xff"[..], b"{'descr'"].concat();
        assert!(heading("x", &long[..]).expect_err("long").contains("4294967295 bytes"));
        assert!(heading("x", &long[..5]).expect_err("cut").contains("ends within its header"));
        assert!(heading("x", &b"PK\x03\x04 and more"[..]).expect_err("a zip").contains("NUMPY"));
    }
}
