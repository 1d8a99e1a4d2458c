//! VGG: stages of 3 x 3 convolutions with ReLU, each stage ended by pooling, and one linear layer.

use candle_core::{D, Module, Tensor, Var};
use candle_nn::Linear;

use super::Network;
use super::ops::{conv2d, max_pool2d};
use super::weights::{LOGITS, Weights};
use crate::error::{Error, Result};

/// Pixels on a side of what is pooled into one.
const POOL: usize = 2;

/// Taps: `input`, `conv1`, ... (after ReLU, before pooling), `softmax` (method, "Probe placement"). Maps are probed whole.
pub struct Vgg {
    taps: Vec<String>,
    shape: [usize; 3],
    layers: Vec<Convolution>,
    head: Linear,
    variables: Vec<(String, Var)>,
}

struct Convolution {
    kernels: Tensor,
    /// [1, outputs, 1, 1]
    bias: Tensor,
    ends_stage: bool,
}

impl Vgg {
    /// The network whose weights `weight(name, shape)` gives, for images of `shape` [channels, height, width]; `stages`: the maps of
    /// each convolution of each stage. `conv1.weight` [outputs, inputs, 3, 3], `conv1.bias` `[outputs]`, ..., `logits.weight`,
    /// `logits.bias`.
    ///
    /// # Errors
    /// [`Error::Setting`] for a stage without maps, or more stages than the images can be halved for; those of `weight`.
    pub fn build(
        shape: [usize; 3],
        stages: &[Vec<usize>],
        classes: usize,
        weight: impl FnMut(&str, &[usize]) -> Result<Vec<f32>>,
    ) -> Result<Self> {
        let [mut maps, mut height, mut width] = shape;
        let refuse =
            |remedy: &str| Error::Setting { name: "net", value: format!("VGG {stages:?}"), remedy: remedy.into() };
        if stages.is_empty() || stages.iter().any(|stage| stage.is_empty() || stage.contains(&0)) {
            return Err(refuse("each stage needs a convolution, and each convolution a map"));
        }
        let (mut weights, mut layers) = (Weights::new(weight), Vec::new());
        for stage in stages {
            for (place, &outputs) in stage.iter().enumerate() {
                let name = format!("conv{}", layers.len() + 1);
                let kernels = weights.variable(format!("{name}.weight"), &[outputs, maps, 3, 3])?;
                let bias = weights.variable(format!("{name}.bias"), &[outputs])?.reshape((1, outputs, 1, 1))?;
                layers.push(Convolution { kernels, bias, ends_stage: place + 1 == stage.len() });
                maps = outputs;
            }
            (height, width) = (height / POOL, width / POOL);
        }
        if height * width == 0 {
            return Err(refuse(&format!("images of {} x {} cannot be halved so often", shape[1], shape[2])));
        }
        let head = weights.linear(LOGITS, classes, maps * height * width)?;
        let names = (1..=layers.len()).map(|layer| format!("conv{layer}"));
        let taps = ["input".into()].into_iter().chain(names).chain(["softmax".into()]).collect();
        Ok(Self { taps, shape, layers, head, variables: weights.finish() })
    }

    /// What comes out of the first `layers` convolutions, and whether a pooling would be next.
    fn maps(&self, inputs: &Tensor, layers: usize) -> Result<Tensor> {
        let [channels, height, width] = self.shape;
        let mut maps = inputs.reshape(((), channels, height, width))?;
        for (place, layer) in self.layers[..layers].iter().enumerate() {
            if place > 0 && self.layers[place - 1].ends_stage {
                maps = max_pool2d(&maps, POOL)?;
            }
            maps = conv2d(&maps, &layer.kernels, 1, 1)?.broadcast_add(&layer.bias)?.relu()?;
        }
        Ok(maps)
    }
}

impl Network for Vgg {
    fn taps(&self) -> &[String] {
        &self.taps
    }

    fn tap(&self, inputs: &Tensor, index: usize) -> Result<Tensor> {
        if index + 1 < self.taps.len() {
            return Ok(self.maps(inputs, index)?.flatten_from(1)?);
        }
        Ok(candle_nn::ops::softmax(&self.logits(inputs)?, D::Minus1)?)
    }

    fn logits(&self, inputs: &Tensor) -> Result<Tensor> {
        let maps = max_pool2d(&self.maps(inputs, self.layers.len())?, POOL)?;
        Ok(self.head.forward(&maps.flatten_from(1)?)?)
    }

    fn variables(&self) -> &[(String, Var)] {
        &self.variables
    }
}
