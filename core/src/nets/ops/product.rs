//! The matrix product, of slices.

use gemm::{Parallelism, gemm};

/// A row-major matrix, or the transpose of one.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    pub cols: usize,
    /// Whether `values` hold the transpose, [cols, rows].
    pub transposed: bool,
}

impl View<'_> {
    /// Steps to the next column and to the next row.
    fn strides(&self) -> [isize; 2] {
        if self.transposed { [self.rows as isize, 1] } else { [1, self.cols as isize] }
    }
}

/// `out = a b`, or `out += a b`, row-major; on the thread that asks.
///
/// # Panics
/// Where the shapes do not fit.
pub(super) fn product(out: &mut [f32], a: View, b: View, add: bool) {
    assert_eq!(a.values.len(), a.rows * a.cols);
    assert_eq!(b.values.len(), b.rows * b.cols);
    assert_eq!((a.cols, out.len()), (b.rows, a.rows * b.cols));
    let ([a_col, a_row], [b_col, b_row]) = (a.strides(), b.strides());
    // SAFETY: the strides stay within the slices, whose lengths were checked; `out` is not shared.
    unsafe {
        gemm(
            a.rows,
            b.cols,
            a.cols,
            out.as_mut_ptr(),
            1,
            b.cols as isize,
            add,
            a.values.as_ptr(),
            a_col,
            a_row,
            b.values.as_ptr(),
            b_col,
            b_row,
            f32::from(u8::from(add)),
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
