//! Matrices in memory, and row sources that need not be.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, Result, same_length};

/// A row-major f32 matrix, [rows, cols].
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    values: Vec<f32>,
    rows: usize,
    cols: usize,
}

impl Matrix {
    /// Creates a matrix [rows, cols] from its values, row after row.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if `rows * cols` overflows, [`Error::Mismatch`] if the number of values differs from it.
    pub fn new(values: Vec<f32>, rows: usize, cols: usize) -> Result<Self> {
        let size = rows.checked_mul(cols).ok_or(Error::TooLarge { rows, cols })?;
        same_length("values of a matrix", size, values.len())?;
        Ok(Self { values, rows, cols })
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the number of values of a row.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Returns the values, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Returns one row, `[cols]`.
    ///
    /// # Panics
    /// If `row` is out of range.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.cols..(row + 1) * self.cols]
    }

    /// Returns a matrix of these rows, in this order.
    pub fn select(&self, rows: &[usize]) -> Self {
        let values = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self { values, rows: rows.len(), cols: self.cols }
    }
}

/// A source of blocks of rows, such as representations that do not fit in memory.
#[expect(async_fn_in_trait, reason = "on the web nothing is Send; callers await on one thread")]
pub trait Rows {
    /// Returns [examples, dims].
    fn shape(&self) -> [usize; 2];

    /// Returns the values of these rows, row after row: `[rows.len() * dims]`; borrowed if they are in memory.
    ///
    /// # Errors
    /// Any error of reading or computing the rows.
    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>>;

    /// Returns all values, row after row, if they are in memory.
    fn whole(&self) -> Option<&[f32]> {
        None
    }

    /// Returns the number of a row in the source that it was selected from, for messages.
    fn number(&self, row: usize) -> usize {
        row
    }
}

impl Rows for Matrix {
    fn shape(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        Ok(Cow::Borrowed(&self.values[rows.start * self.cols..rows.end * self.cols]))
    }

    fn whole(&self) -> Option<&[f32]> {
        Some(&self.values)
    }
}

impl<R: Rows> Rows for &R {
    fn shape(&self) -> [usize; 2] {
        (**self).shape()
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        (**self).block(rows).await
    }

    fn whole(&self) -> Option<&[f32]> {
        (**self).whole()
    }

    fn number(&self, row: usize) -> usize {
        (**self).number(row)
    }
}

/// Selected rows of a source, in the order of `ids`.
pub struct Selected<'a, R> {
    /// The source.
    pub source: &'a R,
    /// Indices of the rows, `[examples]`.
    pub ids: &'a [u32],
}

impl<R: Rows> Rows for Selected<'_, R> {
    fn shape(&self) -> [usize; 2] {
        [self.ids.len(), self.source.shape()[1]]
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        let (ids, dims) = (&self.ids[rows], self.shape()[1]);
        let mut runs = ids.chunk_by(|&id, &next| id.checked_add(1) == Some(next));
        if let (Some(only), None) = (runs.next(), runs.next()) {
            return self.source.block(only[0] as usize..only[0] as usize + only.len()).await;
        }
        let mut values = Vec::with_capacity(ids.len() * dims);
        for run in ids.chunk_by(|&id, &next| id.checked_add(1) == Some(next)) {
            let start = run[0] as usize;
            match self.source.whole() {
                Some(all) => values.extend_from_slice(&all[start * dims..(start + run.len()) * dims]),
                None => values.extend_from_slice(&self.source.block(start..start + run.len()).await?),
            }
        }
        Ok(Cow::Owned(values))
    }

    fn number(&self, row: usize) -> usize {
        self.source.number(self.ids[row] as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Rows that are not in memory, and a list of the blocks that were read.
    struct Elsewhere(Matrix, RefCell<Vec<Range<usize>>>);

    impl Rows for Elsewhere {
        fn shape(&self) -> [usize; 2] {
            self.0.shape()
        }

        async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
            self.1.borrow_mut().push(rows.clone());
            self.0.block(rows).await
        }
    }

    #[test]
    fn selected_rows_come_in_their_order_and_runs_are_read_at_once() {
        let matrix = Matrix::new((0..12).map(|value| value as f32).collect(), 6, 2).expect("six rows");
        let source = Elsewhere(matrix.clone(), RefCell::default());
        let ids = [5, 1, 2, 3, 3, 0];
        let rows = Selected { source: &source, ids: &ids };
        let values = pollster::block_on(rows.block(1..6)).expect("five rows").into_owned();
        assert_eq!(values, [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 6.0, 7.0, 0.0, 1.0]);
        assert_eq!(*source.1.borrow(), [1..4, 3..4, 0..1]);
        let held = Selected { source: &matrix, ids: &ids };
        assert_eq!(pollster::block_on(held.block(1..6)).expect("five rows"), values);
        assert_eq!(held.shape(), [6, 2]);
    }
}
