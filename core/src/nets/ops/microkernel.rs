//! The innermost loops. A tile keeps its sums in registers: a few pixels (or positions in a patch) by a few vectors of
//! maps.

use std::array;

use pulp::Simd;

/// Vectors of maps per tile.
pub(super) const VECTORS: usize = 2;

/// A contiguous run of values, starting `start` values after a pixel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub start: usize,
    pub values: usize,
}

/// Memory layout of pixels: offset of the first, and the steps to the next row and to the next pixel in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub first: usize,
    pub row: usize,
    pub pixel: usize,
}

/// The patches of a map: `count` = [rows, columns] of pixels, and for each pixel the segments to multiply by the
/// kernels.
#[derive(Clone, Debug)]
pub(super) struct Patches {
    pub segments: Vec<Segment>,
    pub count: [usize; 2],
    pub grid: Grid,
}

impl Patches {
    /// Returns the number of values of a patch.
    pub fn values(&self) -> usize {
        self.segments.iter().map(|segment| segment.values).sum()
    }
}

/// Returns the maximum number of pixels (or patch positions) in a tile, which leaves registers for the operands.
const fn most<S: Simd>() -> usize {
    // WebAssembly does not limit registers; the processors that run it have at least 16.
    let registers = if cfg!(target_family = "wasm") { 16 } else { S::REGISTER_COUNT };
    (registers - 3) / VECTORS
}

/// Splits `count` into parts of about equal size, at most `most` each. Yields start and size of each part.
fn parts(count: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let parts = count.div_ceil(most).max(1);
    (0..parts).map(move |part| (part * count / parts, (part + 1) * count / parts - part * count / parts))
}

/// Calls a tile function with its size as a constant, so that its loops unroll.
macro_rules! sized {
    ($size:expr, $most:expr, $tile:ident, $given:tt) => {
        sized!($size, $most, $tile, $given, 1 2 3 4 5 6 7 8 9 10 11 12 13 14)
    };
    ($size:expr, $most:expr, $tile:ident, $given:tt, $($each:literal)*) => {
        match $size {
            $($each if $each <= $most => sized!(@ $tile, $each, $given),)*
            other => unreachable!("a tile of {other}"),
        }
    };
    (@ $tile:ident, $size:literal, ($($given:expr),*)) => { $tile::<S, $size, V>($($given),*) };
}

/// Multiplies each pixel's patch by the kernels, packed as in [`super::packed`], and writes `maps` values per pixel of
/// `to`.
#[inline(always)]
pub(super) fn correlate<S: Simd>(
    simd: S,
    patches: &Patches,
    source: &[f32],
    kernels: &[f32],
    to: Grid,
    maps: usize,
    target: &mut [f32],
) {
    let (kernels, _) = S::as_simd_f32s(kernels);
    let (values, vectors) = (patches.values(), maps.div_ceil(S::F32_LANES));
    let paired = vectors / VECTORS * VECTORS;
    for first in (0..paired).step_by(VECTORS) {
        let kernels = &kernels[first * values..][..VECTORS * values];
        correlate_block::<S, VECTORS>(simd, patches, source, kernels, to, first * S::F32_LANES..maps, target);
    }
    if paired < vectors {
        let kernels = &kernels[paired * values..][..values];
        correlate_block::<S, 1>(simd, patches, source, kernels, to, paired * S::F32_LANES..maps, target);
    }
}

#[inline(always)]
fn correlate_block<S: Simd, const V: usize>(
    simd: S,
    patches: &Patches,
    source: &[f32],
    kernels: &[S::f32s],
    to: Grid,
    maps: std::ops::Range<usize>,
    target: &mut [f32],
) {
    let (kernels, _) = kernels.as_chunks::<V>();
    let [rows, columns] = patches.count;
    let written = maps.len().min(V * S::F32_LANES);
    for row in 0..rows {
        for (start, size) in parts(columns, const { most::<S>() }) {
            let source = &source[patches.grid.first + row * patches.grid.row + start * patches.grid.pixel..];
            let target = &mut target[to.first + row * to.row + start * to.pixel + maps.start..];
            let (segments, steps) = (&patches.segments[..], [patches.grid.pixel, to.pixel]);
            sized!(
                size,
                const { most::<S>() },
                correlate_tile,
                (simd, segments, source, kernels, steps, written, target)
            );
        }
    }
}

#[inline(always)]
fn correlate_tile<S: Simd, const M: usize, const V: usize>(
    simd: S,
    segments: &[Segment],
    source: &[f32],
    kernels: &[[S::f32s; V]],
    [from, to]: [usize; 2],
    written: usize,
    target: &mut [f32],
) {
    let mut sums = [[simd.splat_f32s(0.0); V]; M];
    let mut kernels = kernels;
    for segment in segments {
        let (these, rest) = kernels.split_at(segment.values);
        kernels = rest;
        let values: [&[f32]; M] = array::from_fn(|pixel| &source[segment.start + pixel * from..][..these.len()]);
        for (place, kernel) in these.iter().enumerate() {
            for pixel in 0..M {
                let value = simd.splat_f32s(values[pixel][place]);
                for vector in 0..V {
                    sums[pixel][vector] = simd.mul_add_e_f32s(value, kernel[vector], sums[pixel][vector]);
                }
            }
        }
    }
    for (pixel, sums) in sums.iter().enumerate() {
        let target = &mut target[pixel * to..][..written];
        for (target, sum) in target.chunks_mut(S::F32_LANES).zip(sums) {
            match S::as_mut_simd_f32s(target).0 {
                [whole] => *whole = *sum,
                _ => simd.partial_store_f32s(target, *sum),
            }
        }
    }
}

/// Adds, over all pixels, the products of each pixel's patch and its gradients to `sums`, packed as kernels are. The
/// gradients, at the pixels of `by`, are padded to whole vectors.
#[inline(always)]
pub(super) fn accumulate<S: Simd>(
    simd: S,
    patches: &Patches,
    source: &[f32],
    by: Grid,
    gradients: &[f32],
    maps: usize,
    sums: &mut [f32],
) {
    let (sums, _) = S::as_mut_simd_f32s(sums);
    let (values, vectors) = (patches.values(), maps.div_ceil(S::F32_LANES));
    let paired = vectors / VECTORS * VECTORS;
    for first in (0..paired).step_by(VECTORS) {
        let sums = &mut sums[first * values..][..VECTORS * values];
        accumulate_block::<S, VECTORS>(simd, patches, source, by, &gradients[first * S::F32_LANES..], sums);
    }
    if paired < vectors {
        let sums = &mut sums[paired * values..][..values];
        accumulate_block::<S, 1>(simd, patches, source, by, &gradients[paired * S::F32_LANES..], sums);
    }
}

#[inline(always)]
fn accumulate_block<S: Simd, const V: usize>(
    simd: S,
    patches: &Patches,
    source: &[f32],
    by: Grid,
    gradients: &[f32],
    sums: &mut [S::f32s],
) {
    let mut sums = sums.as_chunks_mut::<V>().0;
    for segment in &patches.segments {
        let (these, rest) = sums.split_at_mut(segment.values);
        sums = rest;
        for (start, size) in parts(segment.values, const { most::<S>() }) {
            let (source, sums) = (&source[segment.start + start..], &mut these[start..][..size]);
            sized!(size, const { most::<S>() }, accumulate_tile, (simd, patches, source, by, gradients, sums));
        }
    }
}

#[inline(always)]
fn accumulate_tile<S: Simd, const M: usize, const V: usize>(
    simd: S,
    patches: &Patches,
    source: &[f32],
    by: Grid,
    gradients: &[f32],
    sums: &mut [[S::f32s; V]],
) {
    let mut all: [[S::f32s; V]; M] = array::from_fn(|place| sums[place]);
    let ([rows, columns], from) = (patches.count, patches.grid);
    for row in 0..rows {
        let source = &source[from.first + row * from.row..];
        let gradients = &gradients[by.first + row * by.row..];
        for column in 0..columns {
            let values = &source[column * from.pixel..][..M];
            let (gradient, _) = S::as_simd_f32s(&gradients[column * by.pixel..][..V * S::F32_LANES]);
            for place in 0..M {
                let value = simd.splat_f32s(values[place]);
                for vector in 0..V {
                    all[place][vector] = simd.mul_add_e_f32s(value, gradient[vector], all[place][vector]);
                }
            }
        }
    }
    sums.copy_from_slice(&all);
}
