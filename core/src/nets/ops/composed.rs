//! The same operations composed of candle's own, for devices other than the CPU. Where values in a pooling square are
//! equal, each of them receives the gradient.

use candle_core::{Result, Tensor};

use super::convolution::Convolution;
use super::normalized;
use super::tensors::{channels_first, channels_last};

/// Implements [`super::convolve`].
pub(super) fn convolve(
    inputs: &Tensor,
    kernels: &Tensor,
    bias: Option<&Tensor>,
    how: Convolution,
    pool: usize,
) -> Result<Tensor> {
    let inputs = if how.rectified { inputs.relu()? } else { inputs.clone() };
    let mut maps = channels_first(&inputs)?.conv2d(kernels, how.padding, how.stride, 1, 1)?;
    if let Some(bias) = bias {
        maps = maps.broadcast_add(&bias.reshape((1, (), 1, 1))?)?;
    }
    pooled(&channels_last(&maps)?, pool)
}

/// Max-pools by reductions, since the gradient of candle's own max pooling is too small.
pub(super) fn pooled(maps: &Tensor, side: usize) -> Result<Tensor> {
    if side == 1 {
        return Ok(maps.clone());
    }
    let (images, height, width, channels) = maps.dims4()?;
    let [height, width] = [height, width].map(|length| length / side);
    let filled = maps.narrow(1, 0, height * side)?.narrow(2, 0, width * side)?.contiguous()?;
    filled.reshape(&[images, height, side, width, side, channels])?.max(4)?.max(2)
}

/// Implements [`super::convolve_normalised`].
pub(super) fn convolve_normalised(
    inputs: &Tensor,
    kernels: &Tensor,
    [scale, shift]: [&Tensor; 2],
    groups: usize,
    residual: Option<(&Tensor, bool)>,
    how: Convolution,
) -> Result<Tensor> {
    let outputs = kernels.dim(0)?;
    let flat = standardized(&kernels.reshape((outputs, ()))?, super::conv::EPSILON)?;
    let maps = channels_first(&convolve(inputs, &flat.reshape(kernels.shape())?, None, how, 1)?)?;
    let grouped = standardized(&maps.reshape((maps.dim(0)? * groups, ()))?, normalized::EPSILON)?;
    let each = |values: &Tensor| values.reshape((1, outputs, 1, 1));
    let maps = grouped.reshape(maps.shape())?.broadcast_mul(&each(scale)?)?.broadcast_add(&each(shift)?)?;
    let maps = channels_last(&maps)?;
    match residual {
        Some((residual, true)) => maps + residual.relu()?,
        Some((residual, false)) => maps + residual,
        None => Ok(maps),
    }
}

/// Implements [`super::batch_normalise`].
pub(super) fn batch_normalise(
    maps: &Tensor,
    [scale, shift]: [&Tensor; 2],
    pool: usize,
) -> Result<(Tensor, [Tensor; 2])> {
    let rows = maps.flatten(0, 2)?;
    let means = rows.mean_keepdim(0)?;
    let centered = rows.broadcast_sub(&means)?;
    let variances = centered.sqr()?.mean_keepdim(0)?;
    let normal = centered.broadcast_div(&(&variances + f64::from(super::batch::EPSILON))?.sqrt()?)?;
    let out = normal.broadcast_mul(scale)?.broadcast_add(shift)?.reshape(maps.shape())?;
    Ok((pooled(&out, pool)?, [means.flatten_all()?.detach(), variances.flatten_all()?.detach()]))
}

/// Standardises each row to mean 0 and variance 1.
fn standardized(rows: &Tensor, epsilon: f32) -> Result<Tensor> {
    let centered = rows.broadcast_sub(&rows.mean_keepdim(1)?)?;
    let deviation = (centered.sqr()?.mean_keepdim(1)? + f64::from(epsilon))?.sqrt()?;
    centered.broadcast_div(&deviation)
}
