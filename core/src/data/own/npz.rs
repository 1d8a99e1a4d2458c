//! NumPy archives of arrays. An entry is inflated when it is used, to as many bytes as its own header says.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{Cursor, Read};

use zip::{CompressionMethod, ZipArchive};

use super::array_set::{ArraySet, read_arrays};
use super::arrays::{Array, Heading};
use super::npy::{heading, is_npy};
use super::read_files::ReadFiles;
use super::{InputFile, ReadOptions};
use crate::data::ReadReport;
use crate::error::{Error, Result};
use crate::gzip::gunzip;
use crate::inflate::{at_end, beyond, justified, read_exactly};

const FORMAT: &str = "npz file";

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unreadable(FORMAT, error)
}

/// Reads the arrays by their names.
pub(super) fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let bytes = files[0].bytes()?;
    let bytes = gunzip(&bytes)?;
    let bytes: &[u8] = &bytes;
    let archive = RefCell::new(
        ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| unreadable(error).remedied("it is cut off, or no file of numpy.savez"))?,
    );
    let (mut set, mut report) = (ArraySet::default(), ReadReport::default());
    let entries = archive.borrow().len();
    for at in 0..entries {
        let mut archive_now = archive.borrow_mut();
        let mut entry =
            archive_now.by_index(at).map_err(|error| unreadable(error).within(format_args!("entry {at}")))?;
        let name = entry.name().map_err(unreadable)?.into_owned();
        if entry.is_dir() {
            continue;
        }
        if !is_npy(&name) {
            report.skip(name, "no array of NumPy");
            continue;
        }
        let name = name.trim_end_matches(".npy");
        let wrong = |problem: String| Error::format(FORMAT, format_args!("`{name}` {problem}"));
        let (heading, start) = heading(name, &mut entry).map_err(wrong)?;
        let archive = &archive;
        set.add(heading, move |heading| array(&mut archive.borrow_mut(), at, heading, start, bytes));
    }
    read_arrays(set, FORMAT, options, report)
}

/// Reads the values of an entry, which begin at byte `start`. If they are not compressed, they are borrowed.
fn array<'a>(
    archive: &mut ZipArchive<Cursor<&'a [u8]>>,
    at: usize,
    heading: Heading,
    start: usize,
    file: &'a [u8],
) -> Result<Array<'a>> {
    let name = heading.name.clone();
    let wrong = |problem: String| Error::format(FORMAT, format_args!("`{name}` {problem}"));
    let broken = |error: std::io::Error| wrong(format!("is damaged: {error}"));
    let size = heading.size().map_err(wrong)?;
    let mut entry = archive.by_index(at).map_err(|error| unreadable(error).within(&name))?;
    let (compressed, whole) = (entry.compressed_size(), (size as u64).saturating_add(start as u64));
    if entry.compression() == CompressionMethod::Stored {
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(broken)?;
        let first = entry.data_start().and_then(|first| usize::try_from(first).ok());
        let stored = first.and_then(|first| file.get(first..)?.get(..usize::try_from(compressed).ok()?)?.get(start..));
        let stored = stored.ok_or_else(|| wrong("is cut off".into()))?;
        return Array::new(heading, Cow::Borrowed(stored), FORMAT);
    }
    if whole > justified(compressed) {
        let shape = &heading.shape;
        return Err(wrong(format!(
            "claims to be {shape:?}, {size} bytes, {}",
            beyond(compressed, "save it with numpy.savez, which does not compress")
        )));
    }
    read_exactly(entry.by_ref(), start).map_err(broken)?;
    let values = read_exactly(entry.by_ref(), size).map_err(broken)?;
    if !at_end(&mut entry).map_err(broken)? {
        return Err(wrong(format!("is {:?}, {size} bytes, but has more", heading.shape)));
    }
    Array::new(heading, values, FORMAT)
}
