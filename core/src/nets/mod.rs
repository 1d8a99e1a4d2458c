//! Networks, built on candle. Each declares its taps, the points where it is probed, by name and in order.

mod architecture;
mod batch_norm;
#[cfg(feature = "formats")]
mod import;
mod limits;
mod mlp;
mod net;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod ops;
mod options;
mod resnet;
mod vgg;
mod weight;
mod weights;
#[cfg(any(feature = "formats", feature = "onnx"))]
mod wire;

pub use architecture::Architecture;
#[cfg(feature = "formats")]
pub use import::read_weights;
pub use limits::{MOST_LAYERS, MOST_PARAMETERS};
pub use mlp::Mlp;
pub use net::Net;
pub use options::{Norm, Taps};
pub use resnet::ResNet;
pub use vgg::Vgg;
pub use weight::Weight;

use std::ops::Range;

pub use candle_core::Device;
use candle_core::{D, Tensor, Var};

use crate::error::{Error, Result};

/// Examples per forward pass. It is fixed, since the number of rows of a matrix product can change its last bits.
pub const BATCH: usize = 512;

/// A listener for the representations at a tap, [examples, dims], and the tap's index.
pub type OnTap<'a> = dyn FnMut(usize, Tensor) -> Result<()> + 'a;

/// A classifier that can be probed: hidden layers with a tap each, and a head that computes the logits.
pub trait Network {
    /// Returns the names of the taps: `input` first, then those of the hidden layers, `softmax` last.
    fn taps(&self) -> &[String];

    /// Returns the most examples of a forward pass.
    fn batch(&self) -> usize {
        BATCH
    }

    /// Passes inputs [examples, channels * height * width] through the hidden layers before tap `taps.end`, which is at
    /// most the index of `softmax`. Calls `on_tap` for each hidden tap in `taps`, in order, as soon as it is computed.
    /// Returns the input of the next layer.
    ///
    /// # Errors
    /// [`Error::Network`] for inputs of another shape, and any error of `on_tap`.
    fn hidden(&self, inputs: &Tensor, taps: Range<usize>, on_tap: &mut OnTap<'_>) -> Result<Tensor>;

    /// Returns the logits, [examples, classes], of what [`Network::hidden`] returned for all hidden layers.
    ///
    /// # Errors
    /// As [`Network::hidden`].
    fn head(&self, hidden: &Tensor) -> Result<Tensor>;

    /// Calls `on_tap` for each of these taps, in order, in one pass through the network.
    ///
    /// # Errors
    /// As [`Network::hidden`].
    fn pass(&self, inputs: &Tensor, taps: Range<usize>, on_tap: &mut OnTap<'_>) -> Result<()> {
        let last = self.taps().len() - 1;
        if taps.contains(&0) {
            on_tap(0, inputs.clone())?;
        }
        if taps.end > 1 {
            let hidden = self.hidden(inputs, taps.start.max(1)..taps.end.min(last), on_tap)?;
            if taps.contains(&last) {
                on_tap(last, candle_nn::ops::softmax(&self.head(&hidden)?, D::Minus1)?)?;
            }
        }
        Ok(())
    }

    /// Returns the representations at one tap, [examples, dims].
    ///
    /// # Errors
    /// As [`Network::hidden`], and [`Error::Empty`] if there is no such tap.
    fn tap(&self, inputs: &Tensor, index: usize) -> Result<Tensor> {
        let mut found = None;
        self.pass(inputs, index..index + 1, &mut |_, values| {
            found = Some(values);
            Ok(())
        })?;
        found.ok_or_else(|| Error::Empty { what: format!("tap {index}") })
    }

    /// Returns the logits, the scores before softmax, [examples, classes].
    ///
    /// # Errors
    /// As [`Network::hidden`].
    fn logits(&self, inputs: &Tensor) -> Result<Tensor> {
        let last = self.taps().len() - 1;
        self.head(&self.hidden(inputs, last..last, &mut |_, _| Ok(()))?)
    }

    /// Returns the logits in training mode: batch normalisation uses the batch's own mean and variance, and updates the
    /// running ones that [`Network::logits`] uses.
    ///
    /// # Errors
    /// As [`Network::hidden`].
    fn training_logits(&self, inputs: &Tensor) -> Result<Tensor> {
        self.logits(inputs)
    }

    /// Returns all trained parameters, and the running statistics of normalisation layers, by name, in a fixed order.
    fn variables(&self) -> &[(String, Var)];
}

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Network(Box::new(error))
    }
}

#[cfg(test)]
mod tests;
