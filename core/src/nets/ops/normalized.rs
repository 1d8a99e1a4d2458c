//! The epilogue of a layer with group normalisation: normalisation, scale, shift and residual.

use candle_core::{Result, Tensor};

use super::conv::Conv;
use super::fused_conv::Epilogue;
use super::microkernel::Grid;

/// Added to variances; PyTorch's default.
pub(super) const EPSILON: f32 = 1e-5;

/// Group normalisation of an image's maps, with scale and shift, plus an optional residual.
pub(super) struct Normalized {
    pub groups: usize,
    /// Whether a ReLU is applied to the residual first.
    pub rectified: bool,
}

/// An image's maps before normalisation, and the mean and inverse deviation of each group.
pub(super) struct Saved {
    maps: Vec<f32>,
    groups: Vec<[f32; 2]>,
}

/// Sums over pixels, for each map. `of(row)` adds to the sums of one line of pixels; the line is then reduced to one
/// pixel.
#[inline(always)]
fn sums(line: usize, outputs: usize, of: impl FnOnce(&mut [f32])) -> Vec<f32> {
    let mut lines = vec![0.0; line];
    of(&mut lines);
    let (first, rest) = lines.split_at_mut(outputs);
    for pixel in rest.chunks_exact(outputs) {
        first.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
    }
    lines.truncate(outputs);
    lines
}

/// Repeats one value per map for each pixel of a line.
fn repeated(line: usize, outputs: usize, value: impl Fn(usize) -> f32) -> Vec<f32> {
    let mut lines: Vec<f32> = (0..outputs).map(value).collect();
    lines.reserve(line);
    while lines.len() < line {
        lines.extend_from_within(..outputs);
    }
    lines
}

impl Normalized {
    #[inline(always)]
    fn statistics(&self, conv: &Conv, maps: &[f32]) -> Vec<[f32; 2]> {
        let (size, line) = (&conv.size, conv.size.output[1] * conv.size.outputs);
        let each = size.outputs / self.groups;
        let count = (each * size.pixels()) as f32;
        let add = |sums: &mut [f32]| {
            for row in maps.chunks_exact(line) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        };
        let all = sums(line, size.outputs, add);
        let means: Vec<f32> = all.chunks_exact(each).map(|sums| sums.iter().sum::<f32>() / count).collect();
        let centres = repeated(line, size.outputs, |map| means[map / each]);
        let add = |sums: &mut [f32]| {
            for row in maps.chunks_exact(line) {
                for ((sum, value), mean) in sums.iter_mut().zip(row).zip(&centres) {
                    *sum += (value - mean) * (value - mean);
                }
            }
        };
        let squares = sums(line, size.outputs, add);
        let inverse = |sums: &[f32]| 1.0 / (sums.iter().sum::<f32>() / count + EPSILON).sqrt();
        means.into_iter().zip(squares.chunks_exact(each).map(inverse)).map(|(mean, inverse)| [mean, inverse]).collect()
    }
}

impl Epilogue for Normalized {
    type Saved = Saved;

    fn parameters(&self) -> usize {
        2
    }

    fn output(&self, conv: &Conv) -> [usize; 2] {
        conv.size.output
    }

    #[inline(always)]
    fn forward(
        &self,
        conv: &Conv,
        parameters: &[f32],
        maps: &mut Vec<f32>,
        residual: Option<&[f32]>,
        out: &mut [f32],
    ) -> Saved {
        let outputs = conv.size.outputs;
        let (each, line) = (outputs / self.groups, conv.size.output[1] * outputs);
        let groups = self.statistics(conv, maps);
        let (scale, shift) = parameters.split_at(outputs);
        let factors = repeated(line, outputs, |map| scale[map] * groups[map / each][1]);
        let offsets = repeated(line, outputs, |map| {
            let [mean, inverse] = groups[map / each];
            shift[map] - scale[map] * inverse * mean
        });
        for (out, row) in out.chunks_exact_mut(line).zip(maps.chunks_exact(line)) {
            for ((out, value), (factor, offset)) in out.iter_mut().zip(row).zip(factors.iter().zip(&offsets)) {
                *out = value * factor + offset;
            }
        }
        if let Some(residual) = residual {
            let bound = if self.rectified { 0.0 } else { f32::NEG_INFINITY };
            out.iter_mut().zip(residual).for_each(|(out, value)| *out += value.max(bound));
        }
        Saved { maps: std::mem::take(maps), groups }
    }

    #[inline(always)]
    fn backward(
        &self,
        conv: &Conv,
        parameters: &[f32],
        saved: &Saved,
        gradient: &[f32],
        (to, maps): (Grid, &mut [f32]),
        to_parameters: &mut [f32],
    ) {
        let (size, outputs) = (&conv.size, conv.size.outputs);
        let (each, line) = (outputs / self.groups, size.output[1] * outputs);
        let scale = &parameters[..outputs];
        let rows = || gradient.chunks_exact(line).zip(saved.maps.chunks_exact(line));
        let plain = sums(line, outputs, |sums| {
            for (gradient, _) in rows() {
                sums.iter_mut().zip(gradient).for_each(|(sum, value)| *sum += value);
            }
        });
        let centres = repeated(line, outputs, |map| saved.groups[map / each][0]);
        let mut along = sums(line, outputs, |sums| {
            for (gradient, row) in rows() {
                for ((sum, value), (gradient, mean)) in sums.iter_mut().zip(row).zip(gradient.iter().zip(&centres)) {
                    *sum += gradient * (value - mean);
                }
            }
        });
        along.iter_mut().enumerate().for_each(|(map, sum)| *sum *= saved.groups[map / each][1]);
        let (of_scale, of_shift) = to_parameters.split_at_mut(outputs);
        of_scale.iter_mut().zip(&along).for_each(|(to, value)| *to += value);
        of_shift.iter_mut().zip(&plain).for_each(|(to, value)| *to += value);
        // With x the normalised map and g its gradient: (g - mean g - x mean(g x)) / deviation, with means over the
        // group.
        let count = (each * size.pixels()) as f32;
        let mean = |sums: &[f32], map: usize| {
            let group = map / each * each..(map / each + 1) * each;
            sums[group.clone()].iter().zip(&scale[group]).map(|(sum, scale)| sum * scale).sum::<f32>() / count
        };
        let of_gradient = repeated(line, outputs, |map| scale[map] * saved.groups[map / each][1]);
        let of_map = repeated(line, outputs, |map| {
            let inverse = saved.groups[map / each][1];
            -inverse * inverse * mean(&along, map)
        });
        let offsets = repeated(line, outputs, |map| {
            let [center, inverse] = saved.groups[map / each];
            inverse * inverse * mean(&along, map) * center - inverse * mean(&plain, map)
        });
        // Whole lines if pixels are contiguous.
        let (unit, step) = if to.pixel == outputs { (line, line) } else { (outputs, to.pixel) };
        for (at, (gradient, row)) in rows().enumerate() {
            let to = maps[to.first + at * to.row..].chunks_mut(step);
            let units = gradient.chunks_exact(unit).zip(row.chunks_exact(unit));
            for (to, (gradient, row)) in to.zip(units) {
                let coefficients = of_gradient.iter().zip(of_map.iter().zip(&offsets));
                for ((to, (gradient, value)), (by, (of, offset))) in
                    to.iter_mut().zip(gradient.iter().zip(row)).zip(coefficients)
                {
                    *to = gradient * by + value * of + offset;
                }
            }
        }
    }

    fn of_residual(&self, residual: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        if self.rectified { super::rectify::of_inputs(residual, gradient) } else { Ok(gradient.clone()) }
    }
}
