//! A network of any architecture.

use std::ops::Range;

use candle_core::{Device, Tensor, Var};

use super::weights::random;
use super::{Architecture, Mlp, Network, OnTap, ResNet, Vgg};
use crate::error::Result;

/// A network of any architecture.
pub enum Net {
    /// A multi-layer perceptron.
    Mlp(Mlp),
    /// Stages of convolutions.
    Vgg(Vgg),
    /// Stages of residual blocks.
    ResNet(ResNet),
}

impl Net {
    /// Creates a network with random weights (He's rule, see [`Mlp::new`]) for images of `shape` [channels, height,
    /// width]. It computes on `device`; inputs may be on any device.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if the architecture does not fit such images.
    pub fn new(
        architecture: &Architecture,
        shape: [usize; 3],
        classes: usize,
        seed: u64,
        device: &Device,
    ) -> Result<Self> {
        Self::build(architecture, shape, classes, random(seed, device))
    }

    /// Creates a network with the weights that `weight(name, shape)` returns, all on one device.
    ///
    /// # Errors
    /// As [`Net::new`], any error of `weight`, and [`Error::Setting`](crate::Error::Setting) for a network that is too
    /// large (see [`Architecture::check_size`]).
    pub fn build(
        architecture: &Architecture,
        shape: [usize; 3],
        classes: usize,
        weight: impl FnMut(&str, &[usize]) -> Result<Tensor>,
    ) -> Result<Self> {
        architecture.check_size(shape, classes)?;
        let taps = architecture.taps();
        match architecture {
            Architecture::Mlp { hidden, .. } => {
                Mlp::build(shape.iter().product(), hidden, taps, classes, weight).map(Self::Mlp)
            }
            Architecture::Vgg { stages, batch_norm, .. } => {
                Vgg::build(shape, stages, *batch_norm, taps, classes, weight).map(Self::Vgg)
            }
            Architecture::ResNet { stages, batch_norm, .. } => {
                ResNet::build(shape, stages, *batch_norm, taps, classes, weight).map(Self::ResNet)
            }
        }
    }

    /// Moves inputs to the network's device.
    fn here(&self, inputs: &Tensor) -> Result<Tensor> {
        Ok(match self.variables().first() {
            Some((_, variable)) => inputs.to_device(variable.device())?,
            None => inputs.clone(),
        })
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

    fn hidden(&self, inputs: &Tensor, taps: Range<usize>, on_tap: &mut OnTap<'_>) -> Result<Tensor> {
        self.inner().hidden(&self.here(inputs)?, taps, on_tap)
    }

    fn head(&self, hidden: &Tensor) -> Result<Tensor> {
        self.inner().head(hidden)
    }

    fn training_logits(&self, inputs: &Tensor) -> Result<Tensor> {
        self.inner().training_logits(&self.here(inputs)?)
    }

    fn variables(&self) -> &[(String, Var)] {
        self.inner().variables()
    }
}
