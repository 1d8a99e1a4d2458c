//! Lanes of AVX2 with fused multiply-add: 6 x 16 sums in 12 registers. (Plain loops of this size, left to the compiler,
//! are ten times slower.)

use std::arch::x86_64::*;

use super::block::{Block, FLIP};
use super::format::Format;
use super::forward::forward_lanes;
use super::lanes::{Lanes, SimdTask};
use super::portable::Portable;
use super::tile::{Comparison, PANEL_ROWS, Product, SLICE_ROWS, SliceColumn, Tile, float_blocks, slices, words};
use super::tiles::{each_row, finish, multiply_floats, multiply_integers, multiply_slices};
use crate::search::exact::{DISTANCE_LANES, total};

/// Values per register; registers per row.
const WIDTH: usize = 8;
const REGISTERS: usize = 2;
const COLS: usize = WIDTH * REGISTERS;
/// Slices of the support in these registers.
const TAKEN: usize = COLS.div_ceil(SLICE_ROWS);
/// Rows with exact distances in registers at a time.
const EXACT: usize = 4;

/// AVX2 and FMA.
#[derive(Clone, Copy)]
pub struct Avx2(());

impl Avx2 {
    pub fn detect() -> Option<Self> {
        (std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")).then_some(Self(()))
    }
}

/// AVX2 with AVX-VNNI: products of integers are added by the instruction that multiplies them.
#[derive(Clone, Copy)]
pub struct Avx2Vnni(());

impl Avx2Vnni {
    pub fn detect() -> Option<Self> {
        (std::arch::is_x86_feature_detected!("avxvnni") && Avx2::detect().is_some()).then_some(Self(()))
    }
}

forward_lanes!(Avx2, features: "avx2,fma", multiply: multiply);
forward_lanes!(Avx2Vnni, features: "avx2,fma,avxvnni", multiply: multiply_vnni);

#[inline]
#[target_feature(enable = "avx2,fma")]
fn multiply(product: Product<'_>, tile: &mut Tile, comparison: Option<Comparison<'_>>) {
    match product.format {
        Format::F32 => multiply_f32(product, tile, comparison),
        Format::Int16 => multiply_int16(product, tile, comparison),
        Format::Int8 => Portable.multiply(product, tile, comparison),
    }
}

#[inline]
#[target_feature(enable = "avx2,fma,avxvnni")]
fn multiply_vnni(product: Product<'_>, tile: &mut Tile, comparison: Option<Comparison<'_>>) {
    match product.format {
        Format::F32 => multiply_f32(product, tile, comparison),
        Format::Int16 => multiply_int16_vnni(product, tile, comparison),
        Format::Int8 => multiply_int8_vnni(product, tile, comparison),
    }
}

multiply_floats!(
    multiply_f32,
    "avx2,fma",
    groups: [0 => 6, 6 => 6, 12 => 4],
    zero: _mm256_setzero_ps(),
    step: |sum, q, t| _mm256_fmadd_ps(_mm256_castsi256_ps(q), _mm256_castsi256_ps(t), *sum)
);

multiply_integers!(
    multiply_int16,
    int16_part,
    "avx2,fma",
    groups: [0 => 6, 6 => 6, 12 => 4],
    support: |word| word,
    step: |sum, q, t| _mm256_add_epi32(*sum, _mm256_madd_epi16(q, t))
);

multiply_integers!(
    multiply_int16_vnni,
    int16_vnni_part,
    "avx2,fma,avxvnni",
    groups: [0 => 6, 6 => 6, 12 => 4],
    support: |word| word,
    step: |sum, q, t| _mm256_dpwssd_avx_epi32(*sum, q, t)
);

multiply_integers!(
    multiply_int8_vnni,
    int8_vnni_part,
    "avx2,fma,avxvnni",
    groups: [0 => 6, 6 => 6, 12 => 4],
    support: |word| _mm256_xor_si256(word, splat(FLIP)),
    step: |sum, q, t| _mm256_dpbusd_avx_epi32(*sum, q, t)
);

finish!("avx2,fma", __m256);

#[inline]
#[target_feature(enable = "avx2")]
fn registers(columns: [&SliceColumn; TAKEN], cols: usize) -> [__m256i; REGISTERS] {
    let first = cols * COLS % SLICE_ROWS;
    // SAFETY: each chunk has the 32 bytes of a register; the load needs no alignment.
    std::array::from_fn(|at| unsafe {
        _mm256_loadu_si256(words::<WIDTH, TAKEN>(columns, first + at * WIDTH).as_ptr().cast())
    })
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(word: u32) -> __m256i {
    _mm256_set1_epi32(word.cast_signed())
}

/// Returns products of integers with the scales of both sides.
#[inline]
#[target_feature(enable = "avx2")]
fn scaled(sum: __m256i, scale: __m256i, other: __m256i) -> __m256 {
    let scale = _mm256_mul_ps(_mm256_castsi256_ps(scale), _mm256_castsi256_ps(other));
    _mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale)
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat_float(value: f32) -> __m256 {
    _mm256_set1_ps(value)
}

#[inline]
#[target_feature(enable = "avx2")]
fn floats(values: &[f32; PANEL_ROWS], cols: usize) -> [__m256; REGISTERS] {
    let (registers, _) = values.as_chunks::<COLS>().0[cols].as_chunks::<WIDTH>();
    std::array::from_fn(|at| load(&registers[at]))
}

#[inline]
#[target_feature(enable = "avx2")]
fn sum(a: __m256, b: __m256) -> __m256 {
    _mm256_add_ps(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(values: &[f32; WIDTH]) -> __m256 {
    // SAFETY: 8 values are the 32 bytes of a register; the load needs no alignment.
    unsafe { _mm256_loadu_ps(values.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(values: &mut [f32; WIDTH], register: __m256) {
    // SAFETY: 8 values are the 32 bytes of a register; the store needs no alignment.
    unsafe { _mm256_storeu_ps(values.as_mut_ptr(), register) };
}

/// Returns a bit for each place where `norms - 2 dots < thresholds`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn below(dots: [__m256; REGISTERS], norms: [__m256; REGISTERS], thresholds: [__m256; REGISTERS]) -> [u8; REGISTERS] {
    std::array::from_fn(|at| {
        let keys = _mm256_fnmadd_ps(_mm256_set1_ps(2.0), dots[at], norms[at]);
        _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LT_OQ>(keys, thresholds[at])) as u8
    })
}

/// Computes the exact distances of four rows at a time, with each lane of `exact.rs` in its own register.
#[inline]
#[target_feature(enable = "avx2")]
fn distances_below(query: &[f64], support: &[SliceColumn], bound: f64, distances: &mut [f64; PANEL_ROWS]) -> u64 {
    let mut below = 0;
    for (part, distances) in distances.as_chunks_mut::<EXACT>().0.iter_mut().enumerate() {
        let mut lanes = [_mm256_setzero_pd(); DISTANCE_LANES];
        for (query, columns) in float_blocks(query, support, part * EXACT / SLICE_ROWS) {
            let (query, query_rest) = query.as_chunks::<DISTANCE_LANES>();
            let (columns, columns_rest) = columns.as_chunks::<DISTANCE_LANES>();
            for (query, columns) in query.iter().zip(columns) {
                for ((lane, &q), column) in lanes.iter_mut().zip(query).zip(columns) {
                    *lane = _mm256_add_pd(*lane, squared_difference(q, column, part));
                }
            }
            for (at, lane) in lanes.iter_mut().enumerate() {
                if let (Some(&q), Some(column)) = (query_rest.get(at), columns_rest.get(at)) {
                    *lane = _mm256_add_pd(*lane, squared_difference(q, column, part));
                }
            }
        }
        let total = lanes.into_iter().fold(_mm256_setzero_pd(), |total, lane| _mm256_add_pd(total, lane));
        // SAFETY: EXACT values are the 32 bytes of a register; the store needs no alignment.
        unsafe { _mm256_storeu_pd(distances.as_mut_ptr(), total) };
        let found = _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LT_OQ>(total, _mm256_set1_pd(bound))).cast_unsigned();
        below |= u64::from(found) << (part * EXACT);
    }
    below
}

#[inline]
#[target_feature(enable = "avx2")]
fn squared_difference(q: f64, column: &SliceColumn, part: usize) -> __m256d {
    let rows = &column.as_chunks::<EXACT>().0[part % (SLICE_ROWS / EXACT)];
    // SAFETY: EXACT words are the 16 bytes of half a register; the load needs no alignment.
    let rows = unsafe { _mm_loadu_ps(rows.as_ptr().cast()) };
    let difference = _mm256_sub_pd(_mm256_set1_pd(q), _mm256_cvtps_pd(rows));
    _mm256_mul_pd(difference, difference)
}

/// Computes the eight float64 lanes of `exact.rs` in two registers.
#[inline]
#[target_feature(enable = "avx2")]
fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [_mm256_setzero_pd(); 2];
    for (a, b) in a.as_chunks::<DISTANCE_LANES>().0.iter().zip(b.as_chunks::<DISTANCE_LANES>().0) {
        for ((a, b), sum) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0).zip(&mut sums) {
            // SAFETY: 4 values are the 16 bytes of a quarter of a register; the loads need no alignment.
            let (a, b) = unsafe { (_mm_loadu_ps(a.as_ptr()), _mm_loadu_ps(b.as_ptr())) };
            let difference = _mm256_sub_pd(_mm256_cvtps_pd(a), _mm256_cvtps_pd(b));
            *sum = _mm256_add_pd(*sum, _mm256_mul_pd(difference, difference));
        }
    }
    let mut lanes = [0.0; DISTANCE_LANES];
    for (sum, lanes) in sums.iter().zip(lanes.as_chunks_mut::<4>().0) {
        // SAFETY: 4 values are the 32 bytes of a register; the store needs no alignment.
        unsafe { _mm256_storeu_pd(lanes.as_mut_ptr(), *sum) };
    }
    total(lanes, a, b)
}
