//! A compressed array in a `.npz`: its bytes can only be read from the beginning.

use std::io::{BufReader, Read, copy, sink};

use zip::ZipArchive;

use super::part_file::{PartFile, PartReader};
use crate::error::{Error, Result};

/// A compressed entry of an archive.
#[derive(Clone, Copy)]
pub(super) struct ZipEntry {
    /// Its place in the archive.
    pub index: usize,
    /// Length of the header of the array, after which its values begin.
    pub header: usize,
}

/// An archive that is read in parts.
pub(super) type Archive<'a> = ZipArchive<BufReader<PartReader<'a>>>;

/// Opens an archive.
pub(super) fn archive(file: &dyn PartFile) -> Result<Archive<'_>> {
    let unreadable = |error| {
        Error::activations(
            file.name(),
            format_args!("no file of numpy.savez, or a damaged one: {error}; save it again"),
        )
    };
    ZipArchive::new(BufReader::new(PartReader::new(file))).map_err(unreadable)
}

impl ZipEntry {
    /// Inflates `size` bytes of values, in blocks of at most `block` bytes.
    pub fn read_through(
        self,
        file: &dyn PartFile,
        size: u64,
        block: usize,
        mut on_block: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let damaged = |error: &dyn std::error::Error| {
            Error::activations(file.name(), format_args!("entry {} is damaged: {error}; save it again", self.index))
        };
        let mut archive = archive(file)?;
        let mut entry = archive.by_index(self.index).map_err(|error| damaged(&error))?;
        copy(&mut entry.by_ref().take(self.header as u64), &mut sink()).map_err(|error| damaged(&error))?;
        let mut left = size;
        let mut bytes = vec![0; usize::try_from(left).unwrap_or(usize::MAX).min(block)];
        while left > 0 {
            let count = usize::try_from(left).unwrap_or(usize::MAX).min(block);
            entry.read_exact(&mut bytes[..count]).map_err(|error| damaged(&error))?;
            on_block(&bytes[..count])?;
            left -= count as u64;
        }
        // The checksum is compared at the end.
        match entry.read(&mut [0]).map_err(|error| damaged(&error))? {
            0 => Ok(()),
            _ => Err(damaged(&std::io::Error::other("it is longer than its header says"))),
        }
    }
}
