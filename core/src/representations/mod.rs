//! Where a network's representations come from, one layer at a time.

#[cfg(feature = "nets")]
mod forward;
mod passes;
mod recorded;

#[cfg(feature = "nets")]
pub use forward::{BATCH, Forward, inputs, logits};
pub use passes::{Passes, fitting};
pub use recorded::Recorded;

use crate::class::Class;
use crate::error::Result;
use crate::matrix::Rows;

/// The representations of some examples, input first, softmax last; one layer alive at a time.
pub trait Representations {
    /// The names of the layers, in order.
    fn layers(&self) -> &[String];

    /// One layer, [examples, dims].
    ///
    /// # Errors
    /// Whatever computing or reading it brings.
    fn layer(&self, index: usize) -> Result<impl Rows>;

    /// Says that no further layer will be asked for, so that what is kept for one can go.
    fn finish(&self) {}

    /// The network's own class of each example: the largest logit, the lowest class among equals. `[examples]`.
    fn predictions(&self) -> &[Class];

    /// Largest logit minus second largest, `[examples]`; NaN where the logits are not known.
    fn output_margins(&self) -> Vec<f32> {
        vec![f32::NAN; self.predictions().len()]
    }
}
