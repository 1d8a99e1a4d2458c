//! The values of maps at a tap: in the order of the images' own dimensions, with or without a ReLU.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape};
use rayon::prelude::*;

use super::rectify::rectified;
use super::tensors::values;

/// Turns maps [n, height, width, channels] into [n, channels * height * width]. Has no gradient.
pub(super) struct Tap {
    /// Whether a ReLU is applied.
    pub rectified: bool,
}

impl CustomOp1 for Tap {
    fn name(&self) -> &'static str {
        "tap"
    }

    fn cpu_fwd(&self, maps: &CpuStorage, of: &Layout) -> Result<(CpuStorage, Shape)> {
        let (images, height, width, channels) = of.shape().dims4()?;
        let (maps, pixels) = (values(maps, of)?, height * width);
        let mut out = vec![0.0; maps.len()];
        let each = (pixels * channels).max(1);
        out.par_chunks_mut(each).zip(maps.par_chunks(each)).for_each(|(out, maps)| {
            if self.rectified {
                transpose(maps, channels, out, rectified);
            } else {
                transpose(maps, channels, out, |value| value);
            }
        });
        Ok((CpuStorage::F32(out), (images, channels * pixels).into()))
    }
}

/// Writes [pixels, channels] as [channels, pixels].
fn transpose(from: &[f32], channels: usize, to: &mut [f32], change: impl Fn(f32) -> f32) {
    for (channel, plane) in to.chunks_exact_mut(from.len() / channels).enumerate() {
        for (to, pixel) in plane.iter_mut().zip(from.chunks_exact(channels)) {
            *to = change(pixel[channel]);
        }
    }
}
