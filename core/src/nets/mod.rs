//! Networks, in candle. Each declares its taps, the points where it is probed, by name and in order.

mod architecture;
mod batch_norm;
#[cfg(feature = "formats")]
mod import;
mod mlp;
mod net;
pub mod ops;
mod options;
mod resnet;
mod vgg;
mod weight;
mod weights;

pub use architecture::Architecture;
#[cfg(feature = "formats")]
pub use import::read_weights;
pub use mlp::Mlp;
pub use net::Net;
pub use options::{Norm, Taps};
pub use resnet::ResNet;
pub use vgg::Vgg;
pub use weight::Weight;

pub use candle_core::Device;
use candle_core::{Tensor, Var};

use crate::error::{Error, Result};

/// A classifier that can be probed.
pub trait Network {
    /// The names of its taps: `input` first, `softmax` last.
    fn taps(&self) -> &[String];

    /// The representations at a tap, [examples, dims], of inputs [examples, channels * height * width].
    ///
    /// # Errors
    /// [`Error::Network`] where the inputs have another shape.
    fn tap(&self, inputs: &Tensor, index: usize) -> Result<Tensor>;

    /// The scores of the classes before softmax, [examples, classes].
    ///
    /// # Errors
    /// As [`Network::tap`].
    fn logits(&self, inputs: &Tensor) -> Result<Tensor>;

    /// The logits as training sees them: batch normalisation with the batch's own mean and variance, which move the running ones
    /// that [`Network::logits`] uses.
    ///
    /// # Errors
    /// As [`Network::tap`].
    fn training_logits(&self, inputs: &Tensor) -> Result<Tensor> {
        self.logits(inputs)
    }

    /// What is trained, and what normalisations have seen, by name, in a fixed order.
    fn variables(&self) -> &[(String, Var)];
}

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Network(Box::new(error))
    }
}
