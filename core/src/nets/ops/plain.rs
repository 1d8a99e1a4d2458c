//! The epilogue of a layer without normalisation: bias and max pooling.

use candle_core::{Result, Tensor, bail};

use super::conv::Conv;
use super::fused_conv::Epilogue;
use super::microkernel::Grid;
use super::pool;

/// An optional bias, then max pooling over squares of side `pool`.
pub(super) struct Plain {
    pub biased: bool,
    /// 1 means no pooling.
    pub pool: usize,
}

impl Epilogue for Plain {
    /// Position of the largest value within its square, for each pooled value.
    type Saved = Vec<u8>;

    fn parameters(&self) -> usize {
        usize::from(self.biased)
    }

    fn output(&self, conv: &Conv) -> [usize; 2] {
        conv.size.output.map(|length| length / self.pool)
    }

    #[inline(always)]
    fn forward(
        &self,
        conv: &Conv,
        parameters: &[f32],
        maps: &mut Vec<f32>,
        _: Option<&[f32]>,
        out: &mut [f32],
    ) -> Vec<u8> {
        let outputs = conv.size.outputs;
        let mut places = Vec::new();
        if self.pool == 1 {
            out.copy_from_slice(maps);
        } else {
            places.resize(out.len(), 0);
            pool::forward(maps, conv.size.output, outputs, self.pool, out, &mut places);
        }
        if self.biased {
            for pixel in out.chunks_exact_mut(outputs) {
                pixel.iter_mut().zip(parameters).for_each(|(to, bias)| *to += bias);
            }
        }
        places
    }

    #[inline(always)]
    fn backward(
        &self,
        conv: &Conv,
        _: &[f32],
        places: &Vec<u8>,
        gradient: &[f32],
        (to, maps): (Grid, &mut [f32]),
        sums: &mut [f32],
    ) {
        let (size, line) = (&conv.size, conv.size.output[1] * conv.size.outputs);
        if self.biased {
            for pixel in gradient.chunks_exact(size.outputs) {
                sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            }
        }
        if self.pool > 1 {
            pool::backward(gradient, places, size.output, size.outputs, self.pool, to, maps);
            return;
        }
        for (row, values) in gradient.chunks_exact(line).enumerate() {
            let maps = &mut maps[to.first + row * to.row..];
            if to.pixel == size.outputs {
                maps[..line].copy_from_slice(values);
                continue;
            }
            for (maps, values) in maps.chunks_mut(to.pixel).zip(values.chunks_exact(size.outputs)) {
                maps[..size.outputs].copy_from_slice(values);
            }
        }
    }

    fn of_residual(&self, _: &Tensor, _: &Tensor) -> Result<Tensor> {
        bail!("a layer without normalisation has no residual")
    }
}
