//! Matlab's files of version 5: their numeric arrays.
//!
//! A header of 128 bytes, then elements: type, number of bytes, bytes, padding to 8. An element of type 15 is compressed
//! with zlib, one of type 14 is an array: flags, sides, name, values
//! (<https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf>). The one crate for such files multiplies sides
//! without a check, inflates without a limit and refuses int32.

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::inflate::{beyond, justified, read_exactly};
use crate::product::product;

const COMPRESSED: u32 = 15;
const MATRIX: u32 = 14;

/// A numeric array, of which the first side varies fastest.
pub(super) struct MatArray {
    pub name: String,
    pub sides: Vec<usize>,
    /// Type of the values, a number of the format.
    kind: u32,
    bytes: Vec<u8>,
}

impl MatArray {
    /// Returns the values, if they are unsigned bytes.
    pub fn bytes(&self) -> Option<&[u8]> {
        (self.kind == 2).then_some(&self.bytes)
    }

    /// Returns the values of any type.
    pub fn numbers(&self) -> Vec<f64> {
        fn all<const SIZE: usize>(bytes: &[u8], number: impl Fn([u8; SIZE]) -> f64) -> Vec<f64> {
            bytes.as_chunks::<SIZE>().0.iter().map(|word| number(*word)).collect()
        }
        let bytes = &self.bytes[..];
        match self.kind {
            1 => all(bytes, |word| i8::from_le_bytes(word).into()),
            2 => all(bytes, |word| u8::from_le_bytes(word).into()),
            3 => all(bytes, |word| i16::from_le_bytes(word).into()),
            4 => all(bytes, |word| u16::from_le_bytes(word).into()),
            5 => all(bytes, |word| i32::from_le_bytes(word).into()),
            6 => all(bytes, |word| u32::from_le_bytes(word).into()),
            7 => all(bytes, |word| f32::from_le_bytes(word).into()),
            9 => all(bytes, f64::from_le_bytes),
            12 => all(bytes, |word| i64::from_le_bytes(word) as f64),
            13 => all(bytes, |word| u64::from_le_bytes(word) as f64),
            _ => Vec::new(),
        }
    }
}

/// Returns the bytes of a value of a type, for the types of numbers.
fn size(kind: u32) -> Option<usize> {
    match kind {
        1 | 2 => Some(1),
        3 | 4 => Some(2),
        5..=7 => Some(4),
        9 | 12 | 13 => Some(8),
        _ => None,
    }
}

/// Reads all numeric arrays; skips other ones.
///
/// # Errors
/// The problem, for another version and for damaged bytes.
pub(super) fn arrays(file: &[u8]) -> Result<Vec<MatArray>, String> {
    match file.get(124..128) {
        Some([_, 1, b'I', b'M']) => {}
        Some([1, _, b'M', b'I']) => {
            return Err("its numbers begin with the highest byte: save it on another machine".into());
        }
        _ if file.starts_with(b"\x89HDF") => return Err("it is of version 7.3: save it with -v7".into()),
        _ if file.get(128..).is_some() && file[..116].windows(10).any(|words| words == b"MATLAB 7.3") => {
            return Err("it is of version 7.3: save it with -v7".into());
        }
        _ => return Err("it has no header of version 5".into()),
    }
    let (mut rest, mut arrays) = (&file[128..], Vec::new());
    while !rest.is_empty() {
        let (kind, bytes, after) = element(rest)?;
        rest = after;
        let inflated = if kind == COMPRESSED { inflated(bytes)? } else { Vec::new() };
        let matrix = match kind {
            COMPRESSED => element(&inflated).map(|(kind, bytes, _)| (kind == MATRIX).then_some(bytes))?,
            _ => (kind == MATRIX).then_some(bytes),
        };
        if let Some(bytes) = matrix {
            arrays.extend(array(bytes)?);
        }
    }
    Ok(arrays)
}

/// Splits off an element: its type, its bytes, and what follows.
fn element(bytes: &[u8]) -> Result<(u32, &[u8], &[u8]), String> {
    let cut = || "it is cut off".to_owned();
    let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let first = word(0).ok_or_else(cut)?;
    // Up to four bytes stand beside their type and number.
    let (kind, count, start) = match first >> 16 {
        0 => (first, word(4).ok_or_else(cut)? as usize, 8),
        count => (first & 0xffff, count as usize, 4),
    };
    let end = start + count;
    let padded = if start == 4 {
        8
    } else if kind == COMPRESSED {
        end
    } else {
        end.next_multiple_of(8)
    };
    let inside = bytes.get(start..end).ok_or_else(cut)?;
    Ok((kind, inside, bytes.get(padded..).unwrap_or_default()))
}

/// Inflates an element, as far as it says itself how long it is.
fn inflated(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut decoder = ZlibDecoder::new(bytes);
    let broken = |error: std::io::Error| format!("a compressed array is damaged: {error}");
    let tag = read_exactly(&mut decoder, 8).map_err(broken)?;
    let (kind, count) = (u32::from_le_bytes([tag[0], tag[1], tag[2], tag[3]]), &tag[4..]);
    if kind >> 16 != 0 {
        return Ok(tag);
    }
    let count = u32::from_le_bytes([count[0], count[1], count[2], count[3]]) as usize;
    if count as u64 > justified(bytes.len() as u64) {
        return Err(format!(
            "an array claims to have {count} bytes, {}",
            beyond(bytes.len() as u64, "save it with -nocompression")
        ));
    }
    read_exactly(std::io::Cursor::new(tag).chain(decoder), 8 + count).map_err(broken)
}

/// Reads an array; returns none if it is not numeric or complex.
fn array(bytes: &[u8]) -> Result<Option<MatArray>, String> {
    let (_, flags, rest) = element(bytes)?;
    let &[class, flags, ..] = flags else { return Err("an array has no flags".into()) };
    let (_, sides, rest) = element(rest)?;
    let (_, name, rest) = element(rest)?;
    // Classes 6 to 15 are numeric; bit 3 stands for complex numbers.
    if !(6..=15).contains(&class) || flags & 8 != 0 {
        return Ok(None);
    }
    let name = String::from_utf8_lossy(name).into_owned();
    let wrong = |problem: &str| format!("`{name}` {problem}");
    let sides = sides.as_chunks::<4>().0.iter().map(|side| usize::try_from(i32::from_le_bytes(*side)).ok());
    let sides = sides.collect::<Option<Vec<usize>>>().ok_or_else(|| wrong("has a negative side"))?;
    let (kind, values, _) = element(rest)?;
    let size = size(kind).ok_or_else(|| wrong("holds no numbers"))?;
    let expected = product(&sides).and_then(|values| values.checked_mul(size));
    if expected != Some(values.len()) {
        return Err(wrong(&format!("is {sides:?}, but has {} bytes", values.len())));
    }
    Ok(Some(MatArray { sides, kind, bytes: values.to_vec(), name }))
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;

    fn tagged(kind: u32, bytes: &[u8]) -> Vec<u8> {
        let mut element = [kind.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
        element.extend(bytes);
        element.resize(element.len().next_multiple_of(8), 0);
        element
    }

    /// Returns an array's element, not compressed.
    pub fn matrix(name: &str, class: u8, kind: u32, sides: &[i32], values: &[u8]) -> Vec<u8> {
        let sides: Vec<u8> = sides.iter().flat_map(|side| side.to_le_bytes()).collect();
        let parts = [
            tagged(6, &[class, 0, 0, 0, 0, 0, 0, 0]),
            tagged(5, &sides),
            tagged(1, name.as_bytes()),
            tagged(kind, values),
        ];
        tagged(MATRIX, &parts.concat())
    }

    pub fn file(elements: &[Vec<u8>]) -> Vec<u8> {
        let mut file = vec![b' '; 124];
        file.extend([0, 1, b'I', b'M']);
        file.extend(elements.concat());
        file
    }

    pub fn compressed(element: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(element).expect("bytes");
        let bytes = encoder.finish().expect("bytes");
        [COMPRESSED.to_le_bytes().to_vec(), (bytes.len() as u32).to_le_bytes().to_vec(), bytes].concat()
    }

    #[test]
    fn arrays_are_read_plain_and_compressed() {
        let x = matrix("X", 9, 2, &[2, 1], &[7, 8]);
        let y = matrix("y", 12, 5, &[2, 1], &[[1, 0, 0, 0], [255, 255, 255, 255]].concat());
        for file in [file(&[x.clone(), y.clone()]), file(&[compressed(&x), compressed(&y)])] {
            let read = arrays(&file).expect("a file");
            assert_eq!(
                (read[0].name.as_str(), &read[0].sides[..], read[0].bytes()),
                ("X", &[2, 1][..], Some(&[7, 8][..]))
            );
            assert_eq!(read[1].numbers(), [1.0, -1.0], "int32");
        }
    }

    #[test]
    fn lies_are_refused() {
        let refused = |element: Vec<u8>| arrays(&file(&[element])).err().expect("refused");
        assert!(refused(matrix("X", 9, 2, &[1 << 20, 1 << 20, 1 << 20], &[7])).contains("but has 1 bytes"));
        assert!(refused(matrix("X", 9, 2, &[-1, 2], &[7])).contains("negative"));
        let mut claims = [MATRIX.to_le_bytes(), u32::MAX.to_le_bytes()].concat();
        claims.extend([0; 80]);
        assert!(refused(compressed(&claims)).contains("claims to have 4294967295 bytes"));
        assert!(refused(claims).contains("cut off"));
        assert!(arrays(b"none").err().expect("refused").contains("version 5"));
    }
}
