//! CIFAR-10 and CIFAR-100 in the publisher's binary format. A record is one label byte (two for CIFAR-100, coarse and
//! fine), then 3,072 bytes, 3 x 32 x 32.

use super::Images;

use crate::class::Class;
use crate::error::{Error, Result};
use crate::gzip::gunzip;

const SHAPE: [usize; 3] = [3, 32, 32];

/// Reads images and labels of one file, plain or gzipped. If there are several `label_bytes`, the last is the label.
///
/// # Errors
/// [`Error::Format`] if the file is empty or its last record is incomplete.
pub fn read_cifar(bytes: &[u8], label_bytes: usize) -> Result<(Images, Vec<Class>)> {
    let bytes = gunzip(bytes)?;
    let record = label_bytes + SHAPE.iter().product::<usize>();
    let whole = bytes.len() - bytes.len() % record;
    if whole != bytes.len() || bytes.is_empty() {
        let problem =
            format!("{} bytes, which is no number of records of {record}: cut off, or another file", bytes.len());
        return Err(Error::format("CIFAR file", problem).at_byte(whole));
    }
    let records = || bytes.chunks_exact(record);
    let labels = records().map(|record| record[label_bytes - 1].into()).collect();
    let pixels = records().flat_map(|record| &record[label_bytes..]).copied().collect();
    Ok((Images::new(pixels, SHAPE)?, labels))
}
