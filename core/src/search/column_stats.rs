//! Range and sum of each column of a set of rows, and a check that all values are finite.

use rayon::prelude::*;

use super::simd::{Kernel, Lanes, SimdTask};
use crate::error::{Error, Result, same_length};
use crate::matrix::Rows;

/// Values read at a time.
const BLOCK_VALUES: usize = 1 << 21;
/// Rows per task. Each task sums in float32, so that memory bandwidth is the limit.
const TASK_ROWS: usize = 64;
/// Columns processed together.
const COLUMNS: usize = 512;

/// Sum, minimum and maximum of each column, `[dims]` each.
pub struct ColumnStats {
    pub sums: Vec<f64>,
    pub low: Vec<f32>,
    pub high: Vec<f32>,
}

impl ColumnStats {
    /// Reads all rows once.
    ///
    /// # Errors
    /// [`Error::NotFinite`] names the first NaN or infinity of `what`.
    pub async fn read(kernel: Kernel, source: &impl Rows, what: &'static str) -> Result<Self> {
        let [rows, dims] = source.shape();
        if dims == 0 {
            return Err(Error::Empty { what: format!("{what}: each row") });
        }
        let step = if source.whole().is_some() { rows.max(1) } else { (BLOCK_VALUES / dims).max(1) };
        let mut stats = Self::nothing(dims);
        for start in (0..rows).step_by(step) {
            let range = start..(start + step).min(rows);
            let block = source.block(range.clone()).await?;
            same_length("values of a block of rows", range.len() * dims, block.len())?;
            let found = block
                .par_chunks(TASK_ROWS * dims)
                .fold(
                    || Self::nothing(dims),
                    |mut stats, rows| {
                        kernel.run(Add { stats: &mut stats, rows });
                        stats
                    },
                )
                .reduce_with(Self::and);
            stats = found.into_iter().fold(stats, Self::and);
            if !stats.sums.iter().all(|sum| sum.is_finite())
                && let Some(at) = block.iter().position(|x| !x.is_finite())
            {
                let row = source.number(start + at / dims);
                return Err(Error::NotFinite { what, row, col: at % dims, value: block[at] });
            }
        }
        for sum in &mut stats.sums {
            *sum = if sum.is_finite() { *sum } else { 0.0 };
        }
        Ok(stats)
    }

    fn nothing(dims: usize) -> Self {
        Self { sums: vec![0.0; dims], low: vec![f32::INFINITY; dims], high: vec![f32::NEG_INFINITY; dims] }
    }

    /// Adds rows. A NaN or an infinity stays in its column's sum. (Finite values may overflow, too.)
    #[inline(always)]
    fn add(&mut self, rows: &[f32]) {
        let dims = self.sums.len();
        for start in (0..dims).step_by(COLUMNS) {
            let columns = start..(start + COLUMNS).min(dims);
            let (low, high) = (&mut self.low[columns.clone()], &mut self.high[columns.clone()]);
            let mut sums = [0.0_f32; COLUMNS];
            for row in rows.chunks_exact(dims) {
                for (((&x, sum), low), high) in
                    row[columns.clone()].iter().zip(&mut sums).zip(&mut *low).zip(&mut *high)
                {
                    *sum += x;
                    // Not by `if`: some processors are slow where a value is written only sometimes.
                    *low = low.min(x);
                    *high = high.max(x);
                }
            }
            for (total, &sum) in self.sums[columns].iter_mut().zip(&sums) {
                *total += f64::from(sum);
            }
        }
    }

    fn and(mut self, other: Self) -> Self {
        for (a, b) in self.sums.iter_mut().zip(other.sums) {
            *a += b;
        }
        for (a, b) in self.low.iter_mut().zip(other.low) {
            *a = a.min(b);
        }
        for (a, b) in self.high.iter_mut().zip(other.high) {
            *a = a.max(b);
        }
        self
    }
}

struct Add<'a> {
    stats: &'a mut ColumnStats,
    rows: &'a [f32],
}

impl SimdTask for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, _lanes: L) {
        self.stats.add(self.rows);
    }
}
