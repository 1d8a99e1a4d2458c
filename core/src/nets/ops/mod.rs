//! What candle's own operations are too slow for on processors: convolution with all that goes with it. Maps lie side by
//! side, [n, height, width, maps]. Ours are float32 on the CPU, the same to the bit however many threads there are; on any other
//! device candle's own do the same.

mod batch;
mod composed;
mod conv;
mod fused_conv;
mod microkernel;
mod normalized;
mod packed;
mod plain;
mod pool;
mod rectify;
mod size;

use std::sync::OnceLock;

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};

use batch::Batch;
use conv::Conv;
use fused_conv::FusedConv;
use normalized::Normalized;
use plain::Plain;
use rectify::Rectify;
use size::Size;

/// Parts of a batch whose sums are added up one by one: fixed, so that results do not depend on the number of threads.
const PARTS: usize = 16;

/// How kernels go over maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Pixels from one place to the next.
    pub stride: usize,
    /// Pixels of zeros around the maps.
    pub padding: usize,
    /// Whether they see the maps through a ReLU.
    pub rectified: bool,
}

/// Whether our own operations can be used.
fn ours(inputs: &Tensor) -> bool {
    inputs.device().is_cpu()
}

/// Cross-correlation, as every deep-learning library calls convolution: inputs [n, height, width, channels], kernels
/// [outputs, channels, side, side], bias `[outputs]` give [n, (height + 2 padding - side) / stride + 1, ..., outputs], of which
/// the largest of each `pool` x `pool` square are left (1: all); what does not fill a square, at the right and below, is
/// dropped. Differentiable in all; of equal values in a square the first has the gradient.
///
/// # Errors
/// Where the shapes do not fit, or a tensor is not float32.
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

/// As [`convolve`], with kernels of mean 0 and variance 1 (weight standardisation), followed by group normalisation of the maps in `groups`, times
/// `scale`, plus `shift`, `[outputs]` each, and a residual of the same shape if there is one, through a ReLU if so said.
///
/// # Errors
/// As [`convolve`], and where the maps do not make `groups` equal groups.
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

/// Batch normalisation by the batch's own mean and variance of each map: of maps [n, height, width, maps], times `scale`, plus `shift`,
/// `[maps]` each, the largest of each `pool` x `pool` square; and the means and (biased) variances, which have no gradient.
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

fn check_pool(sides: [usize; 2], pool: usize) -> Result<()> {
    if pool == 0 || pool > 16 || sides.iter().any(|&length| length < pool) {
        bail!("squares of {pool} x {pool} do not fit into {sides:?}");
    }
    Ok(())
}

/// Kernels and further values of each map, a row a map.
fn rows(kernels: &Tensor, others: &[&Tensor]) -> Result<Tensor> {
    let outputs = kernels.dim(0)?;
    let columns = others.iter().map(|values| values.reshape((outputs, 1)));
    let all = [kernels.reshape((outputs, ()))].into_iter().chain(columns).collect::<Result<Vec<_>>>()?;
    Tensor::cat(&all, 1)?.contiguous()
}

/// ReLU.
///
/// # Errors
/// Where the tensor is not float32.
pub fn rectify(inputs: &Tensor) -> Result<Tensor> {
    if ours(inputs) { inputs.contiguous()?.apply_op1(Rectify) } else { inputs.relu() }
}

/// [n, channels, height, width] to [n, height, width, channels].
///
/// # Errors
/// Where there are not four sides.
pub fn channels_last(maps: &Tensor) -> Result<Tensor> {
    maps.permute((0, 2, 3, 1))?.contiguous()
}

/// [n, height, width, channels] to [n, channels, height, width].
///
/// # Errors
/// Where there are not four sides.
pub fn channels_first(maps: &Tensor) -> Result<Tensor> {
    maps.permute((0, 3, 1, 2))?.contiguous()
}

/// The values of a tensor that is contiguous.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        (CpuStorage::F32(_), None) => bail!("the tensor is not contiguous"),
        _ => bail!("the tensor is not float32"),
    }
}

/// What `of` makes of a tensor's values.
fn read<T>(tensor: &Tensor, of: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => of(values(storage, layout)?),
        _ => bail!("the tensor is not on the CPU"),
    }
}

#[cfg(test)]
mod tests;
