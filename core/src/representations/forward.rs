//! Representations straight from a network.

use candle_core::{Device, Tensor};

use super::Representations;
use crate::class::Class;
use crate::data::{Images, Preprocessing};
use crate::error::{Error, Result};
use crate::logits::{argmax, output_margin};
use crate::matrix::{Matrix, Rows};
use crate::nets::Network;

/// Examples that pass through a network at a time. It is fixed, since how many rows a product has may show in its last
/// bits.
pub const BATCH: usize = 512;

/// Images on their way through a network; each layer is computed when it is asked for.
pub struct Forward<'a, N> {
    network: &'a N,
    preprocessing: Preprocessing,
    images: Images,
    predictions: Vec<Class>,
    logits: Matrix,
}

impl<'a, N: Network> Forward<'a, N> {
    /// Images as `preprocessing` shows them to the network.
    ///
    /// # Errors
    /// [`Error::Mismatch`] or [`Error::Network`] where the images do not fit, [`Error::Empty`] where there are none.
    pub fn new(network: &'a N, preprocessing: &Preprocessing, images: Images) -> Result<Self> {
        let logits = logits(network, preprocessing, &images)?;
        let predictions = (0..images.len()).map(|example| argmax(logits.row(example))).collect();
        Ok(Self { network, preprocessing: preprocessing.clone(), images, predictions, logits })
    }

    /// Values an example has in a layer.
    ///
    /// # Errors
    /// Those of the network.
    pub fn dims(&self, layer: usize) -> Result<usize> {
        let first = inputs(&self.preprocessing, &self.images.select(&[0])?)?;
        Ok(self.network.tap(&first, layer)?.elem_count())
    }

    /// A layer in memory.
    ///
    /// # Errors
    /// Those of the network.
    pub fn held(&self, layer: usize) -> Result<Matrix> {
        collect(self.images.len(), self.batches(layer))
    }

    /// The values of a layer, row after row, at most [`BATCH`] examples at a time: for a layer that is not to be held
    /// whole. Each pass computes it anew.
    pub fn batches(&self, layer: usize) -> impl Iterator<Item = Result<Vec<f32>>> {
        batches(&self.preprocessing, &self.images, move |batch| self.network.tap(batch, layer))
    }
}

impl<N: Network> Representations for Forward<'_, N> {
    fn layers(&self) -> &[String] {
        self.network.taps()
    }

    fn layer(&self, index: usize) -> Result<impl Rows> {
        self.held(index)
    }

    fn predictions(&self) -> &[Class] {
        &self.predictions
    }

    fn output_margins(&self) -> Vec<f32> {
        (0..self.predictions.len()).map(|example| output_margin(self.logits.row(example))).collect()
    }
}

/// The scores of the classes before softmax, [images, classes].
///
/// # Errors
/// As [`Forward::new`].
pub fn logits(network: &impl Network, preprocessing: &Preprocessing, images: &Images) -> Result<Matrix> {
    collect(images.len(), batches(preprocessing, images, |batch| network.logits(batch)))
}

/// Images as a network sees them, [images, channels * height * width].
///
/// # Errors
/// [`Error::Mismatch`] where the images have other channels than the preprocessing.
pub fn inputs(preprocessing: &Preprocessing, images: &Images) -> Result<Tensor> {
    let values = preprocessing.apply(images)?;
    Ok(Tensor::from_vec(values, (images.len(), images.size()), &Device::Cpu)?)
}

/// What the network makes of the images, batch by batch.
fn batches(
    preprocessing: &Preprocessing,
    images: &Images,
    of: impl Fn(&Tensor) -> Result<Tensor>,
) -> impl Iterator<Item = Result<Vec<f32>>> {
    (0..images.len()).step_by(BATCH).map(move |start| {
        let ids: Vec<usize> = (start..images.len().min(start + BATCH)).collect();
        let batch = inputs(preprocessing, &images.select(&ids)?)?;
        Ok(of(&batch)?.flatten_all()?.to_vec1::<f32>()?)
    })
}

/// All batches, which hold so many rows together.
fn collect(rows: usize, batches: impl Iterator<Item = Result<Vec<f32>>>) -> Result<Matrix> {
    if rows == 0 {
        return Err(Error::Empty { what: "the set of examples".into() });
    }
    let mut values = Vec::new();
    for batch in batches {
        let batch = batch?;
        if values.is_empty() {
            // All of it at once: a vector that grows takes up to twice the room.
            let cols = batch.len() / rows.min(BATCH);
            values.reserve_exact(rows.checked_mul(cols).ok_or(Error::TooLarge { rows, cols })?);
        }
        values.extend(batch);
    }
    let cols = values.len() / rows;
    Matrix::new(values, rows, cols)
}
