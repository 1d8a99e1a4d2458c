//! Batch normalisation in training: by the mean and variance of each map over the whole batch.

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::microkernel::Grid;
use super::pool;
use super::tensors::{PARTS, read, values};

/// Added to variances; PyTorch's default.
pub(super) const EPSILON: f32 = 1e-5;

/// The operation: maps [n, height, width, maps] are normalised, scaled and shifted by parameters [2, maps], then
/// max-pooled over squares of side `pool`.
pub(super) struct Batch {
    shape: [usize; 4],
    pool: usize,
    means: Vec<f32>,
    inverse: Vec<f32>,
    /// Position of the largest value within its square, for each image's pooled values.
    places: OnceLock<Vec<Vec<u8>>>,
}

/// Computes the mean and the (biased) variance of each map.
pub(super) fn statistics(maps: &Tensor) -> Result<[Vec<f32>; 2]> {
    let (images, height, width, channels) = maps.dims4()?;
    let count = (images * height * width) as f32;
    read(maps, |values| {
        let means = sums(values, images, channels, |sums, pixel| {
            sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
        });
        let means: Vec<f32> = means.into_iter().map(|sum| sum / count).collect();
        let squares = sums(values, images, channels, |sums, pixel| {
            for ((sum, value), mean) in sums.iter_mut().zip(pixel).zip(&means) {
                *sum += (value - mean) * (value - mean);
            }
        });
        Ok([means, squares.into_iter().map(|sum| sum / count).collect()])
    })
}

/// Sums over all pixels: `add` adds a pixel to the sums. Adds within fixed parts of the batch first, so that the result
/// does not depend on the number of threads.
fn sums(values: &[f32], images: usize, length: usize, add: impl Fn(&mut [f32], &[f32]) + Sync) -> Vec<f32> {
    let part = images.div_ceil(PARTS) * (values.len() / images);
    let of_part = |values: &[f32]| {
        let mut sums = vec![0.0; length];
        values.chunks_exact(length).for_each(|pixel| add(&mut sums, pixel));
        sums
    };
    let parts: Vec<Vec<f32>> = values.par_chunks(part).map(of_part).collect();
    let mut all = vec![0.0; length];
    parts.iter().for_each(|sums| all.iter_mut().zip(sums).for_each(|(all, sum)| *all += sum));
    all
}

impl Batch {
    pub fn new(maps: &Tensor, [means, variances]: &[Vec<f32>; 2], pool: usize) -> Result<Self> {
        let (images, height, width, channels) = maps.dims4()?;
        let inverse = variances.iter().map(|variance| 1.0 / (variance + EPSILON).sqrt()).collect();
        let shape = [images, height, width, channels];
        Ok(Self { shape, pool, means: means.clone(), inverse, places: OnceLock::new() })
    }

    fn pooled(&self) -> [usize; 4] {
        let [images, height, width, channels] = self.shape;
        [images, height / self.pool, width / self.pool, channels]
    }

    /// Returns the number of values of an image before and after pooling.
    fn each(&self) -> [usize; 2] {
        [self.shape, self.pooled()].map(|shape| shape[1..].iter().product())
    }

    /// Returns the gradient of an image before pooling.
    fn spread<'a>(&self, gradient: &'a [f32], places: &[u8], scratch: &'a mut Vec<f32>) -> &'a [f32] {
        if self.pool == 1 {
            return gradient;
        }
        let [_, height, width, channels] = self.shape;
        scratch.resize(self.each()[0], 0.0);
        let to = Grid { first: 0, row: width * channels, pixel: channels };
        pool::backward(gradient, places, [height, width], channels, self.pool, to, scratch);
        scratch
    }

    fn backward(&self, maps: &[f32], scale: &[f32], gradient: &[f32]) -> Result<[Vec<f32>; 2]> {
        let Some(places) = self.places.get() else { bail!("the backward pass needs a forward pass first") };
        let ([images, _, _, channels], [each, left]) = (self.shape, self.each());
        let part = images.div_ceil(PARTS);
        // For each map: the sum of gradient times normalised map, and the sum of the gradient.
        let of_part = |at: usize| {
            let (mut sums, mut scratch) = (vec![0.0; 2 * channels], Vec::new());
            let (along, plain) = sums.split_at_mut(channels);
            for image in at * part..((at + 1) * part).min(images) {
                let gradient = self.spread(&gradient[image * left..][..left], &places[image], &mut scratch);
                let pixels = maps[image * each..][..each].chunks_exact(channels);
                for (pixel, gradient) in pixels.zip(gradient.chunks_exact(channels)) {
                    for (map, (value, gradient)) in pixel.iter().zip(gradient).enumerate() {
                        plain[map] += gradient;
                        along[map] += gradient * (value - self.means[map]) * self.inverse[map];
                    }
                }
            }
            sums
        };
        let parts: Vec<Vec<f32>> = (0..images.div_ceil(part)).into_par_iter().map(of_part).collect();
        let mut sums = vec![0.0; 2 * channels];
        parts.iter().for_each(|part| sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += value));
        // With x the normalised map and g its gradient: scale (g - mean g - x mean(g x)) / deviation (Ioffe and
        // Szegedy, 2015).
        let count = (maps.len() / channels) as f32;
        let mut out = vec![0.0; maps.len()];
        out.par_chunks_mut(each).enumerate().for_each_init(Vec::new, |scratch, (image, out)| {
            let gradient = self.spread(&gradient[image * left..][..left], &places[image], scratch);
            let pixels = maps[image * each..][..each].chunks_exact(channels).zip(gradient.chunks_exact(channels));
            for (out, (pixel, gradient)) in out.chunks_exact_mut(channels).zip(pixels) {
                for (map, out) in out.iter_mut().enumerate() {
                    let normal = (pixel[map] - self.means[map]) * self.inverse[map];
                    let rest = (sums[channels + map] + normal * sums[map]) / count;
                    *out = scale[map] * self.inverse[map] * (gradient[map] - rest);
                }
            }
        });
        Ok([out, sums])
    }
}

impl CustomOp2 for Batch {
    fn name(&self) -> &'static str {
        "batch-normalise"
    }

    fn cpu_fwd(
        &self,
        maps: &CpuStorage,
        of: &Layout,
        parameters: &CpuStorage,
        by: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (maps, parameters) = (values(maps, of)?, values(parameters, by)?);
        let ([_, height, width, channels], [each, left]) = (self.shape, self.each());
        let (scale, shift) = parameters.split_at(channels);
        let mut out = vec![0.0; self.pooled().iter().product()];
        let images = out.par_chunks_mut(left).zip(maps.par_chunks(each));
        let normalise = |image: &[f32], to: &mut [f32]| {
            for (to, pixel) in to.chunks_exact_mut(channels).zip(image.chunks_exact(channels)) {
                for (map, (to, value)) in to.iter_mut().zip(pixel).enumerate() {
                    *to = (value - self.means[map]) * self.inverse[map] * scale[map] + shift[map];
                }
            }
        };
        let each = |scratch: &mut Vec<f32>, (out, image): (&mut [f32], &[f32])| {
            if self.pool == 1 {
                normalise(image, out);
                return Vec::new();
            }
            scratch.resize(each, 0.0);
            normalise(image, scratch);
            let mut places = vec![0; left];
            pool::forward(scratch, [height, width], channels, self.pool, out, &mut places);
            places
        };
        let places = images.map_init(Vec::new, each).collect();
        // Set only once: every call creates a new operation.
        let _ = self.places.set(places);
        Ok((CpuStorage::F32(out), self.pooled().to_vec().into()))
    }

    fn bwd(
        &self,
        maps: &Tensor,
        parameters: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let found = read(maps, |of| read(parameters, |by| read(&gradient, |to| self.backward(of, by, to))));
        let [of_maps, of_parameters] = found?;
        let of_maps = Tensor::from_vec(of_maps, maps.shape(), maps.device())?;
        Ok((Some(of_maps), Some(Tensor::from_vec(of_parameters, parameters.shape(), maps.device())?)))
    }
}
