//! Which network: what is needed to build it again.

use std::fmt::{self, Display};

use candle_core::{Tensor, Var};

use super::weights::random;
use super::{Mlp, Network, ResNet, Vgg};
use crate::error::{Error, Result};

/// How a network is built, so that its weights can be put to use again.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "architecture", rename_all = "lowercase")]
pub enum Architecture {
    /// A multi-layer perceptron with these hidden widths.
    Mlp {
        /// Units of each hidden layer.
        hidden: Vec<usize>,
    },
    /// Convolutions in stages.
    Vgg {
        /// Maps of each convolution of each stage.
        stages: Vec<Vec<usize>>,
    },
    /// Residual blocks in stages.
    ResNet {
        /// Maps and blocks of each stage.
        stages: Vec<(usize, usize)>,
    },
}

impl Architecture {
    /// VGG-16 with `width` times as many maps: 13 convolutions in 5 stages.
    ///
    /// # Errors
    /// [`Error::Setting`] where that leaves a convolution without maps.
    pub fn vgg16(width: f64) -> Result<Self> {
        Self::vgg(&[&[64, 64], &[128, 128], &[256; 3], &[512; 3], &[512; 3]], width)
    }

    /// A VGG for images of about 28 x 28 that trains in minutes on a processor (our choice): 4 convolutions in 3 stages.
    ///
    /// # Errors
    /// [`Error::Setting`] where that leaves a convolution without maps.
    pub fn vgg_small(width: f64) -> Result<Self> {
        Self::vgg(&[&[16], &[32], &[64, 64]], width)
    }

    fn vgg(stages: &[&[usize]], width: f64) -> Result<Self> {
        let stage = |maps: &&[usize]| maps.iter().map(|&maps| scaled(maps, width)).collect();
        let stages = stages.iter().map(stage).collect::<Result<_>>()?;
        Ok(Self::Vgg { stages })
    }

    /// ResNet-18 with `width` times as many maps: 8 blocks in 4 stages.
    ///
    /// # Errors
    /// [`Error::Setting`] where that leaves a block without maps.
    pub fn resnet18(width: f64) -> Result<Self> {
        Self::resnet(&[(64, 2), (128, 2), (256, 2), (512, 2)], width)
    }

    /// A ResNet for images of about 28 x 28 that trains in minutes on a processor (our choice): 3 blocks in 3 stages.
    ///
    /// # Errors
    /// [`Error::Setting`] where that leaves a block without maps.
    pub fn resnet_small(width: f64) -> Result<Self> {
        Self::resnet(&[(16, 1), (32, 1), (64, 1)], width)
    }

    fn resnet(stages: &[(usize, usize)], width: f64) -> Result<Self> {
        let stages = stages.iter().map(|&(maps, blocks)| Ok((scaled(maps, width)?, blocks)));
        Ok(Self::ResNet { stages: stages.collect::<Result<_>>()? })
    }

    /// What kind it is, as in the names of runs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mlp { .. } => "mlp",
            Self::Vgg { .. } => "vgg",
            Self::ResNet { .. } => "resnet",
        }
    }
}

fn scaled(maps: usize, width: f64) -> Result<usize> {
    let remedy = || "choose a factor that leaves each layer a map".into();
    let refuse = || Error::Setting { name: "width", value: width.to_string(), remedy: remedy() };
    Some((maps as f64 * width).round() as usize).filter(|&maps| maps > 0).ok_or_else(refuse)
}

impl Display for Architecture {
    /// `MLP 64-64`, `VGG 16 32 64-64`, `ResNet 16x1 32x1` (maps x blocks).
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        let joined = |widths: &[usize]| widths.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        match self {
            Self::Mlp { hidden } => write!(to, "MLP {}", joined(hidden)),
            Self::Vgg { stages } => {
                let stages: Vec<String> = stages.iter().map(|stage| joined(stage)).collect();
                write!(to, "VGG {}", stages.join(" "))
            }
            Self::ResNet { stages } => {
                let stages: Vec<String> = stages.iter().map(|(maps, blocks)| format!("{maps}x{blocks}")).collect();
                write!(to, "ResNet {}", stages.join(" "))
            }
        }
    }
}

/// A network of any architecture.
pub enum Net {
    /// A multi-layer perceptron.
    Mlp(Mlp),
    /// Convolutions in stages.
    Vgg(Vgg),
    /// Residual blocks in stages.
    ResNet(ResNet),
}

impl Net {
    /// With random weights by seed, for images of `shape` [channels, height, width]: He's rule (see [`Mlp::new`]).
    ///
    /// # Errors
    /// [`Error::Setting`] for an architecture that makes no network of such images.
    pub fn new(architecture: &Architecture, shape: [usize; 3], classes: usize, seed: u64) -> Result<Self> {
        Self::build(architecture, shape, classes, random(seed))
    }

    /// With the weights that `weight(name, shape)` gives.
    ///
    /// # Errors
    /// As [`Net::new`]; those of `weight`.
    pub fn build(
        architecture: &Architecture,
        shape: [usize; 3],
        classes: usize,
        weight: impl FnMut(&str, &[usize]) -> Result<Vec<f32>>,
    ) -> Result<Self> {
        match architecture {
            Architecture::Mlp { hidden } => Mlp::build(shape.iter().product(), hidden, classes, weight).map(Self::Mlp),
            Architecture::Vgg { stages } => Vgg::build(shape, stages, classes, weight).map(Self::Vgg),
            Architecture::ResNet { stages } => ResNet::build(shape, stages, classes, weight).map(Self::ResNet),
        }
    }

    fn inner(&self) -> &dyn Network {
        match self {
            Self::Mlp(network) => network,
            Self::Vgg(network) => network,
            Self::ResNet(network) => network,
        }
    }
}

impl Network for Net {
    fn taps(&self) -> &[String] {
        self.inner().taps()
    }

    fn tap(&self, inputs: &Tensor, index: usize) -> Result<Tensor> {
        self.inner().tap(inputs, index)
    }

    fn logits(&self, inputs: &Tensor) -> Result<Tensor> {
        self.inner().logits(inputs)
    }

    fn variables(&self) -> &[(String, Var)] {
        self.inner().variables()
    }
}
