//! Lanes as plain loops over arrays, which compilers turn into the vector instructions of the target: NEON, WASM's
//! SIMD128, SSE2.

use super::block::{Block, FLIP};
use super::format::Format;
use super::lanes::{Lanes, SimdTask};
use super::tile::{Comparison, PANEL_ROWS, Product, SLICE_ROWS, SliceColumn, Tile, slices};

/// Whether every processor of the target has a fused multiply-add instruction.
const FUSED: bool = cfg!(target_arch = "aarch64");

/// Sums in registers at a time, ROWS x COLS.
const ROWS: usize = 4;
const COLS: usize = 8;

/// Instructions that every processor of the target has.
#[derive(Clone, Copy)]
pub struct Portable;

impl Lanes for Portable {
    #[inline(always)]
    fn multiply(self, product: Product<'_>, tile: &mut Tile, comparison: Option<Comparison<'_>>) {
        let Product { format, queries, support, first } = product;
        if first {
            *tile = [[0.0; PANEL_ROWS]; PANEL_ROWS];
        }
        match format {
            Format::F32 => multiply_f32(queries, support, tile),
            Format::Int16 => multiply_integers(queries, support, tile, products_of_int16),
            Format::Int8 => multiply_integers(queries, support, tile, products_of_int8),
        }
        if let Some(comparison) = comparison {
            comparison.compare(tile);
        }
    }

    fn run<T: SimdTask>(self, task: T) -> T::Output {
        task.run(self)
    }
}

#[inline(always)]
fn multiply_f32(queries: &[SliceColumn], support: &[SliceColumn], tile: &mut Tile) {
    let (queries, support) = (slices(queries), slices(support));
    for row in (0..PANEL_ROWS).step_by(ROWS) {
        for col in (0..PANEL_ROWS).step_by(COLS) {
            let mut sums = [[0.0_f32; COLS]; ROWS];
            let (row_lane, col_lane) = (row % SLICE_ROWS, col % SLICE_ROWS);
            for (q, t) in queries[row / SLICE_ROWS].iter().zip(support[col / SLICE_ROWS]) {
                let (q, t) = (&q[row_lane..row_lane + ROWS], &t[col_lane..col_lane + COLS]);
                for (sums, &q) in sums.iter_mut().zip(q) {
                    let q = f32::from_bits(q);
                    for (sum, &t) in sums.iter_mut().zip(t) {
                        let t = f32::from_bits(t);
                        *sum = if FUSED { q.mul_add(t, *sum) } else { *sum + q * t };
                    }
                }
            }
            for (sums, tile) in sums.iter().zip(&mut tile[row..row + ROWS]) {
                for (sum, dot) in sums.iter().zip(&mut tile[col..col + COLS]) {
                    *dot += sum;
                }
            }
        }
    }
}

#[inline(always)]
fn multiply_integers(
    queries: &[SliceColumn],
    support: &[SliceColumn],
    tile: &mut Tile,
    products: impl Fn(u32, u32) -> i32,
) {
    let (queries, support) = (slices(queries).map(Block::of), slices(support).map(Block::of));
    for (row, dots) in tile.iter_mut().enumerate() {
        let (queries, row) = (queries[row / SLICE_ROWS], row % SLICE_ROWS);
        let scale = f32::from_bits(queries.scales[row]);
        for (support, dots) in support.iter().zip(dots.as_chunks_mut::<SLICE_ROWS>().0) {
            let mut sums = support.starts.map(u32::cast_signed);
            for (q, t) in queries.words.iter().zip(support.words) {
                for (sum, &t) in sums.iter_mut().zip(&t[..]) {
                    *sum = sum.wrapping_add(products(q[row], t));
                }
            }
            for ((dot, sum), &other) in dots.iter_mut().zip(sums).zip(&support.scales[..]) {
                *dot += sum as f32 * (scale * f32::from_bits(other));
            }
        }
    }
}

/// Returns the sum of two products.
#[inline(always)]
fn products_of_int16(q: u32, t: u32) -> i32 {
    let [q, t] = [q, t].map(|word| [word as i16, (word >> 16) as i16].map(i32::from));
    q[0] * t[0] + q[1] * t[1]
}

/// Returns the sum of four products of unsigned and signed bytes.
#[inline(always)]
fn products_of_int8(q: u32, t: u32) -> i32 {
    let signed = (t ^ FLIP).to_le_bytes().map(|byte| i32::from(byte.cast_signed()));
    q.to_le_bytes().into_iter().zip(signed).map(|(q, t)| i32::from(q) * t).sum()
}
