//! ResNet for small images: a 3 x 3 stem without pooling, stages of two-convolution blocks, the mean over each map, one linear
//! layer; group normalisation and weight standardisation (method, "Probe placement").

use candle_core::{D, Module, Tensor, Var};
use candle_nn::Linear;

use super::Network;
use super::ops::{Convolution, channels_first, channels_last, convolve_normalised, rectify};
use super::weights::{LOGITS, Weights};
use crate::error::{Error, Result};

/// Groups of a normalisation, where there are maps for that: two at least for each (our choice for narrow networks).
const GROUPS: usize = 32;

/// Taps: `input`, `stem` (after its normalisation, before the ReLU), `block1`, ... (the residual sum, before its ReLU), `softmax`. Maps
/// are probed whole.
pub struct ResNet {
    taps: Vec<String>,
    shape: [usize; 3],
    stem: Normed,
    blocks: Vec<Block>,
    head: Linear,
    variables: Vec<(String, Var)>,
}

/// A convolution and the normalisation after it.
struct Normed {
    kernels: Tensor,
    stride: usize,
    groups: usize,
    scale: Tensor,
    shift: Tensor,
}

struct Block {
    first: Normed,
    second: Normed,
    /// Where the block has other maps than it is given.
    shortcut: Option<Normed>,
}

impl ResNet {
    /// The network whose weights `weight(name, shape)` gives, for images of `shape` [channels, height, width]: in each stage
    /// `blocks` blocks of `maps` maps, `(maps, blocks)`; all stages but the first halve the maps' sides. `stem.conv.weight`, `stem.norm.weight`,
    /// `stem.norm.bias`, `block1.first.conv.weight`, ..., `block1.second...`, `block3.shortcut...`, `logits.weight`, `logits.bias`.
    ///
    /// # Errors
    /// [`Error::Setting`] for a stage without blocks or maps; those of `weight`.
    pub fn build(
        shape: [usize; 3],
        stages: &[(usize, usize)],
        classes: usize,
        weight: impl FnMut(&str, &[usize]) -> Result<Vec<f32>>,
    ) -> Result<Self> {
        if stages.is_empty() || stages.iter().any(|&(maps, blocks)| maps == 0 || blocks == 0) {
            let remedy = "each stage needs a block, and each block a map".into();
            return Err(Error::Setting { name: "net", value: format!("ResNet {stages:?}"), remedy });
        }
        let mut weights = Weights::new(weight);
        let mut maps = stages[0].0;
        let stem = Normed::build(&mut weights, "stem", [maps, shape[0], 3], 1)?;
        let mut all = Vec::new();
        for (stage, &(outputs, blocks)) in stages.iter().enumerate() {
            for block in 0..blocks {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let name = format!("block{}", all.len() + 1);
                let first = Normed::build(&mut weights, &format!("{name}.first"), [outputs, maps, 3], stride)?;
                let second = Normed::build(&mut weights, &format!("{name}.second"), [outputs, outputs, 3], 1)?;
                let changes = stride != 1 || outputs != maps;
                let mut shortcut =
                    || Normed::build(&mut weights, &format!("{name}.shortcut"), [outputs, maps, 1], stride);
                all.push(Block { first, second, shortcut: changes.then(&mut shortcut).transpose()? });
                maps = outputs;
            }
        }
        let head = weights.linear(LOGITS, classes, maps)?;
        let names =
            ["input".into(), "stem".into()].into_iter().chain((1..=all.len()).map(|block| format!("block{block}")));
        let taps = names.chain(["softmax".into()]).collect();
        Ok(Self { taps, shape, stem, blocks: all, head, variables: weights.finish() })
    }

    /// After the stem's normalisation and the first `blocks` blocks, before the ReLU.
    fn maps(&self, inputs: &Tensor, blocks: usize) -> Result<Tensor> {
        let [channels, height, width] = self.shape;
        let images = channels_last(&inputs.reshape(((), channels, height, width))?)?;
        let mut maps = self.stem.forward(&images, false, None)?;
        for block in &self.blocks[..blocks] {
            maps = block.forward(&maps)?;
        }
        Ok(maps)
    }
}

impl Normed {
    fn build<F: FnMut(&str, &[usize]) -> Result<Vec<f32>>>(
        weights: &mut Weights<F>,
        name: &str,
        [outputs, inputs, side]: [usize; 3],
        stride: usize,
    ) -> Result<Self> {
        let kernels = weights.variable(format!("{name}.conv.weight"), &[outputs, inputs, side, side])?;
        let mut each = |part: &str| weights.variable(format!("{name}.norm.{part}"), &[outputs]);
        let (scale, shift) = (each("weight")?, each("bias")?);
        let most = GROUPS.min((outputs / 2).max(1));
        let groups = (1..=most).rev().find(|groups| outputs.is_multiple_of(*groups)).unwrap_or(1);
        Ok(Self { kernels, stride, groups, scale, shift })
    }

    /// Of maps [n, height, width, channels] before or, if they are to be `rectified`, after a ReLU; plus a residual, if there is one.
    fn forward(&self, inputs: &Tensor, rectified: bool, residual: Option<(&Tensor, bool)>) -> Result<Tensor> {
        let how = Convolution { stride: self.stride, padding: self.kernels.dim(2)? / 2, rectified };
        let affine = [&self.scale, &self.shift];
        Ok(convolve_normalised(inputs, &self.kernels, affine, self.groups, residual, how)?)
    }
}

impl Block {
    /// Of maps before their ReLU, to such maps.
    fn forward(&self, inputs: &Tensor) -> Result<Tensor> {
        let maps = self.first.forward(inputs, true, None)?;
        match &self.shortcut {
            Some(shortcut) => self.second.forward(&maps, true, Some((&shortcut.forward(inputs, true, None)?, false))),
            None => self.second.forward(&maps, true, Some((inputs, true))),
        }
    }
}

impl Network for ResNet {
    fn taps(&self) -> &[String] {
        &self.taps
    }

    fn tap(&self, inputs: &Tensor, index: usize) -> Result<Tensor> {
        match index {
            0 => Ok(inputs.clone()),
            _ if index + 1 < self.taps.len() => Ok(channels_first(&self.maps(inputs, index - 1)?)?.flatten_from(1)?),
            _ => Ok(candle_nn::ops::softmax(&self.logits(inputs)?, D::Minus1)?),
        }
    }

    fn logits(&self, inputs: &Tensor) -> Result<Tensor> {
        let maps = rectify(&self.maps(inputs, self.blocks.len())?)?;
        Ok(self.head.forward(&maps.flatten(1, 2)?.mean(1)?)?)
    }

    fn variables(&self) -> &[(String, Var)] {
        &self.variables
    }
}
