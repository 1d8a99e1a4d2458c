//! Lanes of WASM's SIMD128: float32 as plain loops, which the compiler turns into vectors; int16 in 4 x 8 sums in 8
//! registers.

use std::arch::wasm32::*;

use super::block::Block;
use super::format::Format;
use super::lanes::{Lanes, SimdTask};
use super::portable::Portable;
use super::tile::{Comparison, PANEL_ROWS, Product, SLICE_ROWS, SliceColumn, Tile, slices, words};
use super::tiles::{each_row, finish, multiply_integers, multiply_slices};

/// Values per register; registers per row.
const WIDTH: usize = 4;
const REGISTERS: usize = 2;
const COLS: usize = WIDTH * REGISTERS;
/// Slices of the support in these registers.
const TAKEN: usize = COLS.div_ceil(SLICE_ROWS);

/// SIMD128, which the whole module is compiled for.
#[derive(Clone, Copy)]
pub struct Simd128;

impl Lanes for Simd128 {
    #[inline(always)]
    fn multiply(self, product: Product<'_>, tile: &mut Tile, comparison: Option<Comparison<'_>>) {
        match product.format {
            Format::Int16 => multiply_int16(product, tile, comparison),
            Format::F32 | Format::Int8 => Portable.multiply(product, tile, comparison),
        }
    }

    fn run<T: SimdTask>(self, task: T) -> T::Output {
        task.run(self)
    }
}

multiply_integers!(
    multiply_int16,
    int16_part,
    "simd128",
    groups: [0 => 4, 4 => 4, 8 => 4, 12 => 4],
    support: |word| word,
    step: |sum, q, t| i32x4_add(*sum, i32x4_dot_i16x8(q, t))
);

finish!("simd128", v128);

#[inline(always)]
fn registers(columns: [&SliceColumn; TAKEN], cols: usize) -> [v128; REGISTERS] {
    let first = cols * COLS % SLICE_ROWS;
    // SAFETY: each chunk has the 16 bytes of a register; the load needs no alignment.
    std::array::from_fn(|at| unsafe { v128_load(words::<WIDTH, TAKEN>(columns, first + at * WIDTH).as_ptr().cast()) })
}

#[inline(always)]
fn splat(word: u32) -> v128 {
    u32x4_splat(word)
}

#[inline(always)]
fn splat_float(value: f32) -> v128 {
    f32x4_splat(value)
}

#[inline(always)]
fn floats(values: &[f32; PANEL_ROWS], cols: usize) -> [v128; REGISTERS] {
    let (registers, _) = values.as_chunks::<COLS>().0[cols].as_chunks::<WIDTH>();
    std::array::from_fn(|at| load(&registers[at]))
}

/// Returns products of integers with the scales of both sides.
#[inline(always)]
fn scaled(sum: v128, scale: v128, other: v128) -> v128 {
    f32x4_mul(f32x4_convert_i32x4(sum), f32x4_mul(scale, other))
}

#[inline(always)]
fn sum(a: v128, b: v128) -> v128 {
    f32x4_add(a, b)
}

#[inline(always)]
fn load(values: &[f32; WIDTH]) -> v128 {
    // SAFETY: 4 values are the 16 bytes of a register; the load needs no alignment.
    unsafe { v128_load(values.as_ptr().cast()) }
}

#[inline(always)]
fn store(values: &mut [f32; WIDTH], register: v128) {
    // SAFETY: 4 values are the 16 bytes of a register; the store needs no alignment.
    unsafe { v128_store(values.as_mut_ptr().cast(), register) };
}

/// Returns a bit for each place where `norms - 2 dots < thresholds`.
#[inline(always)]
fn below(dots: [v128; REGISTERS], norms: [v128; REGISTERS], thresholds: [v128; REGISTERS]) -> [u8; 1] {
    let found = |at: usize| {
        let keys = f32x4_sub(norms[at], f32x4_mul(f32x4_splat(2.0), dots[at]));
        i32x4_bitmask(f32x4_lt(keys, thresholds[at]))
    };
    [found(0) | found(1) << WIDTH]
}
