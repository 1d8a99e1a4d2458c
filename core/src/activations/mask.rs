//! Which positions of each example's sequence count.

use super::array_file::ArrayFile;
use crate::error::Result;

/// A mask, [examples, positions].
pub(super) struct Mask {
    pub place: String,
    pub positions: usize,
    values: Vec<bool>,
}

impl Mask {
    /// Reads an array of 0 and 1, or of booleans.
    ///
    /// # Errors
    /// [`Error::Activations`](crate::Error::Activations) for another shape or value, and for an example without a position.
    pub fn read(array: &ArrayFile, examples: usize) -> Result<Self> {
        let positions = match array.heading.shape[..] {
            [rows, positions] if rows == examples => positions,
            _ => {
                let shape = &array.heading.shape;
                return Err(
                    array.wrong(format_args!("is {shape:?}, not [{examples}, positions]: 1 where a position counts"))
                );
            }
        };
        let read = array.read()?;
        let mut values = Vec::with_capacity(examples * positions);
        for at in 0..examples * positions {
            let in_file = if read.heading.by_columns { at % positions * examples + at / positions } else { at };
            match read.number(in_file) {
                0.0 => values.push(false),
                1.0 => values.push(true),
                other => {
                    let place = array.place_of(at / positions, at % positions);
                    return Err(crate::Error::activations(place, format_args!("it is {other}; a mask holds 0 and 1")));
                }
            }
        }
        match values.chunks_exact(positions.max(1)).position(|row| !row.contains(&true)) {
            Some(row) => Err(array.wrong(format_args!("no position of example {row} counts: leave the example out"))),
            None => Ok(Self { place: array.place(), positions, values }),
        }
    }

    /// Returns which positions of an example count, `[positions]`.
    pub fn of(&self, example: usize) -> &[bool] {
        &self.values[example * self.positions..(example + 1) * self.positions]
    }
}
