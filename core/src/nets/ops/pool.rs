//! Max pooling. The first of equal values receives the gradient, as in PyTorch.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape};
use rayon::prelude::*;

use super::microkernel::Grid;
use super::tensors::values;

/// Pooling of maps [n, height, width, maps] by itself, which has no gradient.
pub(super) struct Pool {
    pub side: usize,
}

impl CustomOp1 for Pool {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn cpu_fwd(&self, maps: &CpuStorage, of: &Layout) -> Result<(CpuStorage, Shape)> {
        let (images, height, width, channels) = of.shape().dims4()?;
        let [rows, columns] = [height, width].map(|length| length / self.side);
        let mut out = vec![0.0; images * rows * columns * channels];
        let pairs = out.par_chunks_mut(rows * columns * channels);
        pairs.zip(values(maps, of)?.par_chunks(height * width * channels)).for_each(|(out, maps)| {
            largest(maps, [height, width], channels, self.side, out);
        });
        Ok((CpuStorage::F32(out), (images, rows, columns, channels).into()))
    }
}

/// Computes [`forward`] without the positions, which keep the compiler from comparing several values at once.
fn largest(maps: &[f32], [height, width]: [usize; 2], channels: usize, side: usize, out: &mut [f32]) {
    for (row, out) in out.chunks_exact_mut(width / side * channels).enumerate().take(height / side) {
        for (column, out) in out.chunks_exact_mut(channels).enumerate() {
            let corner = (row * side * width + column * side) * channels;
            out.copy_from_slice(&maps[corner..][..channels]);
            for place in 1..side * side {
                let pixel = corner + (place / side * width + place % side) * channels;
                for (out, &value) in out.iter_mut().zip(&maps[pixel..][..channels]) {
                    *out = if value > *out { value } else { *out };
                }
            }
        }
    }
}

/// Computes the largest value of each `side` x `side` square of an image's maps [height, width, maps], and its position
/// within the square. Rows and columns that do not fill a square are dropped.
#[inline(always)]
pub(super) fn forward(
    maps: &[f32],
    [height, width]: [usize; 2],
    channels: usize,
    side: usize,
    out: &mut [f32],
    places: &mut [u8],
) {
    let line = width / side * channels;
    let rows = out.chunks_exact_mut(line).zip(places.chunks_exact_mut(line));
    for (row, (out, places)) in rows.enumerate().take(height / side) {
        for (column, (out, places)) in out.chunks_exact_mut(channels).zip(places.chunks_exact_mut(channels)).enumerate()
        {
            let corner = (row * side * width + column * side) * channels;
            out.copy_from_slice(&maps[corner..][..channels]);
            places.fill(0);
            for place in 1..side * side {
                let pixel = corner + (place / side * width + place % side) * channels;
                for ((out, at), value) in out.iter_mut().zip(&mut *places).zip(&maps[pixel..][..channels]) {
                    let larger = *value > *out;
                    *out = if larger { *value } else { *out };
                    *at = if larger { place as u8 } else { *at };
                }
            }
        }
    }
}

/// Writes the gradient of the maps to the pixels of the grid `to`, from the gradient of the pooled values.
#[inline(always)]
pub(super) fn backward(
    gradient: &[f32],
    places: &[u8],
    [height, width]: [usize; 2],
    channels: usize,
    side: usize,
    to: Grid,
    maps: &mut [f32],
) {
    let line = width / side * channels;
    let rows = gradient.chunks_exact(line).zip(places.chunks_exact(line));
    let dropped = |length: usize| length / side * side..length;
    for row in dropped(height) {
        maps[to.first + row * to.row..][..width * to.pixel].fill(0.0);
    }
    for (row, (gradient, places)) in rows.enumerate().take(height / side) {
        for row in row * side..(row + 1) * side {
            for column in dropped(width) {
                maps[to.first + row * to.row + column * to.pixel..][..channels].fill(0.0);
            }
        }
        for (column, (gradient, places)) in
            gradient.chunks_exact(channels).zip(places.chunks_exact(channels)).enumerate()
        {
            let corner = to.first + row * side * to.row + column * side * to.pixel;
            for place in 0..side * side {
                let pixel = corner + place / side * to.row + place % side * to.pixel;
                for ((to, at), value) in maps[pixel..][..channels].iter_mut().zip(places).zip(gradient) {
                    *to = if usize::from(*at) == place { *value } else { 0.0 };
                }
            }
        }
    }
}
