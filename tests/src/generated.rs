//! Rows that are computed on request instead of stored; the same for every call.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;
use std::time::{Duration, Instant};

use prediction_depth::{Result, Rows};
use rayon::prelude::*;

/// Number of clusters. Consecutive rows belong to different clusters.
const CLUSTERS: usize = 100;
/// Row number of the first cluster centre, beyond all rows.
const CENTRES: usize = 1 << 30;

/// Rows from `first` on of an unlimited matrix. A row is a cluster centre plus noise, each uniform in -1..1.
pub struct Generated {
    first: usize,
    rows: usize,
    dims: usize,
    time: Cell<Duration>,
}

impl Generated {
    /// Creates a source of shape [rows, dims].
    pub fn new(first: usize, rows: usize, dims: usize) -> Self {
        Self { first, rows, dims, time: Cell::default() }
    }

    /// Returns the time spent on computing rows so far.
    pub fn time(&self) -> Duration {
        self.time.get()
    }
}

impl Rows for Generated {
    fn shape(&self) -> [usize; 2] {
        [self.rows, self.dims]
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        let start = Instant::now();
        let mut values = vec![0.0_f32; rows.len() * self.dims];
        let first = self.first + rows.start;
        values.par_chunks_mut(self.dims).enumerate().for_each(|(place, values)| {
            let row = first + place;
            let (center, own) = (CENTRES + row % CLUSTERS, row);
            for (dim, value) in values.iter_mut().enumerate() {
                *value = uniform(center as u32, dim as u32) + uniform(own as u32, dim as u32);
            }
        });
        self.time.set(self.time.get() + start.elapsed());
        Ok(Cow::Owned(values))
    }
}

/// Returns a number in -1..1, by a multiplicative hash of row and dim.
fn uniform(row: u32, dim: u32) -> f32 {
    let mut bits = row.wrapping_mul(0x9e37_79b1) ^ dim.wrapping_mul(0x85eb_ca77);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x2c1b_3c6d);
    bits = (bits ^ (bits >> 12)).wrapping_mul(0x297a_2d39);
    (bits ^ (bits >> 15)) as i32 as f32 / 2.0_f32.powi(31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_the_same_in_every_block() {
        let block = |first: usize, rows: Range<usize>| {
            pollster::block_on(Generated::new(first, 9, 5).block(rows)).expect("rows").into_owned()
        };
        assert_eq!(block(0, 3..6), block(0, 0..9)[15..30]);
        assert_eq!(block(3, 0..3), block(0, 3..6));
        assert_ne!(block(0, 0..1), block(0, 1..2));
        let many = pollster::block_on(Generated::new(0, 100, 1000).block(0..100)).expect("rows").into_owned();
        assert!(many.iter().all(|value| value.abs() <= 2.0));
        assert!((many.iter().sum::<f32>() / many.len() as f32).abs() < 0.02);
    }
}
