//! Network operations that are faster on the CPU than candle's own: convolution fused with normalisation, pooling and
//! residual; linear layers. Layout of maps: [n, height, width, channels]. On the CPU they are float32, and bit-identical for any number of
//! threads; on other devices the same results are computed by candle's operations.

mod batch;
mod composed;
mod conv;
mod convolution;
mod fused_conv;
mod linear;
mod microkernel;
mod normalized;
mod packed;
mod plain;
mod pool;
mod rectify;
mod size;
mod tap;
mod tensors;

use std::sync::OnceLock;

use candle_core::{Module, Result, Tensor, bail};

use batch::Batch;
use conv::Conv;
use fused_conv::FusedConv;
use linear::Linear;
use normalized::Normalized;
use plain::Plain;
use pool::Pool;
use rectify::Rectify;
use size::Size;
use tap::Tap;

pub use convolution::Convolution;
pub use tensors::{channels_first, channels_last};

/// Returns whether this crate's own operations apply.
fn ours(inputs: &Tensor) -> bool {
    inputs.device().is_cpu()
}

/// Computes a cross-correlation (what deep-learning libraries call convolution), plus a bias, then max-pools it.
///
/// - `inputs`: [n, height, width, channels].
/// - `kernels`: [outputs, channels, side, side].
/// - `bias`: `[outputs]`.
/// - `pool`: side of the pooling squares; 1 means no pooling. Rows and columns that do not fill a square are dropped.
///
/// Returns [n, ((height + 2 padding - side) / stride + 1) / pool, ..., outputs], rounded down. Differentiable in all
/// tensors; on the CPU, the first of equal values in a square receives the gradient.
///
/// # Errors
/// If the shapes do not fit, or a tensor is not float32.
pub fn convolve(
    inputs: &Tensor,
    kernels: &Tensor,
    bias: Option<&Tensor>,
    how: Convolution,
    pool: usize,
) -> Result<Tensor> {
    let size = Size::new(inputs.dims4()?, kernels.dims4()?, how.stride, how.padding)?;
    check_pool(size.output, pool)?;
    if !ours(inputs) {
        return composed::convolve(inputs, kernels, bias, how, pool);
    }
    let parameters = rows(kernels, &bias.into_iter().collect::<Vec<_>>())?;
    let saves = inputs.track_op() || parameters.track_op();
    let conv = Conv { size, rectified: how.rectified, standardized: false };
    let layer = FusedConv { conv, epilogue: Plain { biased: bias.is_some(), pool }, saves, saved: OnceLock::new() };
    inputs.contiguous()?.apply_op2(&parameters, layer)
}

/// Computes a convolution with standardised kernels (mean 0, variance 1), then group normalisation, scale, shift and
/// residual.
///
/// - `inputs`, `kernels`: as for [`convolve`].
/// - `scale`, `shift`: `[outputs]`.
/// - `residual`: a tensor of the output's shape to add, and whether a ReLU is applied to it first.
///
/// Returns [n, (height + 2 padding - side) / stride + 1, ..., outputs].
///
/// # Errors
/// As [`convolve`], and if the outputs do not divide into `groups` equal groups.
pub fn convolve_normalised(
    inputs: &Tensor,
    kernels: &Tensor,
    [scale, shift]: [&Tensor; 2],
    groups: usize,
    residual: Option<(&Tensor, bool)>,
    how: Convolution,
) -> Result<Tensor> {
    let size = Size::new(inputs.dims4()?, kernels.dims4()?, how.stride, how.padding)?;
    if groups == 0 || !size.outputs.is_multiple_of(groups) {
        bail!("{} maps do not make {groups} groups", size.outputs);
    }
    let shape = [size.images, size.output[0], size.output[1], size.outputs];
    if residual.is_some_and(|(residual, _)| residual.dims() != shape) {
        bail!("the residual is not {shape:?}");
    }
    if !ours(inputs) {
        return composed::convolve_normalised(inputs, kernels, [scale, shift], groups, residual, how);
    }
    let parameters = rows(kernels, &[scale, shift])?;
    let saves = inputs.track_op() || parameters.track_op();
    let conv = Conv { size, rectified: how.rectified, standardized: true };
    let epilogue = Normalized { groups, rectified: residual.is_some_and(|(_, rectified)| rectified) };
    let layer = FusedConv { conv, epilogue, saves, saved: OnceLock::new() };
    let inputs = inputs.contiguous()?;
    match residual {
        Some((residual, _)) => inputs.apply_op3(&parameters, &residual.contiguous()?, layer),
        None => inputs.apply_op2(&parameters, layer),
    }
}

/// Computes batch normalisation by the batch's own mean and variance of each map, then scale, shift and max pooling.
///
/// - `maps`: [n, height, width, maps].
/// - `scale`, `shift`: `[maps]`.
/// - `pool`: as for [`convolve`].
///
/// Returns the pooled maps, and the means and (biased) variances, `[maps]` each, which carry no gradient.
///
/// # Errors
/// As [`convolve`].
pub fn batch_normalise(maps: &Tensor, [scale, shift]: [&Tensor; 2], pool: usize) -> Result<(Tensor, [Tensor; 2])> {
    let (_, height, width, channels) = maps.dims4()?;
    check_pool([height, width], pool)?;
    if !ours(maps) {
        return composed::batch_normalise(maps, [scale, shift], pool);
    }
    let maps = maps.contiguous()?;
    let statistics = batch::statistics(&maps)?;
    let parameters = Tensor::cat(&[scale.reshape((1, channels))?, shift.reshape((1, channels))?], 0)?;
    let out = maps.apply_op2(&parameters, Batch::new(&maps, &statistics, pool)?)?;
    let [means, variances] = statistics.map(|values| Tensor::from_vec(values, channels, maps.device()));
    Ok((out, [means?, variances?]))
}

/// Returns the largest value of each `side` x `side` square of maps [n, height, width, maps]. Rows and columns that do
/// not fill a square are dropped. Has no gradient; [`convolve`] pools with one.
///
/// # Errors
/// As [`convolve`].
pub fn pooled(maps: &Tensor, side: usize) -> Result<Tensor> {
    let (_, height, width, _) = maps.dims4()?;
    check_pool([height, width], side)?;
    if side == 1 {
        return Ok(maps.clone());
    }
    if ours(maps) { maps.contiguous()?.apply_op1(Pool { side }) } else { composed::pooled(maps, side) }
}

fn check_pool(sides: [usize; 2], pool: usize) -> Result<()> {
    if pool == 0 || pool > 16 || sides.iter().any(|&length| length < pool) {
        bail!("squares of {pool} x {pool} do not fit into {sides:?}");
    }
    Ok(())
}

/// Concatenates each map's kernel and its further parameters to one row per map.
fn rows(kernels: &Tensor, others: &[&Tensor]) -> Result<Tensor> {
    let outputs = kernels.dim(0)?;
    let columns = others.iter().map(|values| values.reshape((outputs, 1)));
    let all = [kernels.reshape((outputs, ()))].into_iter().chain(columns).collect::<Result<Vec<_>>>()?;
    Tensor::cat(&all, 1)?.contiguous()
}

/// Returns the values of maps [n, height, width, channels], with or without a ReLU, as [n, channels * height * width].
/// Has no gradient.
///
/// # Errors
/// If the maps do not have four dimensions, or are not float32.
pub fn tapped(maps: &Tensor, rectified: bool) -> Result<Tensor> {
    if ours(maps) {
        return maps.contiguous()?.apply_op1_no_bwd(&Tap { rectified });
    }
    channels_first(&if rectified { maps.relu()? } else { maps.clone() })?.flatten_from(1)
}

/// Computes a linear layer, inputs x weight transposed + bias.
///
/// - `inputs`: [n, values].
///
/// Returns [n, outputs].
///
/// # Errors
/// If the shapes do not fit, or a tensor is not float32.
pub fn linear(layer: &candle_nn::Linear, inputs: &Tensor) -> Result<Tensor> {
    match layer.bias() {
        Some(bias) if ours(inputs) => inputs.apply_op3(layer.weight(), bias, Linear),
        _ => layer.forward(inputs),
    }
}

/// Applies a ReLU.
///
/// # Errors
/// If the tensor is not float32.
pub fn rectify(inputs: &Tensor) -> Result<Tensor> {
    if ours(inputs) { inputs.contiguous()?.apply_op1(Rectify) } else { inputs.relu() }
}

#[cfg(test)]
mod tests;
