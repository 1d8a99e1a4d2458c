//! Pooling: the largest value of each square. Of equal ones the first has the gradient, as in PyTorch.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::values;

/// Inputs [n, channels, height, width] to the largest of each `side` x `side` square, [n, channels, height / side, width / side];
/// what is left over at the right and below is dropped. Differentiable.
///
/// # Errors
/// Where no square fits, or the tensor is not float32.
pub fn max_pool2d(inputs: &Tensor, side: usize) -> Result<Tensor> {
    let (images, channels, height, width) = inputs.dims4()?;
    if side == 0 || height < side || width < side {
        bail!("squares of {side} x {side} do not fit into {height} x {width}");
    }
    let size = Size { planes: [images, channels], input: [height, width], side };
    inputs.contiguous()?.apply_op1(Forward(size))
}

#[derive(Clone, Copy)]
struct Size {
    planes: [usize; 2],
    input: [usize; 2],
    side: usize,
}

impl Size {
    fn output(&self) -> [usize; 2] {
        self.input.map(|length| length / self.side)
    }

    fn area(&self) -> usize {
        self.input[0] * self.input[1]
    }

    fn pooled(&self) -> usize {
        self.output()[0] * self.output()[1]
    }

    /// Where in a plane the largest value of an output's square is.
    fn largest(&self, plane: &[f32], at: usize) -> usize {
        let [_, columns] = self.output();
        let corner = at / columns * self.side * self.input[1] + at % columns * self.side;
        let mut best = corner;
        for row in 0..self.side {
            let start = corner + row * self.input[1];
            for place in start..start + self.side {
                if plane[place] > plane[best] {
                    best = place;
                }
            }
        }
        best
    }
}

struct Forward(Size);

impl CustomOp1 for Forward {
    fn name(&self) -> &'static str {
        "max-pool2d"
    }

    fn cpu_fwd(&self, inputs: &CpuStorage, of: &Layout) -> Result<(CpuStorage, Shape)> {
        let (size, inputs) = (self.0, values(inputs, of)?);
        let [images, channels] = size.planes;
        let mut out = vec![0.0; images * channels * size.pooled()];
        out.par_chunks_mut(size.pooled()).zip(inputs.par_chunks(size.area())).with_min_len(64).for_each(
            |(out, plane)| {
                out.iter_mut().enumerate().for_each(|(at, out)| *out = plane[size.largest(plane, at)]);
            },
        );
        let [height, width] = size.output();
        Ok((CpuStorage::F32(out), (images, channels, height, width).into()))
    }

    fn bwd(&self, inputs: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(inputs.apply_op2_no_bwd(&gradient.contiguous()?, &Backward(self.0))?))
    }
}

/// Inputs and the outputs' gradient to the inputs' gradient.
struct Backward(Size);

impl CustomOp2 for Backward {
    fn name(&self) -> &'static str {
        "max-pool2d-backward"
    }

    fn cpu_fwd(
        &self,
        inputs: &CpuStorage,
        of: &Layout,
        gradient: &CpuStorage,
        by: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (size, inputs, gradient) = (self.0, values(inputs, of)?, values(gradient, by)?);
        let mut out = vec![0.0; inputs.len()];
        let planes = inputs.par_chunks(size.area()).zip(gradient.par_chunks(size.pooled()));
        out.par_chunks_mut(size.area()).zip(planes).with_min_len(64).for_each(|(out, (plane, gradient))| {
            gradient.iter().enumerate().for_each(|(at, gradient)| out[size.largest(plane, at)] += gradient);
        });
        let ([images, channels], [height, width]) = (size.planes, size.input);
        Ok((CpuStorage::F32(out), (images, channels, height, width).into()))
    }
}
