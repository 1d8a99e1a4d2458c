//! The layers of a split within a limit of memory.

use super::array_file::ArrayFile;
use super::layer::Layer;
use super::scratch::Scratch;
use crate::class::Class;
use crate::error::Result;
use crate::matrix::Rows;
use crate::representations::Representations;

/// The recorded layers of one split. A layer that fits is read into memory, any other in blocks.
pub struct Bounded<'a> {
    pub(super) names: &'a [String],
    pub(super) layers: &'a [ArrayFile],
    /// Whether each layer fits into memory, with those of the other splits.
    pub(super) fits: &'a [bool],
    pub(super) scratch: &'a dyn Scratch,
    pub(super) predictions: &'a [Class],
    /// NaN without logits.
    pub(super) output_margins: Vec<f32>,
}

impl Representations for Bounded<'_> {
    fn layers(&self) -> &[String] {
        self.names
    }

    fn layer(&self, index: usize) -> Result<impl Rows> {
        Layer::open(&self.layers[index], self.fits[index], self.scratch)
    }

    fn predictions(&self) -> &[Class] {
        self.predictions
    }

    fn output_margins(&self) -> Vec<f32> {
        self.output_margins.clone()
    }
}
