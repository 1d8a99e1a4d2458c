//! IDX, the format of MNIST and similar data sets, plain or gzipped (described on Y. LeCun's MNIST page): two zero
//! bytes, the type (8: bytes), the number of dimensions, each dimension as a big-endian u32, then the values.

use super::Images;
use crate::class::Class;
use crate::error::{Error, Result};
use crate::gzip::{gunzip, gzip};

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

fn read(bytes: &[u8], expected_sides: usize) -> Result<(Vec<usize>, Vec<u8>)> {
    let bytes = gunzip(bytes)?;
    let [zero, zero_too, kind, count, rest @ ..] = bytes.as_ref() else {
        return Err(wrong(bytes.len(), "it ends before its first four bytes".into()));
    };
    if [*zero, *zero_too, *kind] != [0, 0, BYTES] {
        let found = format!("it begins with {zero:02x} {zero_too:02x} {kind:02x}, not with 00 00 08 (unsigned bytes)");
        return Err(wrong(0, found));
    }
    if usize::from(*count) != expected_sides {
        return Err(wrong(3, format!("{count} sides where {expected_sides} are expected: images have 3, labels 1")));
    }
    let header = 4 + 4 * expected_sides;
    let Some((sides, values)) = rest.split_at_checked(4 * expected_sides) else {
        return Err(wrong(bytes.len(), format!("it ends within its header of {header} bytes")));
    };
    let (sides, _) = sides.as_chunks::<4>();
    let sides: Vec<usize> = sides.iter().map(|side| u32::from_be_bytes(*side) as usize).collect();
    let size = sides.iter().try_fold(1_usize, |size, &side| size.checked_mul(side));
    match size {
        Some(size) if size == values.len() => Ok((sides, values.to_vec())),
        _ => {
            let expected = size.map_or("more than this machine can address".into(), |size| size.to_string());
            Err(wrong(header, format!("{} bytes follow the header, which promises {expected} {sides:?}", values.len())))
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
