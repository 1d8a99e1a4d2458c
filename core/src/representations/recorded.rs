//! Representations that were recorded elsewhere.

use super::Representations;
use crate::class::Class;
use crate::error::{Result, same_length};
use crate::matrix::{Matrix, Rows};

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
    /// [`Error::Mismatch`](crate::Error::Mismatch) where names, matrices and predictions are not as many as each other.
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
    /// [`Error::Mismatch`](crate::Error::Mismatch) where they are not as many as the examples.
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
