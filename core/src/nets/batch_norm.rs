//! Batch normalisation after a convolution (Ioffe and Szegedy, 2015), with PyTorch's constants.

use candle_core::{Tensor, Var};

use super::ops::{Convolution, batch_normalise, convolve};
use super::weights::Weights;
use crate::error::Result;

/// Added to variances.
const EPSILON: f64 = 1e-5;
/// Weight of a batch in the running mean and variance.
const MOMENTUM: f64 = 0.1;

/// Scale, shift, and the running mean and variance for evaluation: `name.norm.weight`, `.bias`, `.mean`, `.variance`,
/// `[maps]` each.
pub(super) struct BatchNorm {
    scale: Tensor,
    shift: Tensor,
    mean: Var,
    variance: Var,
}

impl BatchNorm {
    pub fn build<F: FnMut(&str, &[usize]) -> Result<Tensor>>(
        weights: &mut Weights<F>,
        name: &str,
        maps: usize,
    ) -> Result<Self> {
        Ok(Self {
            scale: weights.variable(format!("{name}.norm.weight"), &[maps])?,
            shift: weights.variable(format!("{name}.norm.bias"), &[maps])?,
            mean: weights.buffer(format!("{name}.norm.mean"), &[maps])?,
            variance: weights.buffer(format!("{name}.norm.variance"), &[maps])?,
        })
    }

    /// Computes convolution, normalisation and pooling. With `training`, normalises by the batch's own mean and
    /// variance, and updates the running ones.
    pub fn convolve(
        &self,
        maps: &Tensor,
        kernels: &Tensor,
        how: Convolution,
        pool: usize,
        training: bool,
    ) -> Result<Tensor> {
        if training {
            let maps = convolve(maps, kernels, None, how, 1)?;
            let (out, statistics) = batch_normalise(&maps, [&self.scale, &self.shift], pool)?;
            self.update_running(statistics, maps.elem_count() / maps.dim(3)?)?;
            return Ok(out);
        }
        // Fold the normalisation into kernels and bias, since both are linear.
        let factors = (&self.scale / (self.variance.as_tensor() + EPSILON)?.sqrt()?)?;
        let bias = (&self.shift - (self.mean.as_tensor() * &factors)?)?;
        let kernels = kernels.broadcast_mul(&factors.reshape(((), 1, 1, 1))?)?;
        Ok(convolve(maps, &kernels, Some(&bias), how, pool)?)
    }

    /// Updates the running mean and variance. The variance is the unbiased one of `count` values, as in PyTorch.
    fn update_running(&self, [mean, variance]: [Tensor; 2], count: usize) -> Result<()> {
        let unbiased = (variance * (count as f64 / count.saturating_sub(1).max(1) as f64))?;
        for (running, batch) in [(&self.mean, mean), (&self.variance, unbiased)] {
            running.set(&((running.as_tensor() * (1.0 - MOMENTUM))? + (batch * MOMENTUM)?)?)?;
        }
        Ok(())
    }
}
