//! The number of rows that a search holds at a time.

use super::candidate_lists::{capacity, least_capacity};
use crate::search::simd::Format;

/// Memory limit and row width of a search. A quarter of the memory is for the packed rows of either side, a quarter for
/// candidate lists, an eighth for rows being read.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Memory limit, in bytes.
    pub memory: usize,
    /// Values per row.
    pub dims: usize,
    /// Neighbours per query.
    pub k: usize,
}

impl Budget {
    /// Returns the number of rows of one side packed at a time: a multiple of `step`, at least `step`.
    pub fn packed_rows(&self, format: Format, step: usize) -> usize {
        (self.memory / 4 / (4 * format.columns(self.dims))).max(step) / step * step
    }

    /// Returns the number of queries with candidate lists at a time: a multiple of `step`.
    pub fn listed_queries(&self, step: usize) -> usize {
        (self.memory / 4 / self.list_bytes()).max(step) / step * step
    }

    fn list_bytes(&self) -> usize {
        8 * capacity(self.k)
    }

    /// Returns the largest length of a list if so many queries have lists at once; `None` if there is too little memory
    /// for them.
    pub fn list_length(&self, queries: usize) -> Option<usize> {
        let length = (self.memory / 4 / 8 / queries.max(1)).min(capacity(self.k));
        (length >= least_capacity(self.k)).then_some(length)
    }

    /// Returns the number of values read at a time.
    pub fn read_values(&self) -> usize {
        self.memory / 8 / 4
    }

    /// Returns the number of unpacked queries held during one pass over the support.
    pub fn raw_rows(&self) -> usize {
        (self.memory / 2 / (4 * self.dims)).max(1)
    }
}
