//! The weights of a network under construction.

use candle_core::{Device, Tensor, Var};
use candle_nn::Linear;
use rand::{Rng, RngExt};

use crate::error::{Result, same_length};
use crate::random::{Stream, generator};

/// Name of the layer before the softmax.
pub(super) const LOGITS: &str = "logits";

/// Names and variables in the order of the requests; `weight(name, shape)` provides the values.
pub(super) struct Weights<F> {
    weight: F,
    variables: Vec<(String, Var)>,
}

impl<F: FnMut(&str, &[usize]) -> Result<Tensor>> Weights<F> {
    pub fn new(weight: F) -> Self {
        Self { weight, variables: Vec::new() }
    }

    /// Adds a trained variable of this shape.
    pub fn variable(&mut self, name: String, shape: &[usize]) -> Result<Tensor> {
        Ok(self.buffer(name, shape)?.as_tensor().clone())
    }

    /// Adds a buffer: a variable of this shape that the network itself updates, not the optimiser.
    pub fn buffer(&mut self, name: String, shape: &[usize]) -> Result<Var> {
        let values = (self.weight)(&name, shape)?;
        same_length(&format!("values of {name}"), shape.iter().product(), values.elem_count())?;
        let variable = Var::from_tensor(&values.reshape(shape)?)?;
        self.variables.push((name, variable.clone()));
        Ok(variable)
    }

    /// Adds `name.weight` [outputs, inputs] and `name.bias` `[outputs]`.
    pub fn linear(&mut self, name: &str, outputs: usize, inputs: usize) -> Result<Linear> {
        let weights = self.variable(format!("{name}.weight"), &[outputs, inputs])?;
        Ok(Linear::new(weights, Some(self.variable(format!("{name}.bias"), &[outputs])?)))
    }

    pub fn finish(self) -> Vec<(String, Var)> {
        self.variables
    }
}

/// Draws random weights by He's rule in its uniform form, U(-b, b), with b = sqrt(6 / inputs) for layers before a ReLU
/// and sqrt(3 / inputs) for the last (our choice; the paper does not say). Biases are 0; scales and variances of
/// normalisations are 1. The inputs of a kernel are the values of its patch. The numbers are the same on every device.
pub(super) fn random(seed: u64, device: &Device) -> impl FnMut(&str, &[usize]) -> Result<Tensor> {
    let mut rng = generator(seed, Stream::Weights);
    move |name, shape| {
        let inputs = shape.get(1..).unwrap_or_default();
        let values = if inputs.is_empty() {
            let one = ["norm.weight", "norm.variance"].iter().any(|end| name.ends_with(end));
            vec![f32::from(u8::from(one)); shape.iter().product()]
        } else {
            let gain = if name.starts_with(LOGITS) { 3.0 } else { 6.0 };
            let bound = (gain / inputs.iter().product::<usize>() as f32).sqrt();
            uniform(shape.iter().product(), bound, &mut rng)
        };
        Ok(Tensor::from_vec(values, shape, device)?)
    }
}

fn uniform(count: usize, bound: f32, rng: &mut impl Rng) -> Vec<f32> {
    (0..count).map(|_| (2.0 * rng.random::<f32>() - 1.0) * bound).collect()
}
