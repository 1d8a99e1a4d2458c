//! Lanes of WASM's SIMD128: float32 as plain loops, which the compiler turns into vectors; int16 in 4 x 8 sums in 8
//! registers.

use std::arch::wasm32::*;

use super::block::Block;
use super::format::Format;
use super::lanes::{Lanes, PANEL_ROWS, PanelColumn, SimdTask, Tile};
use super::portable::Portable;
use super::tiles::multiply_integers;

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

    fn run<T: SimdTask>(self, task: T) -> T::Output {
        task.run(self)
    }
}

multiply_integers!(
    multiply_int16,
    "simd128",
    support: |word| word,
    step: |sum, q, t| i32x4_add(*sum, i32x4_dot_i16x8(q, t))
);

/// Returns the values of one part of a row of a tile, as for one register each.
#[inline(always)]
fn part(dots: &mut [f32; PANEL_ROWS], cols: usize) -> &mut [[f32; WIDTH]] {
    dots.as_chunks_mut::<COLS>().0[cols].as_chunks_mut().0
}

#[inline(always)]
fn registers(column: &PanelColumn, cols: usize) -> [v128; REGISTERS] {
    let (registers, _) = column.as_chunks::<COLS>().0[cols].as_chunks::<WIDTH>();
    // SAFETY: each chunk has the 16 bytes of a register; the load needs no alignment.
    std::array::from_fn(|at| unsafe { v128_load(registers[at].as_ptr().cast()) })
}

#[inline(always)]
fn splat(word: u32) -> v128 {
    u32x4_splat(word)
}

/// Adds sums of products of integers, with the scales of both sides.
#[inline(always)]
fn add_scaled(dots: &mut [f32; WIDTH], sum: v128, scale: v128, other: v128) {
    let products = f32x4_mul(f32x4_convert_i32x4(sum), f32x4_mul(scale, other));
    // SAFETY: 4 values are the 16 bytes of a register; neither load nor store needs alignment.
    unsafe {
        v128_store(dots.as_mut_ptr().cast(), f32x4_add(v128_load(dots.as_ptr().cast()), products));
    };
}
