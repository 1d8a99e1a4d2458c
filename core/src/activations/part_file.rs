//! Files that are read in parts, since they need not fit in memory.

use std::io::{self, Read, Seek, SeekFrom};

use crate::error::{Error, Result};

/// A file of which any part can be read.
pub trait PartFile {
    /// Returns its name as the user knows it: a path.
    fn name(&self) -> &str;

    /// Returns the number of its bytes.
    fn size(&self) -> u64;

    /// Reads the bytes from `offset` on, as many as `into` takes.
    ///
    /// # Errors
    /// Any error of reading, also for bytes that the file does not have.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;

    /// Returns what it is instead, such as "folder", if nothing can be read from it.
    fn no_file(&self) -> Option<&'static str> {
        None
    }
}

/// Refuses what is no file.
pub(super) fn check_file(file: &dyn PartFile) -> Result<()> {
    match file.no_file() {
        Some(what) => {
            let problem = format!("it is a {what}, not a file: put the file here, or take it elsewhere");
            Err(Error::activations(file.name(), problem))
        }
        None => Ok(()),
    }
}

/// A name and the bytes of a file in memory.
impl<B: AsRef<[u8]>> PartFile for (String, B) {
    fn name(&self) -> &str {
        &self.0
    }

    fn size(&self) -> u64 {
        self.1.as_ref().len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let part = start.and_then(|start| self.1.as_ref().get(start..start.checked_add(into.len())?));
        into.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// Returns a path's file name without its ending, and the ending in small letters.
pub(super) fn stem_and_ending(path: &str) -> (&str, String) {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.rsplit_once('.').map_or((file, String::new()), |(stem, ending)| (stem, ending.to_ascii_lowercase()))
}

/// Reads a file from its beginning.
pub(super) struct PartReader<'a> {
    file: &'a dyn PartFile,
    at: u64,
}

impl<'a> PartReader<'a> {
    pub fn new(file: &'a dyn PartFile) -> Self {
        Self { file, at: 0 }
    }
}

impl Read for PartReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.file.size().saturating_sub(self.at);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        if count > 0 {
            self.file.read_at(self.at, &mut into[..count])?;
            self.at += count as u64;
        }
        Ok(count)
    }
}

impl Seek for PartReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(back) => self.file.size().checked_add_signed(back),
            SeekFrom::Current(on) => self.at.checked_add_signed(on),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_and_no_more_than_there_is() {
        let file = ("a.npy".to_owned(), vec![0, 1, 2, 3, 4]);
        let mut part = [0; 2];
        file.read_at(2, &mut part).expect("two bytes");
        assert_eq!(part, [2, 3]);
        for offset in [4, 6, u64::MAX] {
            assert!(file.read_at(offset, &mut part).is_err(), "{offset}");
        }
        let mut reader = PartReader::new(&file);
        reader.seek(SeekFrom::End(-2)).expect("a place");
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).expect("two bytes");
        assert_eq!(rest, [3, 4]);
        assert!(reader.seek(SeekFrom::Current(-6)).is_err());
        reader.seek(SeekFrom::Start(9)).expect("beyond the end");
        assert_eq!(reader.read(&mut part).expect("nothing"), 0);
    }

    #[test]
    fn a_name_has_a_stem_and_an_ending() {
        for (path, stem, ending) in
            [("a/layer0.npy", "layer0", "npy"), ("a\\b.c.NPZ", "b.c", "npz"), ("read", "read", ""), (".x", "", "x")]
        {
            assert_eq!(stem_and_ending(path), (stem, ending.to_owned()));
        }
    }
}
