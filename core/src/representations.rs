//! Where a network's representations come from, one layer at a time.

use candle_core::{Device, Tensor};

use crate::class::Class;
use crate::data::{Images, Preprocessing};
use crate::error::{Error, Result, same_length};
use crate::logits::{argmax, output_margin};
use crate::matrix::{Matrix, Rows};
use crate::nets::Network;

/// Examples that pass through a network at a time. It is fixed, since how many rows a product has may show in its last
/// bits.
pub const BATCH: usize = 512;

/// The representations of some examples, input first, softmax last; one layer alive at a time.
pub trait Representations {
    /// The names of the layers, in order.
    fn layers(&self) -> &[String];

    /// One layer, [examples, dims].
    ///
    /// # Errors
    /// Whatever computing or reading it brings.
    fn layer(&self, index: usize) -> Result<impl Rows>;

    /// The network's own class of each example: the largest logit, the lowest class among equals. `[examples]`.
    fn predictions(&self) -> &[Class];

    /// Largest logit minus second largest, `[examples]`; NaN where the logits are not known.
    fn output_margins(&self) -> Vec<f32> {
        vec![f32::NAN; self.predictions().len()]
    }
}

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

/// Representations that are at hand.
pub struct Recorded {
    layers: Vec<String>,
    values: Vec<Matrix>,
    predictions: Vec<Class>,
    output_margins: Vec<f32>,
}

impl Recorded {
    /// The matrices of the layers, [examples, dims] each, and the network's predictions, `[examples]`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where names, matrices and predictions are not as many as each other.
    pub fn new(layers: Vec<String>, values: Vec<Matrix>, predictions: Vec<Class>) -> Result<Self> {
        same_length("layers with a name", layers.len(), values.len())?;
        for (name, values) in layers.iter().zip(&values) {
            same_length(&format!("examples in layer {name}"), predictions.len(), values.shape()[0])?;
        }
        let output_margins = vec![f32::NAN; predictions.len()];
        Ok(Self { layers, values, predictions, output_margins })
    }

    /// With the network's output margins, `[examples]`, for a caller who knows them.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where they are not as many as the examples.
    pub fn with_output_margins(self, output_margins: Vec<f32>) -> Result<Self> {
        same_length("output margins, one for each example", self.predictions.len(), output_margins.len())?;
        Ok(Self { output_margins, ..self })
    }

    /// Some of the examples, in the order given.
    pub fn select(&self, examples: &[usize]) -> Self {
        Self {
            layers: self.layers.clone(),
            values: self.values.iter().map(|layer| layer.select(examples)).collect(),
            predictions: examples.iter().map(|&example| self.predictions[example]).collect(),
            output_margins: examples.iter().map(|&example| self.output_margins[example]).collect(),
        }
    }
}

impl Representations for Recorded {
    fn layers(&self) -> &[String] {
        &self.layers
    }

    fn layer(&self, index: usize) -> Result<impl Rows> {
        Ok(&self.values[index])
    }

    fn predictions(&self) -> &[Class] {
        &self.predictions
    }

    fn output_margins(&self) -> Vec<f32> {
        self.output_margins.clone()
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
