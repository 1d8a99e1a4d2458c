//! VGG: stages of 3 x 3 convolutions with ReLU, a pooling layer after each stage, and one linear layer.

use candle_core::{D, Module, Tensor, Var};
use candle_nn::Linear;

use super::batch_norm::BatchNorm;
use super::ops::{Convolution, channels_first, channels_last, convolve, rectify};
use super::weights::{LOGITS, Weights};
use super::{Network, Taps};
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

    /// Returns the output of the first `layers` convolutions before the ReLU, [n, height, width, maps]. With `pooled`,
    /// includes the pooling after the last of them, if there is one.
    fn maps(&self, inputs: &Tensor, layers: usize, pooled: bool, training: bool) -> Result<Tensor> {
        let [channels, height, width] = self.shape;
        let mut maps = channels_last(&inputs.reshape(((), channels, height, width))?)?;
        for (place, layer) in self.layers[..layers].iter().enumerate() {
            let pool = if layer.pooled && (pooled || place + 1 < layers) { POOL } else { 1 };
            let how = Convolution { stride: 1, padding: 1, rectified: place > 0 };
            maps = match &layer.after {
                AfterConv::Bias(bias) => convolve(&maps, &layer.kernels, Some(bias), how, pool)?,
                AfterConv::Norm(norm) => norm.convolve(&maps, &layer.kernels, how, pool, training)?,
            };
        }
        Ok(maps)
    }

    fn head(&self, inputs: &Tensor, training: bool) -> Result<Tensor> {
        let maps = rectify(&self.maps(inputs, self.layers.len(), true, training)?)?;
        Ok(self.head.forward(&channels_first(&maps)?.flatten_from(1)?)?)
    }
}

impl Network for Vgg {
    fn taps(&self) -> &[String] {
        &self.taps
    }

    fn tap(&self, inputs: &Tensor, index: usize) -> Result<Tensor> {
        match index {
            0 => Ok(inputs.clone()),
            _ if index + 1 < self.taps.len() => {
                let maps = self.maps(inputs, index, false, false)?;
                let maps = if self.at == Taps::AfterRelu { rectify(&maps)? } else { maps };
                Ok(channels_first(&maps)?.flatten_from(1)?)
            }
            _ => Ok(candle_nn::ops::softmax(&self.logits(inputs)?, D::Minus1)?),
        }
    }

    fn logits(&self, inputs: &Tensor) -> Result<Tensor> {
        self.head(inputs, false)
    }

    fn training_logits(&self, inputs: &Tensor) -> Result<Tensor> {
        self.head(inputs, true)
    }

    fn variables(&self) -> &[(String, Var)] {
        &self.variables
    }
}
