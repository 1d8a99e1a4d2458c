//! Files whose bytes are read when they are needed: a folder of images need not fit in memory.

use std::borrow::Cow;

use crate::error::Result;

/// A file to read.
pub trait InputFile: Sync {
    /// Returns its name, a path with `/` for files in folders.
    fn name(&self) -> &str;

    /// Reads its bytes.
    ///
    /// # Errors
    /// Says why the file cannot be read; the reader adds its name.
    fn bytes(&self) -> Result<Cow<'_, [u8]>>;

    /// Reads its first bytes, at least 32 of them if it has so many.
    ///
    /// # Errors
    /// As those of [`bytes`](Self::bytes).
    fn head(&self) -> Result<Vec<u8>> {
        self.bytes().map(|bytes| bytes[..bytes.len().min(32)].to_vec())
    }
}

impl<B: AsRef<[u8]> + Sync> InputFile for (&str, B) {
    fn name(&self) -> &str {
        self.0
    }

    fn bytes(&self) -> Result<Cow<'_, [u8]>> {
        Ok(self.1.as_ref().into())
    }
}
