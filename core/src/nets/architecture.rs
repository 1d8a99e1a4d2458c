//! Architectures: what is needed to rebuild a network.

use std::fmt::{self, Display};

use super::{Norm, Taps};
use crate::error::{Error, Result};

/// The layers of a network, so that stored weights can be loaded.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "architecture", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Architecture {
    /// A multi-layer perceptron.
    Mlp {
        /// Units of each hidden layer.
        hidden: Vec<usize>,
        /// Where layers are probed, if not after the ReLU.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taps: Option<Taps>,
    },
    /// Stages of convolutions.
    Vgg {
        /// Maps of each convolution of each stage.
        stages: Vec<Vec<usize>>,
        /// Whether batch normalisation follows each convolution.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        batch_norm: bool,
        /// Where layers are probed, if not after the ReLU.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taps: Option<Taps>,
    },
    /// Stages of residual blocks.
    ResNet {
        /// Number of maps and blocks of each stage.
        stages: Vec<(usize, usize)>,
        /// Whether to use batch normalisation instead of group normalisation.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        batch_norm: bool,
        /// Where layers are probed, if not before the ReLU.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taps: Option<Taps>,
    },
}

impl Architecture {
    /// Returns a perceptron with these hidden widths.
    pub fn mlp(hidden: Vec<usize>) -> Self {
        Self::Mlp { hidden, taps: None }
    }

    /// Returns VGG-16 with the number of maps scaled by `width`: 13 convolutions in 5 stages.
    ///
    /// # Errors
    /// [`Error::Setting`] if a convolution would have no maps.
    pub fn vgg16(width: f64) -> Result<Self> {
        Self::vgg(&[&[64, 64], &[128, 128], &[256; 3], &[512; 3], &[512; 3]], width)
    }

    /// Returns a small VGG for images of about 28 x 28, which trains in minutes on a CPU (our choice): 4 convolutions
    /// in 3 stages, with the number of maps scaled by `width`.
    ///
    /// # Errors
    /// [`Error::Setting`] if a convolution would have no maps.
    pub fn vgg_small(width: f64) -> Result<Self> {
        Self::vgg(&[&[16], &[32], &[64, 64]], width)
    }

    fn vgg(stages: &[&[usize]], width: f64) -> Result<Self> {
        let stage = |maps: &&[usize]| maps.iter().map(|&maps| scaled(maps, width)).collect();
        let stages = stages.iter().map(stage).collect::<Result<_>>()?;
        Ok(Self::Vgg { stages, batch_norm: false, taps: None })
    }

    /// Returns ResNet-18 with the number of maps scaled by `width`: 8 blocks in 4 stages.
    ///
    /// # Errors
    /// [`Error::Setting`] if a block would have no maps.
    pub fn resnet18(width: f64) -> Result<Self> {
        Self::resnet(&[(64, 2), (128, 2), (256, 2), (512, 2)], width)
    }

    /// Returns a small ResNet for images of about 28 x 28, which trains in minutes on a CPU (our choice): 3 blocks in 3
    /// stages, with the number of maps scaled by `width`.
    ///
    /// # Errors
    /// [`Error::Setting`] if a block would have no maps.
    pub fn resnet_small(width: f64) -> Result<Self> {
        Self::resnet(&[(16, 1), (32, 1), (64, 1)], width)
    }

    fn resnet(stages: &[(usize, usize)], width: f64) -> Result<Self> {
        let stages = stages.iter().map(|&(maps, blocks)| Ok((scaled(maps, width)?, blocks)));
        Ok(Self::ResNet { stages: stages.collect::<Result<_>>()?, batch_norm: false, taps: None })
    }

    /// Returns the architecture with this normalisation.
    ///
    /// # Errors
    /// [`Error::Setting`] if the architecture does not support it.
    pub fn with_norm(mut self, norm: Norm) -> Result<Self> {
        let refuse = |value: &str, remedy: &str| {
            Err(Error::Setting { name: "norm", value: value.into(), remedy: remedy.into() })
        };
        match (&mut self, norm) {
            (Self::ResNet { batch_norm, .. }, Norm::Group) | (Self::Vgg { batch_norm, .. }, Norm::None) => {
                *batch_norm = false;
            }
            (Self::ResNet { batch_norm, .. } | Self::Vgg { batch_norm, .. }, Norm::Batch) => *batch_norm = true,
            (Self::Mlp { .. }, Norm::None) => {}
            (Self::Mlp { .. }, Norm::Group) => return refuse("group", "a perceptron has none"),
            (Self::Mlp { .. }, Norm::Batch) => {
                return refuse("batch", "a perceptron has none: choose a VGG or a ResNet");
            }
            (Self::Vgg { .. }, Norm::Group) => return refuse("group", "a VGG has batch or none: choose a ResNet"),
            (Self::ResNet { .. }, Norm::None) => return refuse("none", "a ResNet has group or batch: choose a VGG"),
        }
        Ok(self)
    }

    /// Returns the architecture with its layers probed at `at`.
    pub fn with_taps(mut self, at: Taps) -> Self {
        let usual = self.usual_taps();
        let (Self::Mlp { taps, .. } | Self::Vgg { taps, .. } | Self::ResNet { taps, .. }) = &mut self;
        *taps = Some(at).filter(|&at| at != usual);
        self
    }

    /// Returns where layers are probed.
    pub fn taps(&self) -> Taps {
        let (Self::Mlp { taps, .. } | Self::Vgg { taps, .. } | Self::ResNet { taps, .. }) = self;
        taps.unwrap_or(self.usual_taps())
    }

    fn usual_taps(&self) -> Taps {
        if matches!(self, Self::ResNet { .. }) { Taps::BeforeRelu } else { Taps::AfterRelu }
    }

    fn batch_norm(&self) -> bool {
        matches!(self, Self::Vgg { batch_norm: true, .. } | Self::ResNet { batch_norm: true, .. })
    }

    /// Returns the kind, as used in names of runs.
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
    /// Writes `MLP 64-64`, `VGG 16 32 64-64` or `ResNet 16x1 32x1` (maps x blocks), then any options that are not the
    /// default.
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        let joined = |widths: &[usize]| widths.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        match self {
            Self::Mlp { hidden, .. } => write!(to, "MLP {}", joined(hidden)),
            Self::Vgg { stages, .. } => {
                let stages: Vec<String> = stages.iter().map(|stage| joined(stage)).collect();
                write!(to, "VGG {}", stages.join(" "))
            }
            Self::ResNet { stages, .. } => {
                let stages: Vec<String> = stages.iter().map(|(maps, blocks)| format!("{maps}x{blocks}")).collect();
                write!(to, "ResNet {}", stages.join(" "))
            }
        }?;
        if self.batch_norm() {
            write!(to, ", BatchNorm")?;
        }
        match self.taps() {
            usual if usual == self.usual_taps() => Ok(()),
            Taps::BeforeRelu => write!(to, ", probed before ReLU"),
            Taps::AfterRelu => write!(to, ", probed after ReLU"),
        }
    }
}
