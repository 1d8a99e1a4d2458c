//! What a file of arrays holds.

use super::array_file::ArrayFile;
use super::words::Words;
use crate::data::ReadReport;

/// The arrays of a file, and lists of texts beside them.
#[derive(Default)]
pub(super) struct Opened {
    pub arrays: Vec<ArrayFile>,
    /// Lists by name.
    pub lists: Vec<(String, Words)>,
    pub report: ReadReport,
}
