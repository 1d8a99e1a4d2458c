//! Convolution of one image, forward and backward, while it fits in the cache.

use pulp::Simd;

use super::microkernel::{accumulate, correlate};
use super::packed::Packing;
use super::size::{Phase, Size};

/// Added to the variance of a kernel (Kolesnikov et al., "Big Transfer", 2020).
pub(super) const EPSILON: f32 = 1e-10;

/// A convolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conv {
    pub size: Size,
    /// Whether a ReLU is applied to the inputs first.
    pub rectified: bool,
    /// Whether each kernel is standardised to mean 0 and variance 1 first.
    pub standardized: bool,
}

/// The kernels that are applied, [outputs, patch], and the deviations by which standardisation divided them,
/// `[outputs]`.
pub(super) struct Kernels {
    pub values: Vec<f32>,
    deviations: Vec<f32>,
}

/// Kernels packed for the backward pass, by phase.
pub(super) struct Back(Vec<(Phase, Vec<f32>)>);

impl Conv {
    /// Reads the kernels from rows of parameters. A row is `each` values long and starts with the kernel.
    pub fn kernels(&self, parameters: &[f32], each: usize) -> Kernels {
        let patch = self.size.patch();
        let (mut values, mut deviations) = (Vec::with_capacity(self.size.outputs * patch), Vec::new());
        for row in parameters.chunks_exact(each) {
            let kernel = &row[..patch];
            if self.standardized {
                let mean = kernel.iter().sum::<f32>() / patch as f32;
                let variance = kernel.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / patch as f32;
                let deviation = (variance + EPSILON).sqrt();
                values.extend(kernel.iter().map(|value| (value - mean) / deviation));
                deviations.push(deviation);
            } else {
                values.extend(kernel);
            }
        }
        Kernels { values, deviations }
    }

    /// Converts the gradient of a standardised kernel to that of the original kernel.
    pub fn unstandardized(&self, kernels: &Kernels, map: usize, gradient: &mut [f32]) {
        if !self.standardized {
            return;
        }
        let (patch, kernel) = (gradient.len() as f32, &kernels.values[map * gradient.len()..][..gradient.len()]);
        let mean = gradient.iter().sum::<f32>() / patch;
        let along = gradient.iter().zip(kernel).map(|(gradient, value)| gradient * value).sum::<f32>() / patch;
        let scale = 1.0 / kernels.deviations[map];
        gradient.iter_mut().zip(kernel).for_each(|(to, value)| *to = scale * (*to - mean - value * along));
    }

    /// Returns how the kernels are packed.
    pub fn packing(&self) -> Packing {
        Packing { lanes: Packing::lanes(), values: self.size.patch(), maps: self.size.outputs }
    }

    /// Returns the index in a kernel [channels, side, side] of the value with index `at` in the packed kernel.
    pub fn place(&self, at: usize) -> usize {
        let (within, channel) = (at / self.size.channels, at % self.size.channels);
        channel * self.size.side * self.size.side + within
    }

    /// Packs the kernels for the forward pass.
    pub fn pack_forward(&self, kernels: &Kernels) -> Vec<f32> {
        let patch = self.size.patch();
        self.packing().pack(|map, at| kernels.values[map * patch + self.place(at)])
    }

    /// Packs the kernels for the backward pass.
    pub fn back(&self, kernels: &Kernels) -> Back {
        let (size, packing) = (self.size, self.packing());
        let pack = |phase: Phase| {
            let packing = Packing { values: phase.patches.values(), maps: size.channels, ..packing };
            let packed = packing.pack(|channel, at| {
                let [row, column] = phase.places[at / size.outputs];
                let within = (channel * size.side + row) * size.side + column;
                kernels.values[at % size.outputs * size.patch() + within]
            });
            (phase, packed)
        };
        Back(size.phases(packing.wide()).into_iter().map(pack).collect())
    }

    /// Copies an image into the interior of `padded`, whose margins stay 0.
    #[inline(always)]
    pub fn pad(&self, image: &[f32], padded: &mut [f32]) {
        let (inner, line) = (self.size.inner(), self.size.input[1] * self.size.channels);
        for (row, values) in image.chunks_exact(line).enumerate() {
            let to = &mut padded[inner.first + row * inner.row..][..line];
            if self.rectified {
                to.iter_mut().zip(values).for_each(|(to, value)| *to = value.max(0.0));
            } else {
                to.copy_from_slice(values);
            }
        }
    }

    /// Computes the maps of a padded image, [height, width, outputs].
    #[inline(always)]
    pub fn forward<S: Simd>(&self, simd: S, padded: &[f32], kernels: &[f32], maps: &mut [f32]) {
        correlate(simd, &self.size.patches(), padded, kernels, self.size.dense(), self.size.outputs, maps);
    }

    /// Adds the kernels' gradient of one image to `sums` (packed). `gradient` is the padded gradient of the image's
    /// maps.
    #[inline(always)]
    pub fn of_kernels<S: Simd>(&self, simd: S, padded: &[f32], gradient: &[f32], sums: &mut [f32]) {
        let (size, wide) = (&self.size, self.packing().wide());
        let inner = size.inner_gradient(wide);
        accumulate(simd, &size.patches(), padded, inner, gradient, size.outputs, sums);
    }

    /// Computes the gradient of an image from the padded gradient of its maps.
    #[inline(always)]
    pub fn of_inputs<S: Simd>(&self, simd: S, image: &[f32], gradient: &[f32], back: &Back, to: &mut [f32]) {
        for (phase, kernels) in &back.0 {
            correlate(simd, &phase.patches, gradient, kernels, phase.to, self.size.channels, to);
        }
        if self.rectified {
            to.iter_mut().zip(image).for_each(|(to, value)| *to = if *value > 0.0 { *to } else { 0.0 });
        }
    }
}
