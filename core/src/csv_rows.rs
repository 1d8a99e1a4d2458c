//! Tables as CSV in memory.

use crate::error::{Error, Result};

/// Collects the rows of a table.
pub(crate) struct CsvRows(csv::Writer<Vec<u8>>);

impl CsvRows {
    /// Begins a table with a row of names.
    ///
    /// # Errors
    /// [`Error::Format`] in theory only, since writing to memory does not fail.
    pub fn new<N: AsRef<[u8]>>(names: impl IntoIterator<Item = N>) -> Result<Self> {
        let mut rows = Self(csv::Writer::from_writer(Vec::new()));
        rows.push(names)?;
        Ok(rows)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// As [`CsvRows::new`]; also for another number of cells than there are names.
    pub fn push<C: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = C>) -> Result<()> {
        self.0.write_record(cells).map_err(|error| Error::unreadable("table", error))
    }

    /// Returns the table.
    ///
    /// # Errors
    /// As [`CsvRows::new`].
    pub fn finish(self) -> Result<Vec<u8>> {
        self.0.into_inner().map_err(|error| Error::unreadable("table", error.into_error()))
    }
}
