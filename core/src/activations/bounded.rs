//! The layers of a split within a limit of memory.

use super::array_file::ArrayFile;
use super::mask::Mask;
use super::pooled::PooledLayer;
use super::scratch::Scratch;
use crate::class::Class;
use crate::error::Result;
use crate::matrix::Rows;
use crate::pooling::Pool;
use crate::representations::Representations;

/// The recorded layers of one split. A layer that fits is read into memory, any other in blocks.
pub struct Bounded<'a> {
    pub(super) names: &'a [String],
    pub(super) layers: &'a [ArrayFile],
    /// The pool of each layer.
    pub(super) pools: &'a [Pool],
    pub(super) mask: Option<&'a Mask>,
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
        let (array, pool) = (&self.layers[index], &self.pools[index]);
        PooledLayer::open(array, pool, self.mask, self.fits[index], self.scratch)
    }

    fn predictions(&self) -> &[Class] {
        self.predictions
    }

    fn output_margins(&self) -> Vec<f32> {
        self.output_margins.clone()
    }
}
