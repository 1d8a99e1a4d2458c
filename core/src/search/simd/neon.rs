//! Lanes of NEON: float32 in 6 x 16 sums in 24 registers. (Integers would need its products of bytes, which stable Rust
//! does not have; those of int16 are no faster than float32.)

use std::arch::aarch64::*;

use super::format::Format;
use super::lanes::{Lanes, SimdTask};
use super::portable::Portable;
use super::tile::{Comparison, PANEL_ROWS, Product, SLICE_ROWS, SliceColumn, Tile, slices, words};
use super::tiles::{each_row, finish, multiply_floats, multiply_slices};

/// Values per register; registers per row.
const WIDTH: usize = 4;
const REGISTERS: usize = 4;
const COLS: usize = WIDTH * REGISTERS;
/// Slices of the support in these registers.
const TAKEN: usize = COLS.div_ceil(SLICE_ROWS);

/// NEON, which every processor of the target has.
#[derive(Clone, Copy)]
pub struct Neon;

impl Lanes for Neon {
    #[inline(always)]
    fn multiply(self, product: Product<'_>, tile: &mut Tile, comparison: Option<Comparison<'_>>) {
        match product.format {
            // SAFETY: every processor of the target has NEON.
            Format::F32 => unsafe { multiply_f32(product, tile, comparison) },
            Format::Int16 | Format::Int8 => Portable.multiply(product, tile, comparison),
        }
    }

    fn run<T: SimdTask>(self, task: T) -> T::Output {
        task.run(self)
    }
}

multiply_floats!(
    multiply_f32,
    "neon",
    groups: [0 => 6, 6 => 6, 12 => 4],
    zero: vdupq_n_f32(0.0),
    step: |sum, q, t| vfmaq_f32(*sum, q, t)
);

finish!("neon", float32x4_t);

#[inline]
#[target_feature(enable = "neon")]
fn registers(columns: [&SliceColumn; TAKEN], cols: usize) -> [float32x4_t; REGISTERS] {
    let first = cols * COLS % SLICE_ROWS;
    std::array::from_fn(|at| load(&words(columns, first + at * WIDTH).map(f32::from_bits)))
}

#[inline]
#[target_feature(enable = "neon")]
fn splat(word: u32) -> float32x4_t {
    splat_float(f32::from_bits(word))
}

#[inline]
#[target_feature(enable = "neon")]
fn splat_float(value: f32) -> float32x4_t {
    vdupq_n_f32(value)
}

#[inline]
#[target_feature(enable = "neon")]
fn floats(values: &[f32; PANEL_ROWS], cols: usize) -> [float32x4_t; REGISTERS] {
    let (registers, _) = values.as_chunks::<COLS>().0[cols].as_chunks::<WIDTH>();
    std::array::from_fn(|at| load(&registers[at]))
}

#[inline]
#[target_feature(enable = "neon")]
fn sum(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    vaddq_f32(a, b)
}

#[inline]
#[target_feature(enable = "neon")]
fn load(values: &[f32; WIDTH]) -> float32x4_t {
    // SAFETY: 4 values are the 16 bytes of a register; the load needs no alignment.
    unsafe { vld1q_f32(values.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(values: &mut [f32; WIDTH], register: float32x4_t) {
    // SAFETY: 4 values are the 16 bytes of a register; the store needs no alignment.
    unsafe { vst1q_f32(values.as_mut_ptr(), register) };
}

/// Returns a bit for each place where `norms - 2 dots < thresholds`.
#[inline]
#[target_feature(enable = "neon")]
fn below(
    dots: [float32x4_t; REGISTERS],
    norms: [float32x4_t; REGISTERS],
    thresholds: [float32x4_t; REGISTERS],
) -> [u8; COLS / 8] {
    // SAFETY: 4 values are the 16 bytes of a register; the load needs no alignment.
    let places = unsafe { vld1q_u32([1, 2, 4, 8].as_ptr()) };
    let found = |at: usize| {
        let keys = vfmsq_f32(norms[at], dots[at], vdupq_n_f32(2.0));
        vaddvq_u32(vandq_u32(vcltq_f32(keys, thresholds[at]), places)) as u8
    };
    [found(0) | found(1) << WIDTH, found(2) | found(3) << WIDTH]
}
