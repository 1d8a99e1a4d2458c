//! Representations computed by a network.

use std::ops::Range;

use candle_core::{Device, Tensor};

use super::Representations;
use super::passes::{Passes, fitting};
use crate::class::Class;
use crate::data::{Images, Preprocessing};
use crate::error::{Error, Result};
use crate::finite::check_values;
use crate::logits::{argmax, output_margin};
use crate::matrix::{Matrix, Rows};
use crate::nets::Network;

/// Representations of images in a network; each layer is computed when it is needed.
pub struct Forward<'a, N> {
    network: &'a N,
    preprocessing: Preprocessing,
    images: Images,
    predictions: Vec<Class>,
    logits: Matrix,
    /// Memory limit in bytes for the layers of one pass.
    kept: u64,
    passes: Passes<Matrix>,
}

impl<'a, N: Network> Forward<'a, N> {
    /// Converts the images with `preprocessing`, for the network.
    ///
    /// # Errors
    /// [`Error::Mismatch`] or [`Error::Network`] if the images do not match the network, [`Error::Empty`] without
    /// images, [`Error::Unusable`] if a logit is NaN or infinite.
    pub fn new(network: &'a N, preprocessing: &Preprocessing, images: Images) -> Result<Self> {
        let logits = logits(network, preprocessing, &images)?;
        let predictions = (0..images.len()).map(|example| argmax(logits.row(example))).collect();
        let (kept, passes) = (0, Passes::default());
        Ok(Self { network, preprocessing: preprocessing.clone(), images, predictions, logits, kept, passes })
    }

    /// Returns this source with a memory limit for several layers: one pass computes as many as fit into `bytes`. By
    /// default each layer takes a separate pass.
    pub fn keeping(self, bytes: u64) -> Self {
        Self { kept: bytes, ..self }
    }

    /// Returns the number of values per example in each layer, `[layers]`.
    ///
    /// # Errors
    /// Any error of the network.
    pub fn dims(&self) -> Result<Vec<usize>> {
        let first = inputs(&self.preprocessing, &self.images.select(&[0])?)?;
        let mut dims = Vec::new();
        self.network.pass(&first, 0..self.layers().len(), &mut |_, values| {
            dims.push(values.elem_count());
            Ok(())
        })?;
        Ok(dims)
    }

    /// Computes these layers in one pass, at most [`Network::batch`] examples at a time. Calls `on_batch` with each layer of a
    /// batch, in order, and its values, `[examples of the batch * dims]`.
    ///
    /// # Errors
    /// Any error of the network and of `on_batch`.
    pub fn pass(&self, layers: Range<usize>, mut on_batch: impl FnMut(usize, Vec<f32>) -> Result<()>) -> Result<()> {
        for batch in batches(self.network, &self.preprocessing, &self.images) {
            let mut on_tap = |layer, values: Tensor| on_batch(layer, flat(&values)?);
            self.network.pass(&batch?, layers.clone(), &mut on_tap)?;
        }
        Ok(())
    }

    /// Computes these layers in one pass and returns them in memory, `[layers]` of [examples, dims].
    ///
    /// # Errors
    /// Any error of the network.
    pub fn held(&self, layers: Range<usize>) -> Result<Vec<Matrix>> {
        let mut values = vec![Vec::new(); layers.len()];
        let (start, rows) = (layers.start, self.images.len());
        let most = self.network.batch();
        self.pass(layers, |layer, batch| append(&mut values[layer - start], &batch, rows, most))?;
        values.into_iter().map(|values| matrix(values, rows)).collect()
    }
}

impl<N: Network> Representations for Forward<'_, N> {
    fn layers(&self) -> &[String] {
        self.network.taps()
    }

    fn layer(&self, index: usize) -> Result<impl Rows> {
        self.passes.layer(index, |backwards| {
            let bytes =
                self.dims()?.into_iter().map(|dims| self.images.len() as u64 * dims as u64 * size_of::<f32>() as u64);
            let layers = fitting(&bytes.collect::<Vec<_>>(), index, backwards, self.kept);
            Ok((layers.start, self.held(layers)?))
        })
    }

    fn finish(&self) {
        self.passes.clear();
    }

    fn predictions(&self) -> &[Class] {
        &self.predictions
    }

    fn output_margins(&self) -> Vec<f32> {
        (0..self.predictions.len()).map(|example| output_margin(self.logits.row(example))).collect()
    }
}

/// Returns the logits, [images, classes].
///
/// # Errors
/// Those of [`Forward::new`].
pub fn logits(network: &impl Network, preprocessing: &Preprocessing, images: &Images) -> Result<Matrix> {
    let mut values = Vec::new();
    for batch in batches(network, preprocessing, images) {
        append(&mut values, &flat(&network.logits(&batch?)?)?, images.len(), network.batch())?;
    }
    check_values("logits", &values)?;
    matrix(values, images.len())
}

/// Converts images into the network's input, [images, channels * height * width].
///
/// # Errors
/// [`Error::Mismatch`] if images and preprocessing have different numbers of channels.
pub fn inputs(preprocessing: &Preprocessing, images: &Images) -> Result<Tensor> {
    let values = preprocessing.apply(images)?;
    Ok(Tensor::from_vec(values, (images.len(), images.size()), &Device::Cpu)?)
}

/// Returns the network's input for the images, batch by batch.
fn batches(
    network: &impl Network,
    preprocessing: &Preprocessing,
    images: &Images,
) -> impl Iterator<Item = Result<Tensor>> {
    let most = network.batch();
    (0..images.len()).step_by(most).map(move |start| {
        let ids: Vec<usize> = (start..images.len().min(start + most)).collect();
        inputs(preprocessing, &images.select(&ids)?)
    })
}

fn flat(values: &Tensor) -> Result<Vec<f32>> {
    Ok(values.flatten_all()?.to_vec1::<f32>()?)
}

/// Appends a batch of at most `most` rows to the values of a layer of `rows` rows. The first batch reserves the memory for all: a vector that
/// grows takes up to twice as much.
fn append(values: &mut Vec<f32>, batch: &[f32], rows: usize, most: usize) -> Result<()> {
    if values.is_empty() {
        let cols = batch.len() / rows.clamp(1, most);
        values.reserve_exact(rows.checked_mul(cols).ok_or(Error::TooLarge { rows, cols })?);
    }
    values.extend_from_slice(batch);
    Ok(())
}

fn matrix(values: Vec<f32>, rows: usize) -> Result<Matrix> {
    if rows == 0 {
        return Err(Error::Empty { what: "the set of examples".into() });
    }
    let cols = values.len() / rows;
    Matrix::new(values, rows, cols)
}
