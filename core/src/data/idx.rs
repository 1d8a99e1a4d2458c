//! IDX, the format of MNIST and similar data sets, plain or gzipped (described on Y. LeCun's MNIST page): two zero
//! bytes, the type (8: bytes), the number of dimensions, each dimension as a big-endian u32, then the values.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::Images;
use crate::class::Class;
use crate::error::{Error, Result};
use crate::gzip::{damaged, gzip, is_gzip};
use crate::inflate::{at_end, beyond, justified};
use crate::product::product;

const BYTES: u8 = 8;

const FORMAT: &str = "IDX file";

/// Reads images from a file with 3 dimensions, [examples, height, width]; they have one channel.
///
/// # Errors
/// [`Error::Format`], with the byte at which the file is invalid.
pub fn read_images(bytes: &[u8]) -> Result<Images> {
    let (sides, pixels) = read(bytes, 3)?;
    Images::new(pixels, [1, sides[1], sides[2]])
}

/// Reads labels from a file with 1 dimension.
///
/// # Errors
/// [`Error::Format`], with the byte at which the file is invalid.
pub fn read_labels(bytes: &[u8]) -> Result<Vec<Class>> {
    let (_, labels) = read(bytes, 1)?;
    Ok(labels.into_iter().map(Class::from).collect())
}

/// Writes images of one channel as a gzipped IDX file.
///
/// # Errors
/// [`Error::Format`] for images of several channels.
pub fn write_images(images: &Images) -> Result<Vec<u8>> {
    let [channels, height, width] = images.shape();
    if channels != 1 {
        return Err(Error::format(FORMAT, format_args!("{channels} channels, but IDX images have one")));
    }
    write(&[images.len(), height, width], images.pixels())
}

/// Writes labels as a gzipped IDX file.
///
/// # Errors
/// [`Error::BadLabel`] for a label above 255.
pub fn write_labels(labels: &[Class]) -> Result<Vec<u8>> {
    super::images::check_labels(labels, 256)?;
    write(&[labels.len()], &labels.iter().map(|&label| label as u8).collect::<Vec<_>>())
}

fn wrong(byte: usize, problem: String) -> Error {
    Error::format(FORMAT, problem).at_byte(byte)
}

/// Reads the header, then as many values as it promises. Gzipped bytes are inflated no further.
fn read(bytes: &[u8], expected_sides: usize) -> Result<(Vec<usize>, Vec<u8>)> {
    let mut packed = MultiGzDecoder::new(bytes);
    let (from, most): (&mut dyn Read, u64) = if is_gzip(bytes) {
        (&mut packed, justified(bytes.len() as u64))
    } else {
        (&mut &bytes[..], bytes.len() as u64)
    };
    let length = 4 + 4 * expected_sides;
    let mut header = Vec::new();
    from.take(length as u64).read_to_end(&mut header).map_err(|error| damaged(error, 0, bytes.len()))?;
    let [zero, zero_too, kind, count, rest @ ..] = &header[..] else {
        return Err(wrong(header.len(), "it ends before its first four bytes".into()));
    };
    if [*zero, *zero_too, *kind] != [0, 0, BYTES] {
        let found = format!("it begins with {zero:02x} {zero_too:02x} {kind:02x}, not with 00 00 08 (unsigned bytes)");
        return Err(wrong(0, found));
    }
    if usize::from(*count) != expected_sides {
        return Err(wrong(3, format!("{count} sides where {expected_sides} are expected: images have 3, labels 1")));
    }
    if header.len() < length {
        return Err(wrong(header.len(), format!("it ends within its header of {length} bytes")));
    }
    let sides: Vec<usize> = rest.as_chunks::<4>().0.iter().map(|side| u32::from_be_bytes(*side) as usize).collect();
    let size = product(&sides);
    let promise = size.map_or("more than this machine can address".into(), |size| size.to_string());
    let promise = format!("{promise} {sides:?}");
    let size = size.filter(|&size| size as u64 <= most).ok_or_else(|| match is_gzip(bytes) {
        true => wrong(
            length,
            format!("its header promises {promise}, {}", beyond(bytes.len() as u64, "decompress it first")),
        ),
        false => wrong(length, format!("{} bytes follow the header, which promises {promise}", bytes.len() - length)),
    })?;
    let mut values = Vec::with_capacity(size);
    let read = from.take(size as u64).read_to_end(&mut values);
    let more =
        read.and_then(|_| Ok(!at_end(from)?)).map_err(|error| damaged(error, length + values.len(), bytes.len()))?;
    match (more, values.len() == size) {
        (false, true) => Ok((sides, values)),
        (false, false) => {
            Err(wrong(length, format!("{} bytes follow the header, which promises {promise}", values.len())))
        }
        (true, _) if is_gzip(bytes) => {
            Err(wrong(length, format!("more bytes follow the header, which promises {promise}")))
        }
        (true, _) => {
            Err(wrong(length, format!("{} bytes follow the header, which promises {promise}", bytes.len() - length)))
        }
    }
}

fn write(sides: &[usize], values: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = vec![0, 0, BYTES, sides.len() as u8];
    for &side in sides {
        let side = u32::try_from(side).map_err(|_| Error::TooLarge { rows: side, cols: 1 })?;
        bytes.extend(side.to_be_bytes());
    }
    bytes.extend(values);
    gzip(&bytes)
}
