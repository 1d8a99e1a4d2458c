//! Where compressed arrays are inflated to that do not fit in memory.

use std::io::Write;
use std::rc::Rc;

use super::part_file::PartFile;
use crate::error::Result;

/// A place outside of memory.
pub trait Scratch {
    /// Makes a file of what `write` writes. It is removed with the last reference to it.
    ///
    /// # Errors
    /// Those of `write`; [`Error::Storage`](crate::Error::Storage) if there is no place.
    fn keep(&self, write: &mut dyn FnMut(&mut dyn Write) -> Result<()>) -> Result<Rc<dyn PartFile>>;
}
