//! Rows stored outside of memory.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use crate::error::{Error, Result};
use crate::matrix::{Matrix, Rows};

/// Rows in a file or any other seekable store. Each block is read on request.
pub struct Stored<F> {
    store: RefCell<F>,
    rows: usize,
    dims: usize,
}

impl<F: Read + Write + Seek> Stored<F> {
    /// Creates an empty source of rows with `dims` values each. `store` must be empty.
    pub fn new(store: F, dims: usize) -> Self {
        Self { store: RefCell::new(store), rows: 0, dims }
    }

    /// Appends rows: `values`, row after row, `[rows * dims]`.
    ///
    /// # Errors
    /// Any error of the store.
    pub fn append(&mut self, values: &[f32]) -> io::Result<()> {
        let store = self.store.get_mut();
        store.seek(SeekFrom::End(0))?;
        store.write_all(bytemuck::cast_slice(values))?;
        self.rows += values.len() / self.dims.max(1);
        Ok(())
    }

    /// Reads all rows into memory.
    ///
    /// # Errors
    /// [`Error::Storage`] for any error of the store, [`Error::Empty`] without rows.
    pub fn to_matrix(&self) -> Result<Matrix> {
        Matrix::new(self.read(0..self.rows)?, self.rows, self.dims)
    }

    fn read(&self, rows: Range<usize>) -> Result<Vec<f32>> {
        let mut values = vec![0.0_f32; rows.len() * self.dims];
        let mut store = self.store.borrow_mut();
        let row_bytes = (self.dims * size_of::<f32>()) as u64;
        let start = SeekFrom::Start(rows.start as u64 * row_bytes);
        store.seek(start).map_err(Error::Storage)?;
        store.read_exact(bytemuck::cast_slice_mut(&mut values)).map_err(Error::Storage)?;
        Ok(values)
    }
}

impl<F: Read + Write + Seek> Rows for Stored<F> {
    fn shape(&self) -> [usize; 2] {
        [self.rows, self.dims]
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        self.read(rows).map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Stored<io::Cursor<Vec<u8>>> {
        let mut stored = Stored::new(io::Cursor::new(Vec::new()), 2);
        stored.append(&[1.0, 2.0, 3.0, 4.0]).expect("memory takes it");
        stored.append(&[5.0, -0.0]).expect("memory takes it");
        stored
    }

    fn block(stored: &Stored<io::Cursor<Vec<u8>>>, rows: Range<usize>) -> Result<Vec<f32>> {
        pollster::block_on(stored.block(rows)).map(Cow::into_owned)
    }

    #[test]
    fn rows_come_back_in_any_order() {
        let stored = three();
        assert_eq!(stored.shape(), [3, 2]);
        assert_eq!(block(&stored, 1..3).expect("two rows"), [3.0, 4.0, 5.0, 0.0]);
        assert_eq!(block(&stored, 0..1).expect("a row"), [1.0, 2.0]);
        assert!(block(&stored, 2..2).expect("no row").is_empty());
    }

    #[test]
    fn a_store_that_is_cut_off_is_an_error() {
        let stored = three();
        stored.store.borrow_mut().get_mut().truncate(20);
        let error = block(&stored, 2..3).expect_err("half a row");
        assert!(matches!(error, Error::Storage(_)), "{error}");
        assert!(block(&stored, 0..2).is_ok());
    }
}
