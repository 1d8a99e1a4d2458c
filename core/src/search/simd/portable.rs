//! Lanes as plain loops over arrays, which compilers turn into the vector instructions of the target: NEON, WASM's
//! SIMD128, SSE2.

use super::block::{Block, FLIP};
use super::format::Format;
use super::lanes::{Lanes, PANEL_ROWS, PanelColumn, SimdTask, Tile};
use crate::search::exact::DISTANCE_LANES;

/// Whether every processor of the target has a fused multiply-add instruction.
const FUSED: bool = cfg!(target_arch = "aarch64");

/// Sums in registers at a time, ROWS x COLS.
const ROWS: usize = 4;
const COLS: usize = 8;

/// Rows with exact distances in registers at a time.
const EXACT: usize = 16;

/// Instructions that every processor of the target has.
#[derive(Clone, Copy)]
pub struct Portable;

impl Lanes for Portable {
    #[inline(always)]
    fn multiply(self, format: Format, queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile) {
        match format {
            Format::F32 => multiply_f32(queries, support, tile),
            Format::Int16 => multiply_integers(queries, support, tile, products_of_int16),
            Format::Int8 => multiply_integers(queries, support, tile, products_of_int8),
        }
    }

    #[inline(always)]
    fn below(self, dots: &[f32; PANEL_ROWS], norms: &[f32; PANEL_ROWS], threshold: f32) -> u64 {
        below(|at| norms[at] - 2.0 * dots[at] < threshold)
    }

    #[inline(always)]
    fn below_each(self, dots: &[f32; PANEL_ROWS], norm: f32, thresholds: &[f32; PANEL_ROWS]) -> u64 {
        below(|at| norm - 2.0 * dots[at] < thresholds[at])
    }

    #[inline(always)]
    fn distances_below(
        self,
        query: &[f64],
        support: &[PanelColumn],
        bound: f64,
        distances: &mut [f64; PANEL_ROWS],
    ) -> u64 {
        exact(query, support, distances);
        below(|at| distances[at] < bound)
    }

    fn run<T: SimdTask>(self, task: T) -> T::Output {
        task.run(self)
    }
}

/// Returns the bits where `holds` is true. Mostly there are none, which is checked first.
#[inline(always)]
fn below(holds: impl Fn(usize) -> bool) -> u64 {
    let found = (0..PANEL_ROWS).fold(0_u32, |found, at| found | u32::from(holds(at)));
    if found == 0 {
        return 0;
    }
    (0..PANEL_ROWS).fold(0, |bits, at| bits | u64::from(holds(at)) << at)
}

#[inline(always)]
fn multiply_f32(queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile) {
    for row in (0..PANEL_ROWS).step_by(ROWS) {
        for col in (0..PANEL_ROWS).step_by(COLS) {
            let mut sums = [[0.0_f32; COLS]; ROWS];
            for (q, t) in queries.iter().zip(support) {
                let (q, t) = (&q[row..row + ROWS], &t[col..col + COLS]);
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
    queries: &[PanelColumn],
    support: &[PanelColumn],
    tile: &mut Tile,
    products: impl Fn(u32, u32) -> i32,
) {
    let (queries, support) = (Block::of(queries), Block::of(support));
    for (row, dots) in tile.iter_mut().enumerate() {
        let mut sums = support.starts.map(u32::cast_signed);
        for (q, t) in queries.words.iter().zip(support.words) {
            for (sum, &t) in sums.iter_mut().zip(t) {
                *sum = sum.wrapping_add(products(q[row], t));
            }
        }
        let scale = f32::from_bits(queries.scales[row]);
        for ((dot, sum), &other) in dots.iter_mut().zip(sums).zip(support.scales) {
            *dot += sum as f32 * (scale * f32::from_bits(other));
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

#[inline(always)]
fn exact(query: &[f64], support: &[PanelColumn], distances: &mut [f64; PANEL_ROWS]) {
    for (part, distances) in distances.as_chunks_mut::<EXACT>().0.iter_mut().enumerate() {
        let mut lanes = [[0.0_f64; EXACT]; DISTANCE_LANES];
        for (query, columns) in query.chunks(DISTANCE_LANES).zip(support.chunks(DISTANCE_LANES)) {
            for ((lane, &q), column) in lanes.iter_mut().zip(query).zip(columns) {
                for (sum, &t) in lane.iter_mut().zip(&column.as_chunks::<EXACT>().0[part]) {
                    let difference = q - f64::from(f32::from_bits(t));
                    *sum += difference * difference;
                }
            }
        }
        *distances = [0.0; EXACT];
        for lane in lanes {
            for (distance, sum) in distances.iter_mut().zip(lane) {
                *distance += sum;
            }
        }
    }
}
