//! ReLU, where it is not fused into a convolution.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::tensors::values;

/// Number of values per parallel task.
const CHUNK: usize = 1 << 14;

pub(super) struct Rectify;

impl CustomOp1 for Rectify {
    fn name(&self) -> &'static str {
        "rectify"
    }

    fn cpu_fwd(&self, inputs: &CpuStorage, of: &Layout) -> Result<(CpuStorage, Shape)> {
        let inputs = values(inputs, of)?;
        let mut out = vec![0.0; inputs.len()];
        out.par_chunks_mut(CHUNK).zip(inputs.par_chunks(CHUNK)).for_each(|(out, values)| {
            out.iter_mut().zip(values).for_each(|(to, value)| *to = rectified(*value));
        });
        Ok((CpuStorage::F32(out), of.shape().clone()))
    }

    fn bwd(&self, inputs: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        of_inputs(inputs, gradient).map(Some)
    }
}

/// Returns the ReLU of a value.
#[inline(always)]
pub(super) fn rectified(value: f32) -> f32 {
    value.max(0.0)
}

/// Returns the gradient of the inputs: that of the outputs where the input is above 0, else 0.
pub(super) fn of_inputs(inputs: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    inputs.apply_op2_no_bwd(&gradient.contiguous()?, &Backward)
}

struct Backward;

impl CustomOp2 for Backward {
    fn name(&self) -> &'static str {
        "rectify-backward"
    }

    fn cpu_fwd(
        &self,
        inputs: &CpuStorage,
        of: &Layout,
        gradient: &CpuStorage,
        by: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (inputs, gradient) = (values(inputs, of)?, values(gradient, by)?);
        let mut out = vec![0.0; inputs.len()];
        let parts = inputs.par_chunks(CHUNK).zip(gradient.par_chunks(CHUNK));
        out.par_chunks_mut(CHUNK).zip(parts).for_each(|(out, (inputs, gradient))| {
            for (to, (value, gradient)) in out.iter_mut().zip(inputs.iter().zip(gradient)) {
                *to = if *value > 0.0 { *gradient } else { 0.0 };
            }
        });
        Ok((CpuStorage::F32(out), of.shape().clone()))
    }
}
