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
/// Values of a part: as many partial sums and maxima has a block.
pub const PART: usize = 32;
const PARTS: usize = BLOCK_VALUES / PART;

/// Values of one row of a block; 0 past the row's end.
pub type BlockValues = [[f32; PART]; PARTS];

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

/// Writes a block of one row into its columns: only the parts that hold values, with the sum of the values' squares.
#[inline(always)]
pub fn write(format: Format, parts: &[[f32; PART]], square: f64, columns: &mut [PanelColumn], row: usize) -> Rounding {
    let Some(Integers { largest, longest }) = &format.properties().integers else {
        for (column, value) in columns.iter_mut().zip(parts.as_flattened()) {
            column[row] = value.to_bits();
        }
        return Rounding::default();
    };
    let (header, words) = columns.split_at_mut(HEADER);
    let reach = reach(parts);
    let finest = (largest / reach).min(longest / square.sqrt() as f32);
    let (inverse, scale) = if reach < SMALLEST { (0.0, 0.0) } else { (finest, 1.0 / finest) };
    let mut sums = Sums::default();
    header[0][row] = scale.to_bits();
    match format {
        Format::Int8 => {
            for (values, columns) in parts.iter().zip(words.chunks_mut(PART / 4)) {
                let bits = sums.rounded(values, inverse, scale);
                for (column, bits) in columns.iter_mut().zip(bits.as_chunks::<4>().0) {
                    let word = bits[0] & 0xff | (bits[1] & 0xff) << 8 | (bits[2] & 0xff) << 16 | bits[3] << 24;
                    column[row] = word ^ FLIP;
                }
            }
            header[1][row] = (-OFFSET * sums.integers.iter().sum::<f32>()) as i32 as u32;
        }
        Format::Int16 | Format::F32 => {
            for (values, columns) in parts.iter().zip(words.chunks_mut(PART / 2)) {
                let bits = sums.rounded(values, inverse, scale);
                for (column, bits) in columns.iter_mut().zip(bits.as_chunks::<2>().0) {
                    column[row] = bits[0] & 0xffff | bits[1] << 16;
                }
            }
            header[1][row] = 0;
        }
    }
    Rounding { reach, lost: total(sums.lost) }
}

/// Sums over the parts of a block that is rounded to integers.
#[derive(Default)]
struct Sums {
    /// Integers, exact in float32.
    integers: [f32; PART],
    /// Squares of the values' changes.
    lost: [f32; PART],
}

impl Sums {
    /// Rounds the values of a part; returns integers in the low bits of each number.
    #[inline(always)]
    fn rounded(&mut self, values: &[f32; PART], inverse: f32, scale: f32) -> [u32; PART] {
        let shifted = values.map(|value| value * inverse + ROUND);
        for at in 0..PART {
            let integer = shifted[at] - ROUND;
            let change = values[at] - integer * scale;
            self.integers[at] += integer;
            self.lost[at] += change * change;
        }
        shifted.map(f32::to_bits)
    }
}

/// Returns the largest magnitude.
#[inline(always)]
fn reach(parts: &[[f32; PART]]) -> f32 {
    let mut reach = [0.0_f32; PART];
    for values in parts {
        for (reach, value) in reach.iter_mut().zip(values) {
            *reach = if value.abs() > *reach { value.abs() } else { *reach };
        }
    }
    reach.into_iter().fold(0.0, f32::max)
}

/// Returns the sum of squares.
#[inline(always)]
pub fn sum_of_squares(parts: &[[f32; PART]]) -> f64 {
    let mut sums = [0.0_f32; PART];
    for values in parts {
        for (sum, &value) in sums.iter_mut().zip(values) {
            *sum += value * value;
        }
    }
    total(sums)
}

/// Adds partial sums. Each has few summands, so that float32 suffices.
#[inline(always)]
fn total(mut sums: [f32; PART]) -> f64 {
    for width in [16, 8, 4] {
        let (sums, others) = sums.split_at_mut(width);
        for (sum, other) in sums.iter_mut().zip(others) {
            *sum += *other;
        }
    }
    sums[..4].iter().fold(0.0, |total, &sum| total + f64::from(sum))
}
