//! Blocks of integers: a part of each row of a panel, rounded to multiples of a scale of its own. Two columns precede
//! the words: the scale of each row, and the value at which its sums start.
//!
//! Bytes are stored with 128 added, as some instructions multiply only unsigned by signed bytes. For the support's side
//! they are made signed again, and its sums start at -128 times the sum of the row's integers.

use super::format::{BLOCK_VALUES, Format, HEADER, Integers};
use super::tile::PanelColumn;

/// In each byte of a word, changes between signed and unsigned with 128 added.
pub const FLIP: u32 = 0x8080_8080;

/// Blocks of values smaller than this are rounded to zero, since the inverse of their scale might be infinite.
const SMALLEST: f32 = 1e-30;
/// Added to a float32 below 2^22, this rounds it to an integer, ties to even, and leaves that in its low bits.
const ROUND: f32 = 12_582_912.0;
const OFFSET: f32 = 128.0;
/// Partial sums and maxima of a block.
const PARTS: usize = 32;

/// Values of one row of a block; 0 past the row's end.
pub type BlockValues = [f32; BLOCK_VALUES];

/// A block of integers of a panel.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    /// Scales of the rows, float32.
    pub scales: &'a PanelColumn,
    /// Starts of the rows' sums on the support's side, int32.
    pub starts: &'a PanelColumn,
    /// `[words]`
    pub words: &'a [PanelColumn],
}

impl<'a> Block<'a> {
    /// Returns the block in these columns.
    #[inline(always)]
    pub fn of(columns: &'a [PanelColumn]) -> Self {
        let (header, words) = columns.split_at(HEADER);
        Self { scales: &header[0], starts: &header[1], words }
    }
}

/// What rounding does to a block of one row.
#[derive(Clone, Copy, Default)]
pub struct Rounding {
    /// Largest magnitude of the values.
    pub reach: f32,
    /// Sum of the squares of the values' changes.
    pub lost: f64,
}

/// Writes a block of one row into its columns. `square` is the sum of the values' squares.
#[inline(always)]
pub fn write(format: Format, values: &BlockValues, square: f64, columns: &mut [PanelColumn], row: usize) -> Rounding {
    let Some(Integers { largest, longest }) = &format.properties().integers else {
        for (column, value) in columns.iter_mut().zip(values) {
            column[row] = value.to_bits();
        }
        return Rounding::default();
    };
    let (header, words) = columns.split_at_mut(HEADER);
    let reach = reach(values);
    let finest = (largest / reach).min(longest / square.sqrt() as f32);
    let (inverse, scale) = if reach < SMALLEST { (0.0, 0.0) } else { (finest, 1.0 / finest) };
    let shifted = values.map(|value| value * inverse + ROUND);
    let integers = shifted.map(|shifted| shifted - ROUND);
    let bits = shifted.map(f32::to_bits);
    header[0][row] = scale.to_bits();
    match format {
        Format::Int8 => {
            header[1][row] = (-OFFSET * sum(&integers)) as i32 as u32;
            for (column, bits) in words.iter_mut().zip(bits.as_chunks::<4>().0) {
                let word = bits[0] & 0xff | (bits[1] & 0xff) << 8 | (bits[2] & 0xff) << 16 | bits[3] << 24;
                column[row] = word ^ FLIP;
            }
        }
        Format::Int16 | Format::F32 => {
            header[1][row] = 0;
            for (column, bits) in words.iter_mut().zip(bits.as_chunks::<2>().0) {
                column[row] = bits[0] & 0xffff | bits[1] << 16;
            }
        }
    }
    Rounding { reach, lost: sum_of_squares(&std::array::from_fn(|at| values[at] - integers[at] * scale)) }
}

/// Returns the largest magnitude.
#[inline(always)]
fn reach(values: &BlockValues) -> f32 {
    let mut parts = [0.0_f32; PARTS];
    for values in values.as_chunks::<PARTS>().0 {
        for (part, value) in parts.iter_mut().zip(values) {
            *part = if value.abs() > *part { value.abs() } else { *part };
        }
    }
    parts.into_iter().fold(0.0, f32::max)
}

/// Returns the sum of integers, exactly.
#[inline(always)]
fn sum(values: &BlockValues) -> f32 {
    let mut parts = [0.0_f32; PARTS];
    for values in values.as_chunks::<PARTS>().0 {
        for (part, value) in parts.iter_mut().zip(values) {
            *part += value;
        }
    }
    parts.into_iter().sum()
}

/// Returns the sum of squares. Each part has few squares, so that float32 suffices.
#[inline(always)]
pub fn sum_of_squares(values: &BlockValues) -> f64 {
    let mut parts = [0.0_f32; PARTS];
    for values in values.as_chunks::<PARTS>().0 {
        for (part, &value) in parts.iter_mut().zip(values) {
            *part += value * value;
        }
    }
    for width in [16, 8, 4] {
        let (parts, others) = parts.split_at_mut(width);
        for (part, other) in parts.iter_mut().zip(others) {
            *part += *other;
        }
    }
    parts[..4].iter().fold(0.0, |total, &part| total + f64::from(part))
}
