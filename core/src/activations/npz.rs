//! Archives of NumPy's arrays. What is not compressed is read in its place.

use std::io::{copy, sink};
use std::rc::Rc;

use zip::CompressionMethod;

use super::array_file::{ArrayFile, Values};
use super::opened::Opened;
use super::part_file::PartFile;
use super::zip_entry::{ZipEntry, archive};
use crate::data::own::npy::heading;
use crate::error::{Error, Result};
use crate::inflate::{beyond, justified};

/// Reads the headers of all arrays.
pub(super) fn open(file: &Rc<dyn PartFile>) -> Result<Opened> {
    let mut archive = archive(&**file)?;
    let mut opened = Opened::default();
    for index in 0..archive.len() {
        let place = |name: &str| format!("{}: {name}", file.name());
        let damaged = |error: &dyn std::error::Error| {
            Error::activations(place(&format!("entry {index}")), format_args!("it is damaged: {error}; save it again"))
        };
        let mut entry = archive.by_index(index).map_err(|error| damaged(&error))?;
        let full_name = entry.name().map_err(|error| damaged(&error))?.into_owned();
        let Some(name) = full_name.strip_suffix(".npy").filter(|_| !entry.is_dir()) else {
            if !entry.is_dir() {
                opened.report.skip(place(&full_name), "no array of NumPy");
            }
            continue;
        };
        let wrong = |problem: String| Error::activations(place(name), problem);
        let (heading, header) = heading(name, &mut entry).map_err(wrong)?;
        let size = heading.size().map_err(wrong)?;
        let (expected, compressed) = ((size as u64).saturating_add(header as u64), entry.compressed_size());
        let shape = heading.shape.clone();
        let values = if entry.compression() == CompressionMethod::Stored {
            if compressed != expected {
                return Err(wrong(format!("is {shape:?}, {expected} bytes with its header, but has {compressed}")));
            }
            copy(&mut entry, &mut sink()).map_err(|error| damaged(&error))?; // compares the checksum
            let start = entry.data_start().ok_or_else(|| wrong("its place in the file is unknown".into()))?;
            Values::At(start + header as u64)
        } else {
            if expected > justified(compressed) {
                let remedy = beyond(compressed, "save it with numpy.savez, which does not compress");
                return Err(wrong(format!("it claims to be {shape:?}, {size} bytes, {remedy}")));
            }
            Values::Deflated(ZipEntry { index, header })
        };
        opened.arrays.push(ArrayFile { file: file.clone(), alone: false, heading, values });
    }
    Ok(opened)
}
