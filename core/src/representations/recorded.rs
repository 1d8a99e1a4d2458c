//! Representations that were recorded elsewhere.

use super::Representations;
use crate::class::Class;
use crate::error::{Result, same_length};
use crate::matrix::{Matrix, Rows};

/// Representations in memory.
pub struct Recorded {
    layers: Vec<String>,
    values: Vec<Matrix>,
    predictions: Vec<Class>,
    output_margins: Vec<f32>,
}

impl Recorded {
    /// Takes the matrices of the layers, [examples, dims] each, and the network's predictions, `[examples]`.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the numbers of names, matrices, their rows and predictions
    /// differ.
    pub fn new(layers: Vec<String>, values: Vec<Matrix>, predictions: Vec<Class>) -> Result<Self> {
        same_length("layers with a name", layers.len(), values.len())?;
        for (name, values) in layers.iter().zip(&values) {
            same_length(&format!("examples in layer {name}"), predictions.len(), values.shape()[0])?;
        }
        let output_margins = vec![f32::NAN; predictions.len()];
        Ok(Self { layers, values, predictions, output_margins })
    }

    /// Adds the network's output margins, `[examples]`, if the caller knows them.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if their number differs from that of the examples.
    pub fn with_output_margins(self, output_margins: Vec<f32>) -> Result<Self> {
        same_length("output margins, one for each example", self.predictions.len(), output_margins.len())?;
        Ok(Self { output_margins, ..self })
    }

    /// Returns some of the examples, in the given order.
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
