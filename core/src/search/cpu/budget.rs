//! How many rows a search holds at a time.

use super::candidate_lists::capacity;
use super::panels::Precision;

/// What a search may hold, and how wide its rows are. Of the memory a quarter is for the packed rows of either side, a
/// quarter for lists, an eighth for rows on their way from where they lie.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Bytes.
    pub memory: usize,
    /// Values of a row.
    pub dims: usize,
    /// Neighbours of a query.
    pub k: usize,
}

impl Budget {
    /// Rows of one side that are packed at a time: a multiple of `step`, which is the least.
    pub fn packed_rows(&self, precision: Precision, step: usize) -> usize {
        (self.memory / 4 / (4 * precision.words(self.dims))).max(step) / step * step
    }

    /// Queries that have lists at a time, a multiple of `step`.
    pub fn listed_queries(&self, step: usize) -> usize {
        (self.memory / 4 / self.list_bytes()).max(step) / step * step
    }

    fn list_bytes(&self) -> usize {
        8 * capacity(self.k).next_power_of_two()
    }

    /// Values that are read at a time.
    pub fn read_values(&self) -> usize {
        self.memory / 8 / 4
    }

    /// Unpacked queries that are held while the support passes by.
    pub fn raw_rows(&self) -> usize {
        (self.memory / 2 / (4 * self.dims)).max(1)
    }
}
