//! Lanes of AVX-512: 8 x 48 sums in 24 registers.

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
const WIDTH: usize = 16;
const REGISTERS: usize = 3;
const COLS: usize = WIDTH * REGISTERS;
/// Slices of the support in these registers.
const TAKEN: usize = COLS.div_ceil(SLICE_ROWS);
/// Rows with exact distances in registers at a time.
const EXACT: usize = 8;

/// AVX-512: foundation, bytes and words, double and quad words, vector lengths.
#[derive(Clone, Copy)]
pub struct Avx512(());

impl Avx512 {
    pub fn detect() -> Option<Self> {
        let found = std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512dq")
            && std::arch::is_x86_feature_detected!("avx512vl");
        found.then_some(Self(()))
    }
}

/// AVX-512 with VNNI: products of integers are added by the instruction that multiplies them.
#[derive(Clone, Copy)]
pub struct Avx512Vnni(());

impl Avx512Vnni {
    pub fn detect() -> Option<Self> {
        (std::arch::is_x86_feature_detected!("avx512vnni") && Avx512::detect().is_some()).then_some(Self(()))
    }
}

forward_lanes!(
    Avx512,
    features: "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl",
    multiply: multiply
);

forward_lanes!(
    Avx512Vnni,
    features: "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni",
    multiply: multiply_vnni
);

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn multiply(product: Product<'_>, tile: &mut Tile, comparison: Option<Comparison<'_>>) {
    match product.format {
        Format::F32 => multiply_f32(product, tile, comparison),
        Format::Int16 => multiply_int16(product, tile, comparison),
        Format::Int8 => Portable.multiply(product, tile, comparison),
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn multiply_vnni(product: Product<'_>, tile: &mut Tile, comparison: Option<Comparison<'_>>) {
    match product.format {
        Format::F32 => multiply_f32(product, tile, comparison),
        Format::Int16 => multiply_int16_vnni(product, tile, comparison),
        Format::Int8 => multiply_int8_vnni(product, tile, comparison),
    }
}

multiply_floats!(
    multiply_f32,
    "avx512f",
    groups: [0 => 8, 8 => 8],
    zero: _mm512_setzero_ps(),
    step: |sum, q, t| _mm512_fmadd_ps(_mm512_castsi512_ps(q), _mm512_castsi512_ps(t), *sum)
);

multiply_integers!(
    multiply_int16,
    int16_part,
    "avx512f,avx512bw",
    groups: [0 => 8, 8 => 8],
    support: |word| word,
    step: |sum, q, t| _mm512_add_epi32(*sum, _mm512_madd_epi16(q, t))
);

multiply_integers!(
    multiply_int16_vnni,
    int16_vnni_part,
    "avx512f,avx512vnni",
    groups: [0 => 8, 8 => 8],
    support: |word| word,
    step: |sum, q, t| _mm512_dpwssd_epi32(*sum, q, t)
);

multiply_integers!(
    multiply_int8_vnni,
    int8_vnni_part,
    "avx512f,avx512vnni",
    groups: [0 => 8, 8 => 8],
    support: |word| _mm512_xor_si512(word, splat(FLIP)),
    step: |sum, q, t| _mm512_dpbusd_epi32(*sum, q, t)
);

finish!("avx512f", __m512);

#[inline]
#[target_feature(enable = "avx512f")]
fn registers(columns: [&SliceColumn; TAKEN], cols: usize) -> [__m512i; REGISTERS] {
    let first = cols * COLS % SLICE_ROWS;
    // SAFETY: each chunk has the 64 bytes of a register; the load needs no alignment.
    std::array::from_fn(|at| unsafe {
        _mm512_loadu_si512(words::<WIDTH, TAKEN>(columns, first + at * WIDTH).as_ptr().cast())
    })
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u32) -> __m512i {
    _mm512_set1_epi32(word.cast_signed())
}

/// Returns products of integers with the scales of both sides.
#[inline]
#[target_feature(enable = "avx512f")]
fn scaled(sum: __m512i, scale: __m512i, other: __m512i) -> __m512 {
    let scale = _mm512_mul_ps(_mm512_castsi512_ps(scale), _mm512_castsi512_ps(other));
    _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat_float(value: f32) -> __m512 {
    _mm512_set1_ps(value)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn floats(values: &[f32; PANEL_ROWS], cols: usize) -> [__m512; REGISTERS] {
    let (registers, _) = values.as_chunks::<COLS>().0[cols].as_chunks::<WIDTH>();
    std::array::from_fn(|at| load(&registers[at]))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn sum(a: __m512, b: __m512) -> __m512 {
    _mm512_add_ps(a, b)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(values: &[f32; WIDTH]) -> __m512 {
    // SAFETY: 16 values are the 64 bytes of a register; the load needs no alignment.
    unsafe { _mm512_loadu_ps(values.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(values: &mut [f32; WIDTH], register: __m512) {
    // SAFETY: 16 values are the 64 bytes of a register; the store needs no alignment.
    unsafe { _mm512_storeu_ps(values.as_mut_ptr(), register) };
}

/// Returns a bit for each place where `norms - 2 dots < thresholds`.
#[inline]
#[target_feature(enable = "avx512f")]
fn below(
    dots: [__m512; REGISTERS],
    norms: [__m512; REGISTERS],
    thresholds: [__m512; REGISTERS],
) -> [u8; 2 * REGISTERS] {
    let mut bytes = [0; 2 * REGISTERS];
    for (at, bytes) in bytes.as_chunks_mut().0.iter_mut().enumerate() {
        let keys = _mm512_fnmadd_ps(_mm512_set1_ps(2.0), dots[at], norms[at]);
        *bytes = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(keys, thresholds[at]).to_le_bytes();
    }
    bytes
}

/// Computes the exact distances of eight rows at a time, with each lane of `exact.rs` in its own register.
#[inline]
#[target_feature(enable = "avx512f")]
fn distances_below(query: &[f64], support: &[SliceColumn], bound: f64, distances: &mut [f64; PANEL_ROWS]) -> u64 {
    let mut below = 0;
    for (part, distances) in distances.as_chunks_mut::<EXACT>().0.iter_mut().enumerate() {
        let mut lanes = [_mm512_setzero_pd(); DISTANCE_LANES];
        for (query, columns) in float_blocks(query, support, part * EXACT / SLICE_ROWS) {
            let (query, query_rest) = query.as_chunks::<DISTANCE_LANES>();
            let (columns, columns_rest) = columns.as_chunks::<DISTANCE_LANES>();
            for (query, columns) in query.iter().zip(columns) {
                for ((lane, &q), column) in lanes.iter_mut().zip(query).zip(columns) {
                    *lane = _mm512_add_pd(*lane, squared_difference(q, column, part));
                }
            }
            for (at, lane) in lanes.iter_mut().enumerate() {
                if let (Some(&q), Some(column)) = (query_rest.get(at), columns_rest.get(at)) {
                    *lane = _mm512_add_pd(*lane, squared_difference(q, column, part));
                }
            }
        }
        let total = lanes.into_iter().fold(_mm512_setzero_pd(), |total, lane| _mm512_add_pd(total, lane));
        // SAFETY: EXACT values are the 64 bytes of a register; the store needs no alignment.
        unsafe { _mm512_storeu_pd(distances.as_mut_ptr(), total) };
        let found = _mm512_cmp_pd_mask::<_CMP_LT_OQ>(total, _mm512_set1_pd(bound));
        below |= u64::from(found) << (part * EXACT);
    }
    below
}

#[inline]
#[target_feature(enable = "avx512f")]
fn squared_difference(q: f64, column: &SliceColumn, part: usize) -> __m512d {
    let rows = &column.as_chunks::<EXACT>().0[part % (SLICE_ROWS / EXACT)];
    // SAFETY: EXACT words are the 32 bytes of half a register; the load needs no alignment.
    let rows = unsafe { _mm256_loadu_ps(rows.as_ptr().cast()) };
    let difference = _mm512_sub_pd(_mm512_set1_pd(q), _mm512_cvtps_pd(rows));
    _mm512_mul_pd(difference, difference)
}

/// Computes the eight float64 lanes of `exact.rs` in one register.
#[inline]
#[target_feature(enable = "avx512f")]
fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = _mm512_setzero_pd();
    for (a, b) in a.as_chunks::<DISTANCE_LANES>().0.iter().zip(b.as_chunks::<DISTANCE_LANES>().0) {
        // SAFETY: 8 values are the 32 bytes of half a register; the loads need no alignment.
        let (a, b) = unsafe { (_mm256_loadu_ps(a.as_ptr()), _mm256_loadu_ps(b.as_ptr())) };
        let difference = _mm512_sub_pd(_mm512_cvtps_pd(a), _mm512_cvtps_pd(b));
        sums = _mm512_add_pd(sums, _mm512_mul_pd(difference, difference));
    }
    let mut lanes = [0.0; DISTANCE_LANES];
    // SAFETY: 8 values are the 64 bytes of a register; the store needs no alignment.
    unsafe { _mm512_storeu_pd(lanes.as_mut_ptr(), sums) };
    total(lanes, a, b)
}
