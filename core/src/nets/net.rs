//! A network of any architecture.

use candle_core::{Device, Tensor, Var};

use super::weights::random;
use super::{Architecture, Mlp, Network, ResNet, Vgg};
use crate::error::Result;

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
    /// With random weights by seed, for images of `shape` [channels, height, width]: He's rule (see [`Mlp::new`]). It computes on
    /// `device`, wherever its inputs come from.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) for an architecture that makes no network of such images.
    pub fn new(
        architecture: &Architecture,
        shape: [usize; 3],
        classes: usize,
        seed: u64,
        device: &Device,
    ) -> Result<Self> {
        Self::build(architecture, shape, classes, random(seed, device))
    }

    /// With the weights that `weight(name, shape)` gives, all on one device.
    ///
    /// # Errors
    /// As [`Net::new`]; those of `weight`.
    pub fn build(
        architecture: &Architecture,
        shape: [usize; 3],
        classes: usize,
        weight: impl FnMut(&str, &[usize]) -> Result<Tensor>,
    ) -> Result<Self> {
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

    /// Inputs where the network is.
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

    fn tap(&self, inputs: &Tensor, index: usize) -> Result<Tensor> {
        self.inner().tap(&self.here(inputs)?, index)
    }

    fn logits(&self, inputs: &Tensor) -> Result<Tensor> {
        self.inner().logits(&self.here(inputs)?)
    }

    fn training_logits(&self, inputs: &Tensor) -> Result<Tensor> {
        self.inner().training_logits(&self.here(inputs)?)
    }

    fn variables(&self) -> &[(String, Var)] {
        self.inner().variables()
    }
}
