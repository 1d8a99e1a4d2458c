//! Sources of a network's representations, one layer at a time.

#[cfg(feature = "nets")]
mod forward;
mod passes;
mod recorded;

#[cfg(feature = "nets")]
pub use crate::nets::BATCH;
#[cfg(feature = "nets")]
pub use forward::{Forward, inputs, logits};
pub use passes::{Passes, fitting};
pub use recorded::Recorded;

use crate::class::Class;
use crate::error::Result;
use crate::matrix::Rows;

/// Representations of some examples, from the input to softmax; one layer in memory at a time.
pub trait Representations {
    /// Returns the names of the layers, in order.
    fn layers(&self) -> &[String];

    /// Returns one layer, [examples, dims].
    ///
    /// # Errors
    /// Errors of computing or reading the layer.
    fn layer(&self, index: usize) -> Result<impl Rows>;

    /// Frees the layers that are kept in memory, since the caller needs no further layer.
    fn finish(&self) {}

    /// Returns the network's own class of each example, `[examples]`: the largest logit, the lowest class if tied.
    fn predictions(&self) -> &[Class];

    /// Returns the largest logit minus the second largest, `[examples]`; NaN if the logits are not known.
    fn output_margins(&self) -> Vec<f32> {
        vec![f32::NAN; self.predictions().len()]
    }
}
