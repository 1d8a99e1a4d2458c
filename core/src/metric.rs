//! The distance by which neighbours are near.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::matrix::Rows;
use crate::search::squared_distance;

/// Values from which on rows are scaled by all threads.
const MANY: usize = 1 << 16;

/// The distance between two rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Metric {
    /// Euclidean distance, as in the paper.
    #[default]
    Euclidean,
    /// Cosine distance: Euclidean distance of rows scaled to unit length, which orders neighbours in the same way. A row of
    /// zeros has no direction, and is an error.
    Cosine,
    /// The sum of absolute differences. Its search has no filter in lower precision, so it is slower.
    Manhattan,
}

impl Metric {
    /// Returns its name, as in files and options.
    pub fn name(self) -> &'static str {
        match self {
            Self::Euclidean => "euclidean",
            Self::Cosine => "cosine",
            Self::Manhattan => "manhattan",
        }
    }

    /// Returns the distance for what a search of this metric reports: squared Euclidean distances, or for Manhattan
    /// distance the sums themselves. Cosine distance is 1 minus the cosine.
    pub fn distance(self, found: f64) -> f64 {
        match self {
            Self::Euclidean => found.sqrt(),
            Self::Cosine => found / 2.0,
            Self::Manhattan => found,
        }
    }

    /// Returns whether this is the paper's metric.
    pub fn is_euclidean(&self) -> bool {
        *self == Self::Euclidean
    }
}

/// Rows scaled to unit length: divided in float64 by the root of their squared length, which is summed in the order of
/// [`squared_distance`], then rounded to float32. (The order and the rounding are our choice.)
pub(crate) struct UnitRows<'a, R> {
    pub source: &'a R,
    /// Support or queries, for messages.
    pub what: &'static str,
}

impl<R: Rows> Rows for UnitRows<'_, R> {
    fn shape(&self) -> [usize; 2] {
        self.source.shape()
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        let first = rows.start;
        let mut values = self.source.block(rows).await?.into_owned();
        match scale_to_unit(&mut values, self.shape()[1].max(1)) {
            Some(at) => Err(Error::NoDirection { what: self.what.into(), row: self.number(first + at) }),
            None => Ok(Cow::Owned(values)),
        }
    }

    fn number(&self, row: usize) -> usize {
        self.source.number(row)
    }
}

/// Scales rows; returns the first that has no direction. NaN and infinity stay, for the search to report.
fn scale_to_unit(values: &mut [f32], dims: usize) -> Option<usize> {
    let zeros = vec![0.0; dims];
    let scale = |(at, row): (usize, &mut [f32])| {
        let length = squared_distance(row, &zeros).sqrt();
        if length > 0.0 && length.is_finite() {
            row.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
        }
        (length == 0.0).then_some(at)
    };
    if values.len() < MANY {
        return values.chunks_exact_mut(dims).enumerate().filter_map(scale).min();
    }
    values.par_chunks_exact_mut(dims).enumerate().filter_map(scale).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::{Matrix, Selected};

    fn scaled(rows: &impl Rows) -> Result<Vec<f32>> {
        let all = 0..rows.shape()[0];
        pollster::block_on(UnitRows { source: rows, what: "the queries" }.block(all)).map(Cow::into_owned)
    }

    #[test]
    fn rows_have_unit_length_however_long_they_were() {
        let rows = Matrix::new(vec![3.0, -4.0, 1e-40, 0.0, 3e38, 3e38], 3, 2).expect("three rows");
        let half = 0.5_f64.sqrt() as f32;
        assert_eq!(scaled(&rows).expect("directions"), [0.6, -0.8, 1.0, 0.0, half, half]);
        let many = Matrix::new(vec![2.0; 2 * MANY], MANY / 8, 16).expect("many rows");
        assert!(scaled(&many).expect("directions").iter().all(|&value| value == 0.25));
    }

    #[test]
    fn distances_are_told_in_their_metric() {
        assert_eq!(
            [Metric::Euclidean, Metric::Cosine, Metric::Manhattan].map(|metric| metric.distance(4.0)),
            [2.0, 2.0, 4.0]
        );
    }

    #[test]
    fn a_row_without_direction_is_named_as_the_source_numbers_it() {
        let rows = Matrix::new(vec![1.0, 0.0, 0.0, -0.0, 2.0, f32::NAN], 3, 2).expect("three rows");
        let ids = [2, 1];
        let error = scaled(&Selected { source: &rows, ids: &ids }).expect_err("a row of zeros");
        assert!(error.to_string().starts_with("row 1 of the queries is zero"), "{error}");
        assert!(scaled(&rows.select(&[0, 2])).expect("the search finds the NaN")[3].is_nan());
    }
}
