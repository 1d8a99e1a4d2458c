//! Lanes of WASM's SIMD128: float32 as plain loops, which the compiler turns into vectors; int16 in 4 x 8 sums in 8
//! registers.

use std::arch::wasm32::*;

use super::block::Block;
use super::format::Format;
use super::lanes::{Lanes, PANEL_ROWS, PanelColumn, SimdTask, Tile};
use super::portable::Portable;

/// Query rows with sums in registers at a time.
const ROWS: usize = 4;
/// Values per register; registers per row.
const WIDTH: usize = 4;
const REGISTERS: usize = 2;
const COLS: usize = WIDTH * REGISTERS;

/// SIMD128, which the whole module is compiled for.
#[derive(Clone, Copy)]
pub struct Simd128;

impl Lanes for Simd128 {
    #[inline(always)]
    fn multiply(self, format: Format, queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile) {
        match format {
            Format::Int16 => multiply_int16(queries, support, tile),
            Format::F32 | Format::Int8 => Portable.multiply(format, queries, support, tile),
        }
    }

    #[inline(always)]
    fn below(self, dots: &[f32; PANEL_ROWS], norms: &[f32; PANEL_ROWS], threshold: f32) -> u64 {
        Portable.below(dots, norms, threshold)
    }

    #[inline(always)]
    fn below_each(self, dots: &[f32; PANEL_ROWS], norm: f32, thresholds: &[f32; PANEL_ROWS]) -> u64 {
        Portable.below_each(dots, norm, thresholds)
    }

    #[inline(always)]
    fn distances_below(
        self,
        query: &[f64],
        support: &[PanelColumn],
        bound: f64,
        distances: &mut [f64; PANEL_ROWS],
    ) -> u64 {
        Portable.distances_below(query, support, bound, distances)
    }

    fn run<T: SimdTask>(self, task: T) -> T::Output {
        task.run(self)
    }
}

#[inline(always)]
fn multiply_int16(queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile) {
    let (queries, support) = (Block::of(queries), Block::of(support));
    for cols in 0..PANEL_ROWS / COLS {
        let others = registers(support.scales, cols);
        for (rows, tile) in tile.as_chunks_mut::<ROWS>().0.iter_mut().enumerate() {
            let mut sums = [registers(support.starts, cols); ROWS];
            for (q, t) in queries.words.iter().zip(support.words) {
                let t = registers(t, cols);
                for (sums, &q) in sums.iter_mut().zip(&q.as_chunks::<ROWS>().0[rows]) {
                    let q = u32x4_splat(q);
                    for (sum, t) in sums.iter_mut().zip(t) {
                        *sum = i32x4_add(*sum, i32x4_dot_i16x8(q, t));
                    }
                }
            }
            let scales = queries.scales.as_chunks::<ROWS>().0[rows];
            for ((sums, scale), dots) in sums.iter().zip(scales).zip(tile) {
                let scale = f32x4_splat(f32::from_bits(scale));
                let dots = dots.as_chunks_mut::<COLS>().0[cols].as_chunks_mut::<WIDTH>().0;
                for ((&sum, other), dots) in sums.iter().zip(others).zip(dots) {
                    let products = f32x4_mul(f32x4_convert_i32x4(sum), f32x4_mul(scale, other));
                    // SAFETY: 4 values are the 16 bytes of a register; neither load nor store needs alignment.
                    unsafe {
                        v128_store(dots.as_mut_ptr().cast(), f32x4_add(v128_load(dots.as_ptr().cast()), products));
                    };
                }
            }
        }
    }
}

#[inline(always)]
fn registers(column: &PanelColumn, cols: usize) -> [v128; REGISTERS] {
    let (registers, _) = column.as_chunks::<COLS>().0[cols].as_chunks::<WIDTH>();
    // SAFETY: each chunk has the 16 bytes of a register; the load needs no alignment.
    std::array::from_fn(|at| unsafe { v128_load(registers[at].as_ptr().cast()) })
}
