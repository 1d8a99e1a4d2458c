//! Rows of scores: a logit or a probability of each class.

use std::ops::Range;

use rayon::prelude::*;

use super::layers::readable;
use crate::activations::array_file::{ArrayFile, Values};
use crate::activations::convert::Convert;
use crate::class::Class;
use crate::error::Result;

/// Bytes of rows that are read at a time.
const BLOCK: usize = 4 << 20;

/// Scores in a file, [examples, classes], read in blocks of rows.
pub(super) struct Scores {
    array: ArrayFile,
    convert: Convert,
    start: u64,
}

impl Scores {
    /// Takes an array [examples, classes] with at least one value.
    pub fn new(array: &ArrayFile) -> Result<Self> {
        let convert = Convert::new(&array.heading).map_err(|problem| array.wrong(problem))?;
        let array = readable(array)?;
        match array.values {
            Values::At(start) => Ok(Self { array, convert, start }),
            Values::Deflated(_) => Err(array.wrong("it cannot be read in parts")),
        }
    }

    /// Returns the number of classes.
    pub fn classes(&self) -> usize {
        self.array.dims()
    }

    /// Returns all rows in ranges that are read at a time.
    pub fn blocks(&self) -> Vec<Range<usize>> {
        let (rows, row) = (self.array.examples(), self.classes().saturating_mul(self.convert.size()));
        let step = (BLOCK / row.max(1)).max(1);
        (0..rows).step_by(step).map(|first| first..(first + step).min(rows)).collect()
    }

    /// Reads rows, [rows.len(), classes].
    pub fn read(&self, rows: Range<usize>) -> Result<Vec<f64>> {
        let (classes, size, convert) = (self.classes(), self.convert.size(), &self.convert);
        let mut bytes = vec![0; rows.len() * classes * size];
        let first = rows.start as u64 * classes as u64 * size as u64;
        self.array.read_at(&*self.array.file, self.start + first, &mut bytes)?;
        let mut values = vec![0.0; rows.len() * classes];
        values.par_chunks_mut(classes).zip(bytes.par_chunks(classes * size)).for_each(|(row, bytes)| {
            for (value, bytes) in row.iter_mut().zip(bytes.chunks_exact(size)) {
                *value = convert.to_f64(bytes);
            }
        });
        Ok(values)
    }
}

/// The largest of a row's scores.
pub(super) struct Largest {
    /// Its class, the lowest if several are equal.
    pub class: Class,
    pub value: f64,
    /// The second largest; minus infinity for a single class.
    pub second: f64,
}

impl Largest {
    /// Takes a row of numbers.
    pub fn of(row: &[f64]) -> Self {
        let mut largest = Self { class: 0, value: f64::NEG_INFINITY, second: f64::NEG_INFINITY };
        for (class, &value) in row.iter().enumerate() {
            if value > largest.value {
                largest = Self { class: class as Class, value, second: largest.value };
            } else {
                largest.second = largest.second.max(value);
            }
        }
        largest
    }

    /// Returns whether another class has the same score.
    pub fn tied(&self) -> bool {
        self.value <= self.second
    }
}
