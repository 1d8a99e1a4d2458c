//! Convolution: each image's patches are unfolded into a matrix that stays in the cache, and multiplied by the kernels.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::product::{View, product};
use super::values;

/// Images whose kernel gradients one thread adds up: fixed, so that sums do not depend on the number of threads.
const GROUP: usize = 8;

/// Cross-correlation, as every deep-learning library calls convolution: inputs [n, channels, height, width], kernels
/// [outputs, channels, side, side] give [n, outputs, (height + 2 padding - side) / stride + 1, ...]. Differentiable in both.
///
/// # Errors
/// Where the shapes do not fit, or a tensor is not float32.
pub fn conv2d(inputs: &Tensor, kernels: &Tensor, stride: usize, padding: usize) -> Result<Tensor> {
    let size = Size::of(inputs.dims4()?, kernels.dims4()?, stride, padding)?;
    inputs.contiguous()?.apply_op2(&kernels.contiguous()?, Forward(size))
}

/// The sides of everything.
#[derive(Clone, Copy)]
struct Size {
    images: usize,
    channels: usize,
    input: [usize; 2],
    outputs: usize,
    output: [usize; 2],
    side: usize,
    stride: usize,
    padding: usize,
}

impl Size {
    fn of(
        inputs: (usize, usize, usize, usize),
        kernels: (usize, usize, usize, usize),
        stride: usize,
        padding: usize,
    ) -> Result<Self> {
        let (images, channels, height, width) = inputs;
        let (outputs, of, side, other) = kernels;
        let padded = [height, width].map(|length| length + 2 * padding);
        if of != channels || side != other || side == 0 || stride == 0 || padded.iter().any(|&length| length < side) {
            bail!("inputs {inputs:?} do not fit kernels {kernels:?}, stride {stride}, padding {padding}");
        }
        let output = padded.map(|length| (length - side) / stride + 1);
        Ok(Self { images, channels, input: [height, width], outputs, output, side, stride, padding })
    }

    fn image(&self) -> usize {
        self.channels * self.input[0] * self.input[1]
    }

    fn pixels(&self) -> usize {
        self.output[0] * self.output[1]
    }

    fn patch(&self) -> usize {
        self.channels * self.side * self.side
    }

    /// For each row of patches, [patch, pixels]: its channel, and the pixel of the input that its first pixel is at, which may
    /// lie in the padding.
    fn rows(&self) -> impl Iterator<Item = (usize, [isize; 2])> {
        let padding = self.padding as isize;
        (0..self.patch()).map(move |row| {
            let (channel, within) = (row / (self.side * self.side), row % (self.side * self.side));
            (channel, [(within / self.side) as isize - padding, (within % self.side) as isize - padding])
        })
    }

    /// The columns of an output row whose input columns, beginning at `first`, are inside, and the first of those.
    fn inside(&self, first: isize) -> (std::ops::Range<usize>, usize) {
        let (stride, width) = (self.stride as isize, self.input[1] as isize);
        let start = if first < 0 { (-first + stride - 1) / stride } else { 0 };
        let end =
            if first < width { (width - first + stride - 1) / stride } else { 0 }.clamp(0, self.output[1] as isize);
        let start = start.min(end);
        (start as usize..end as usize, (first + start * stride).max(0) as usize)
    }

    /// The input row of an output row, if it is inside.
    fn input_row(&self, first: isize, row: usize) -> Option<usize> {
        usize::try_from(first + (row * self.stride) as isize).ok().filter(|&row| row < self.input[0])
    }

    /// The patches of an image as columns, [patch, pixels].
    fn unfold(&self, image: &[f32], patches: &mut [f32]) {
        let [height, width] = self.input;
        for ((channel, [top, left]), patches) in self.rows().zip(patches.chunks_exact_mut(self.pixels())) {
            let plane = &image[channel * height * width..][..height * width];
            let (inside, from) = self.inside(left);
            for (row, to) in patches.chunks_exact_mut(self.output[1]).enumerate() {
                let Some(input) = self.input_row(top, row) else {
                    to.fill(0.0);
                    continue;
                };
                let line = &plane[input * width..][..width];
                to[..inside.start].fill(0.0);
                to[inside.end..].fill(0.0);
                if self.stride == 1 {
                    to[inside.clone()].copy_from_slice(&line[from..from + inside.len()]);
                } else {
                    let strided = line.get(from..).unwrap_or_default().iter().step_by(self.stride);
                    to[inside.clone()].iter_mut().zip(strided).for_each(|(to, value)| *to = *value);
                }
            }
        }
    }

    /// Adds patches to the image that they would come from.
    fn fold(&self, patches: &[f32], image: &mut [f32]) {
        let [height, width] = self.input;
        for ((channel, [top, left]), patches) in self.rows().zip(patches.chunks_exact(self.pixels())) {
            let plane = &mut image[channel * height * width..][..height * width];
            let (inside, from) = self.inside(left);
            for (row, values) in patches.chunks_exact(self.output[1]).enumerate() {
                let Some(input) = self.input_row(top, row) else { continue };
                let line = plane[input * width..][..width].get_mut(from..).unwrap_or_default();
                line.iter_mut().step_by(self.stride).zip(&values[inside.clone()]).for_each(|(to, value)| *to += value);
            }
        }
    }

    fn kernels<'a>(&self, kernels: &'a [f32]) -> View<'a> {
        View { values: kernels, rows: self.outputs, cols: self.patch(), transposed: false }
    }

    fn patches<'a>(&self, patches: &'a [f32]) -> View<'a> {
        View { values: patches, rows: self.patch(), cols: self.pixels(), transposed: false }
    }

    fn maps<'a>(&self, maps: &'a [f32]) -> View<'a> {
        View { values: maps, rows: self.outputs, cols: self.pixels(), transposed: false }
    }
}

fn turned(view: View) -> View {
    View { rows: view.cols, cols: view.rows, transposed: !view.transposed, ..view }
}

/// Inputs and kernels to outputs.
struct Forward(Size);

impl CustomOp2 for Forward {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn cpu_fwd(
        &self,
        inputs: &CpuStorage,
        of: &Layout,
        kernels: &CpuStorage,
        by: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (size, inputs, kernels) = (self.0, values(inputs, of)?, values(kernels, by)?);
        let mut out = vec![0.0; size.images * size.outputs * size.pixels()];
        let each = out.par_chunks_mut(size.outputs * size.pixels()).zip(inputs.par_chunks(size.image()));
        each.for_each_init(
            || vec![0.0; size.patch() * size.pixels()],
            |patches, (out, image)| {
                size.unfold(image, patches);
                product(out, size.kernels(kernels), size.patches(patches), false);
            },
        );
        Ok((CpuStorage::F32(out), (size.images, size.outputs, size.output[0], size.output[1]).into()))
    }

    fn bwd(
        &self,
        inputs: &Tensor,
        kernels: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        // The images themselves need no gradient.
        let of_inputs = inputs.track_op().then(|| gradient.apply_op2_no_bwd(kernels, &OfInputs(self.0))).transpose()?;
        Ok((of_inputs, Some(inputs.apply_op2_no_bwd(&gradient, &OfKernels(self.0))?)))
    }
}

/// The outputs' gradient and kernels to the inputs' gradient.
struct OfInputs(Size);

impl CustomOp2 for OfInputs {
    fn name(&self) -> &'static str {
        "conv2d-of-inputs"
    }

    fn cpu_fwd(
        &self,
        gradient: &CpuStorage,
        of: &Layout,
        kernels: &CpuStorage,
        by: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (size, gradient, kernels) = (self.0, values(gradient, of)?, values(kernels, by)?);
        let mut out = vec![0.0; size.images * size.image()];
        let each = out.par_chunks_mut(size.image()).zip(gradient.par_chunks(size.outputs * size.pixels()));
        each.for_each_init(
            || vec![0.0; size.patch() * size.pixels()],
            |patches, (image, maps)| {
                product(patches, turned(size.kernels(kernels)), size.maps(maps), false);
                size.fold(patches, image);
            },
        );
        Ok((CpuStorage::F32(out), (size.images, size.channels, size.input[0], size.input[1]).into()))
    }
}

/// Inputs and the outputs' gradient to the kernels' gradient.
struct OfKernels(Size);

impl CustomOp2 for OfKernels {
    fn name(&self) -> &'static str {
        "conv2d-of-kernels"
    }

    fn cpu_fwd(
        &self,
        inputs: &CpuStorage,
        of: &Layout,
        gradient: &CpuStorage,
        by: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (size, inputs, gradient) = (self.0, values(inputs, of)?, values(gradient, by)?);
        let maps = size.outputs * size.pixels();
        let groups = inputs.par_chunks(GROUP * size.image()).zip(gradient.par_chunks(GROUP * maps));
        let of_group = |patches: &mut Vec<f32>, (images, gradients): (&[f32], &[f32])| {
            let mut sum = vec![0.0; size.outputs * size.patch()];
            for (image, maps) in images.chunks_exact(size.image()).zip(gradients.chunks_exact(maps)) {
                size.unfold(image, patches);
                product(&mut sum, size.maps(maps), turned(size.patches(patches)), true);
            }
            sum
        };
        let sums: Vec<Vec<f32>> = groups.map_init(|| vec![0.0; size.patch() * size.pixels()], of_group).collect();
        let mut out = vec![0.0; size.outputs * size.patch()];
        for sum in sums {
            out.iter_mut().zip(sum).for_each(|(out, value)| *out += value);
        }
        Ok((CpuStorage::F32(out), (size.outputs, size.channels, size.side, size.side).into()))
    }
}
