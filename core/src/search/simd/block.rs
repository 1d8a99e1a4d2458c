//! Blocks of integers: a part of each row of a panel, rounded to multiples of a scale of its own. In each slice, two
//! columns precede the words: the scale of each row, and the value at which its sums start.
//!
//! Bytes are stored with 128 added, as some instructions multiply only unsigned by signed bytes. For the support's side
//! they are made signed again, and its sums start at -128 times the sum of the row's integers.

use super::format::{BLOCK_VALUES, Format, GRAIN, HEADER, Integers};
use super::tile::{SLICE_ROWS, SLICES, SliceColumn};

/// In each byte of a word, changes between signed and unsigned with 128 added.
pub const FLIP: u32 = 0x8080_8080;

/// Blocks of values smaller than this are rounded to zero, since the inverse of their scale might be infinite.
const SMALLEST: f32 = 1e-30;
/// Added to a float32 below 2^22, this rounds it to an integer, ties to even, and leaves that in its low bits.
const ROUND: f32 = 12_582_912.0;
const OFFSET: f32 = 128.0;

/// A block of integers of a slice.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    /// Scales of the rows, float32.
    pub scales: &'a SliceColumn,
    /// Starts of the rows' sums on the support's side, int32.
    pub starts: &'a SliceColumn,
    /// `[words]`
    pub words: &'a [SliceColumn],
}

impl<'a> Block<'a> {
    /// Returns the block in these columns of a slice.
    #[inline(always)]
    pub fn of(columns: &'a [SliceColumn]) -> Self {
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

/// Writes the values of one row in a block, padded with zeros, into the block's columns, given the sum of their squares.
#[inline(always)]
pub fn write(format: Format, values: &[f32], square: f64, columns: &mut [SliceColumn], row: usize) -> Rounding {
    let (slice, row) = (row / SLICE_ROWS, row % SLICE_ROWS);
    let columns = slice_mut(columns, slice);
    let Some(Integers { largest, longest }) = &format.properties().integers else {
        for (column, value) in columns.iter_mut().zip(values) {
            column[row] = value.to_bits();
        }
        return Rounding::default();
    };
    let (header, words) = columns.split_at_mut(HEADER);
    let reach = folded(values, f32::abs, f32::max).into_iter().fold(0.0, f32::max);
    let finest = (largest / reach).min(longest / square.sqrt() as f32);
    let (inverse, scale) = if reach < SMALLEST { (0.0, 0.0) } else { (finest, 1.0 / finest) };
    let shifted = |value: f32| value * inverse + ROUND;
    // A word holds a value of each half, or quarter, of the block, so that words are made in vectors.
    let count = words.len();
    let part = |part: usize| values[part * count..(part + 1) * count].iter().map(|&value| shifted(value).to_bits());
    let mut joined = [0; BLOCK_VALUES / 2];
    match format {
        Format::Int8 => {
            let bytes = part(0).zip(part(1)).zip(part(2).zip(part(3)));
            for (joined, ((a, b), (c, d))) in joined.iter_mut().zip(bytes) {
                *joined = (a & 0xff | (b & 0xff) << 8 | (c & 0xff) << 16 | d << 24) ^ FLIP;
            }
            let integers = sum(values, |value| shifted(value) - ROUND);
            header[1][row] = (-f64::from(OFFSET) * integers) as i32 as u32;
        }
        Format::Int16 | Format::F32 => {
            for (joined, (a, b)) in joined.iter_mut().zip(part(0).zip(part(1))) {
                *joined = a & 0xffff | b << 16;
            }
            header[1][row] = 0;
        }
    }
    header[0][row] = scale.to_bits();
    for (column, word) in words.iter_mut().zip(joined) {
        column[row] = word;
    }
    let lost = sum(values, |value| {
        let change = value - (shifted(value) - ROUND) * scale;
        change * change
    });
    Rounding { reach, lost }
}

/// Returns a slice of a block.
#[inline(always)]
fn slice_mut(block: &mut [SliceColumn], slice: usize) -> &mut [SliceColumn] {
    let columns = block.len() / SLICES;
    &mut block[slice * columns..(slice + 1) * columns]
}

/// Returns the length to which the values of a block are padded with zeros.
pub fn padded(length: usize) -> usize {
    length.next_multiple_of(GRAIN)
}

/// Returns the sum of squares of padded values.
#[inline(always)]
pub fn sum_of_squares(values: &[f32]) -> f64 {
    sum(values, |value| value * value)
}

/// Returns the sum of `of` each padded value: of at most 64 in float32, by six successive additions, the rest in
/// float64.
#[inline(always)]
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f64 {
    folded(values, of, |a, b| a + b).iter().fold(0.0, |total, &sum| total + f64::from(sum))
}

/// Takes `of` each padded value, and joins the first half with the second, until a few are left. (Compilers make vectors
/// of loops over halves; of loops over a few sums they do not.)
#[inline(always)]
fn folded(values: &[f32], of: impl Fn(f32) -> f32, join: impl Fn(f32, f32) -> f32) -> [f32; GRAIN] {
    let mut work = [0.0; BLOCK_VALUES];
    for (work, &value) in work.iter_mut().zip(values) {
        *work = of(value);
    }
    let mut length = values.len();
    while length > GRAIN {
        let half = (length / 2).next_multiple_of(GRAIN);
        let (left, others) = work[..length].split_at_mut(half);
        for (value, &other) in left.iter_mut().zip(&*others) {
            *value = join(*value, other);
        }
        length = half;
    }
    std::array::from_fn(|at| work[at])
}
