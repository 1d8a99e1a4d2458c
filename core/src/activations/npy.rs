//! A file of one array of NumPy.

use std::rc::Rc;

use super::array_file::{ArrayFile, Values};
use super::part_file::{PartFile, PartReader, stem_and_ending};
use crate::data::own::npy::heading;
use crate::error::{Error, Result};

/// Reads the header.
pub(super) fn open(file: &Rc<dyn PartFile>) -> Result<ArrayFile> {
    let wrong = |problem: String| Error::activations(file.name(), problem);
    let (stem, _) = stem_and_ending(file.name());
    let (heading, start) = heading(stem, PartReader::new(&**file)).map_err(wrong)?;
    let size = heading.size().map_err(wrong)? as u64;
    let found = file.size().saturating_sub(start as u64);
    if size != found {
        let shape = &heading.shape;
        return Err(wrong(format!(
            "its header says {shape:?}, {size} bytes, but it has {found}: it was cut off or damaged; save it again"
        )));
    }
    Ok(ArrayFile { file: file.clone(), alone: true, heading, values: Values::At(start as u64) })
}
