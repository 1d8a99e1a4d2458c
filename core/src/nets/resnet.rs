//! ResNet for small images: a 3 x 3 stem without pooling, stages of two-convolution blocks, global average pooling, and
//! one linear layer. Uses group normalisation with weight standardisation (method, "Probe placement"), or batch
//! normalisation.

use std::ops::Range;

use candle_core::{Tensor, Var};
use candle_nn::Linear;

use super::batch_norm::BatchNorm;
use super::ops::{Convolution, channels_last, convolve_normalised, linear, rectify};
use super::weights::{LOGITS, Weights};
use super::{Network, OnTap, Taps};
use crate::error::{Error, Result};

/// Maximum number of groups per normalisation; narrow layers have fewer, with at least two maps each (our choice).
const GROUPS: usize = 32;

/// A residual network. Taps: `input`, `stem` (after normalisation), `block1`, ... (the residual sum, before or after
/// its ReLU), `softmax`. Representations are whole maps.
pub struct ResNet {
    taps: Vec<String>,
    at: Taps,
    shape: [usize; 3],
    stem: Normed,
    blocks: Vec<Block>,
    head: Linear,
    variables: Vec<(String, Var)>,
}

/// A convolution followed by normalisation.
struct Normed {
    kernels: Tensor,
    stride: usize,
    norm: Normalisation,
}

enum Normalisation {
    Group { groups: usize, scale: Tensor, shift: Tensor },
    Batch(BatchNorm),
}

struct Block {
    first: Normed,
    second: Normed,
    /// Projection for blocks whose output has another shape than their input.
    shortcut: Option<Normed>,
}

impl ResNet {
    /// Creates a network with the weights that `weight(name, shape)` returns, for images of `shape` [channels, height,
    /// width].
    ///
    /// `stages` holds (maps, blocks) for each stage; all stages but the first halve height and width. Names are
    /// `stem.conv.weight`, `stem.norm.weight`, `stem.norm.bias`, `block1.first.conv.weight`, ..., `block1.second...`,
    /// `block3.shortcut...`, `logits.weight`, `logits.bias`; with batch normalisation also `stem.norm.mean`,
    /// `stem.norm.variance`, ...
    ///
    /// # Errors
    /// [`Error::Setting`] for a stage without blocks or maps, and any error of `weight`.
    pub fn build(
        shape: [usize; 3],
        stages: &[(usize, usize)],
        batch_norm: bool,
        at: Taps,
        classes: usize,
        weight: impl FnMut(&str, &[usize]) -> Result<Tensor>,
    ) -> Result<Self> {
        if stages.is_empty() || stages.iter().any(|&(maps, blocks)| maps == 0 || blocks == 0) {
            let remedy = "each stage needs a block, and each block a map".into();
            return Err(Error::Setting { name: "net", value: format!("ResNet {stages:?}"), remedy });
        }
        let mut weights = Weights::new(weight);
        let mut maps = stages[0].0;
        let mut normed = |name: &str, sides, stride| Normed::build(&mut weights, name, sides, stride, batch_norm);
        let stem = normed("stem", [maps, shape[0], 3], 1)?;
        let mut all = Vec::new();
        for (stage, &(outputs, blocks)) in stages.iter().enumerate() {
            for block in 0..blocks {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let name = format!("block{}", all.len() + 1);
                let first = normed(&format!("{name}.first"), [outputs, maps, 3], stride)?;
                let second = normed(&format!("{name}.second"), [outputs, outputs, 3], 1)?;
                let changes = stride != 1 || outputs != maps;
                let shortcut =
                    changes.then(|| normed(&format!("{name}.shortcut"), [outputs, maps, 1], stride)).transpose()?;
                all.push(Block { first, second, shortcut });
                maps = outputs;
            }
        }
        let head = weights.linear(LOGITS, classes, maps)?;
        let names =
            ["input".into(), "stem".into()].into_iter().chain((1..=all.len()).map(|block| format!("block{block}")));
        let taps = names.chain(["softmax".into()]).collect();
        Ok(Self { taps, at, shape, stem, blocks: all, head, variables: weights.finish() })
    }

    /// Computes [`Network::hidden`], but returns the maps before their ReLU.
    fn maps(&self, inputs: &Tensor, taps: Range<usize>, training: bool, on_tap: &mut OnTap<'_>) -> Result<Tensor> {
        let [channels, height, width] = self.shape;
        let mut maps = channels_last(&inputs.reshape(((), channels, height, width))?)?;
        for index in 1..taps.end {
            maps = match index {
                1 => self.stem.forward(&maps, false, None, training)?,
                _ => self.blocks[index - 2].forward(&maps, training)?,
            };
            if taps.contains(&index) {
                on_tap(index, self.at.of_maps(&maps)?)?;
            }
        }
        Ok(maps)
    }
}

impl Normed {
    fn build<F: FnMut(&str, &[usize]) -> Result<Tensor>>(
        weights: &mut Weights<F>,
        name: &str,
        [outputs, inputs, side]: [usize; 3],
        stride: usize,
        batch_norm: bool,
    ) -> Result<Self> {
        let kernels = weights.variable(format!("{name}.conv.weight"), &[outputs, inputs, side, side])?;
        let norm = if batch_norm {
            Normalisation::Batch(BatchNorm::build(weights, name, outputs)?)
        } else {
            let mut each = |part: &str| weights.variable(format!("{name}.norm.{part}"), &[outputs]);
            let (scale, shift) = (each("weight")?, each("bias")?);
            let most = GROUPS.min((outputs / 2).max(1));
            let groups = (1..=most).rev().find(|groups| outputs.is_multiple_of(*groups)).unwrap_or(1);
            Normalisation::Group { groups, scale, shift }
        };
        Ok(Self { kernels, stride, norm })
    }

    /// Computes the layer on maps [n, height, width, channels], through a ReLU if `rectified`. Adds the residual, if
    /// there is one; its flag says whether a ReLU is applied to it first.
    fn forward(
        &self,
        inputs: &Tensor,
        rectified: bool,
        residual: Option<(&Tensor, bool)>,
        training: bool,
    ) -> Result<Tensor> {
        let how = Convolution { stride: self.stride, padding: self.kernels.dim(2)? / 2, rectified };
        let norm = match &self.norm {
            Normalisation::Group { groups, scale, shift } => {
                return Ok(convolve_normalised(inputs, &self.kernels, [scale, shift], *groups, residual, how)?);
            }
            Normalisation::Batch(norm) => norm,
        };
        let maps = norm.convolve(inputs, &self.kernels, how, 1, training)?;
        Ok(match residual {
            Some((residual, true)) => (maps + rectify(residual)?)?,
            Some((residual, false)) => (maps + residual)?,
            None => maps,
        })
    }
}

impl Block {
    /// Computes the block. Inputs and outputs are maps before their ReLU.
    fn forward(&self, inputs: &Tensor, training: bool) -> Result<Tensor> {
        let maps = self.first.forward(inputs, true, None, training)?;
        match &self.shortcut {
            Some(shortcut) => {
                let residual = shortcut.forward(inputs, true, None, training)?;
                self.second.forward(&maps, true, Some((&residual, false)), training)
            }
            None => self.second.forward(&maps, true, Some((inputs, true)), training),
        }
    }
}

impl Network for ResNet {
    fn taps(&self) -> &[String] {
        &self.taps
    }

    fn hidden(&self, inputs: &Tensor, taps: Range<usize>, on_tap: &mut OnTap<'_>) -> Result<Tensor> {
        self.maps(inputs, taps, false, on_tap)
    }

    fn head(&self, hidden: &Tensor) -> Result<Tensor> {
        Ok(linear(&self.head, &rectify(hidden)?.flatten(1, 2)?.mean(1)?)?)
    }

    fn training_logits(&self, inputs: &Tensor) -> Result<Tensor> {
        let last = self.taps.len() - 1;
        self.head(&self.maps(inputs, last..last, true, &mut |_, _| Ok(()))?)
    }

    fn variables(&self) -> &[(String, Var)] {
        &self.variables
    }
}
