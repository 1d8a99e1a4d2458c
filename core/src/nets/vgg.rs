//! VGG: stages of 3 x 3 convolutions with ReLU, a pooling layer after each stage, and one linear layer.

use std::ops::Range;

use candle_core::{Tensor, Var};
use candle_nn::Linear;

use super::batch_norm::BatchNorm;
use super::ops::{Convolution, channels_first, channels_last, convolve, linear, pooled, rectify};
use super::weights::{LOGITS, Weights};
use super::{Network, OnTap, Taps};
use crate::error::{Error, Result};

/// Side of the pooling squares.
const POOL: usize = 2;

/// A VGG network. Taps: `input`, `conv1`, ... (before or after the ReLU, before pooling), `softmax` (method, "Probe
/// placement"). Representations are whole maps.
pub struct Vgg {
    taps: Vec<String>,
    at: Taps,
    shape: [usize; 3],
    layers: Vec<ConvLayer>,
    head: Linear,
    variables: Vec<(String, Var)>,
}

struct ConvLayer {
    kernels: Tensor,
    after: AfterConv,
    /// Whether pooling follows: at the end of a stage, if the maps are large enough.
    pooled: bool,
}

enum AfterConv {
    Bias(Tensor),
    Norm(BatchNorm),
}

impl Vgg {
    /// Creates a network with the weights that `weight(name, shape)` returns, for images of `shape` [channels, height,
    /// width].
    ///
    /// `stages` holds the number of maps of each convolution of each stage. Names are `conv1.weight` [outputs, inputs,
    /// 3, 3], `conv1.bias` `[outputs]`, ..., `logits.weight`, `logits.bias`; with batch normalisation
    /// `conv1.norm.weight`, `.bias`, `.mean` and `.variance` instead of a bias.
    ///
    /// # Errors
    /// [`Error::Setting`] for a stage without maps, and any error of `weight`.
    pub fn build(
        shape: [usize; 3],
        stages: &[Vec<usize>],
        batch_norm: bool,
        at: Taps,
        classes: usize,
        weight: impl FnMut(&str, &[usize]) -> Result<Tensor>,
    ) -> Result<Self> {
        let [mut maps, mut height, mut width] = shape;
        let refuse =
            |remedy: &str| Error::Setting { name: "net", value: format!("VGG {stages:?}"), remedy: remedy.into() };
        if stages.is_empty() || stages.iter().any(|stage| stage.is_empty() || stage.contains(&0)) {
            return Err(refuse("each stage needs a convolution, and each convolution a map"));
        }
        let (mut weights, mut layers) = (Weights::new(weight), Vec::new());
        for stage in stages {
            // Small images are halved as often as their size allows: 28 x 28 four times.
            let halves = height >= POOL && width >= POOL;
            for (place, &outputs) in stage.iter().enumerate() {
                let name = format!("conv{}", layers.len() + 1);
                let kernels = weights.variable(format!("{name}.weight"), &[outputs, maps, 3, 3])?;
                let after = if batch_norm {
                    AfterConv::Norm(BatchNorm::build(&mut weights, &name, outputs)?)
                } else {
                    AfterConv::Bias(weights.variable(format!("{name}.bias"), &[outputs])?)
                };
                layers.push(ConvLayer { kernels, after, pooled: halves && place + 1 == stage.len() });
                maps = outputs;
            }
            if halves {
                (height, width) = (height / POOL, width / POOL);
            }
        }
        let head = weights.linear(LOGITS, classes, maps * height * width)?;
        let names = (1..=layers.len()).map(|layer| format!("conv{layer}"));
        let taps = ["input".into()].into_iter().chain(names).chain(["softmax".into()]).collect();
        Ok(Self { taps, at, shape, layers, head, variables: weights.finish() })
    }

    /// Computes [`Network::hidden`], but returns the maps before their ReLU. A tap is before the pooling at the end of
    /// its stage.
    fn maps(&self, inputs: &Tensor, taps: Range<usize>, training: bool, on_tap: &mut OnTap<'_>) -> Result<Tensor> {
        let [channels, height, width] = self.shape;
        let mut maps = channels_last(&inputs.reshape(((), channels, height, width))?)?;
        for (index, layer) in (1..taps.end).zip(&self.layers) {
            let (tapped, pool) = (taps.contains(&index), if layer.pooled { POOL } else { 1 });
            let how = Convolution { stride: 1, padding: 1, rectified: index > 1 };
            let first = if tapped { 1 } else { pool };
            maps = match &layer.after {
                AfterConv::Bias(bias) => convolve(&maps, &layer.kernels, Some(bias), how, first)?,
                AfterConv::Norm(norm) => norm.convolve(&maps, &layer.kernels, how, first, training)?,
            };
            if tapped {
                on_tap(index, self.at.of_maps(&maps)?)?;
                maps = pooled(&maps, pool)?;
            }
        }
        Ok(maps)
    }
}

impl Network for Vgg {
    fn taps(&self) -> &[String] {
        &self.taps
    }

    fn hidden(&self, inputs: &Tensor, taps: Range<usize>, on_tap: &mut OnTap<'_>) -> Result<Tensor> {
        self.maps(inputs, taps, false, on_tap)
    }

    fn head(&self, hidden: &Tensor) -> Result<Tensor> {
        Ok(linear(&self.head, &channels_first(&rectify(hidden)?)?.flatten_from(1)?)?)
    }

    fn training_logits(&self, inputs: &Tensor) -> Result<Tensor> {
        let last = self.taps.len() - 1;
        self.head(&self.maps(inputs, last..last, true, &mut |_, _| Ok(()))?)
    }

    fn variables(&self) -> &[(String, Var)] {
        &self.variables
    }
}
