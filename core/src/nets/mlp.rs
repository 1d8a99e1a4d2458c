//! The multi-layer perceptron: linear layers with ReLU between them.

use std::ops::Range;

use candle_core::{Device, Tensor, Var};
use candle_nn::Linear;

use super::ops::linear;
use super::weights::{LOGITS, Weights, random};
use super::{Network, OnTap, Taps};
use crate::error::{Error, Result};

/// A multi-layer perceptron. Taps: `input` (after preprocessing), `hidden1`, ... (before or after the ReLU), `softmax`
/// (method, "Probe placement").
pub struct Mlp {
    taps: Vec<String>,
    at: Taps,
    layers: Vec<Linear>,
    head: Linear,
    variables: Vec<(String, Var)>,
}

impl Mlp {
    /// Creates a perceptron with random weights, probed after the ReLU.
    ///
    /// Weights follow He's rule in its uniform form, U(-b, b), with b = sqrt(6 / inputs) for layers before a ReLU and
    /// sqrt(3 / inputs) for the last (our choice; the paper does not say). Biases are 0.
    ///
    /// # Errors
    /// [`Error::Setting`] for a width of 0.
    pub fn new(inputs: usize, hidden: &[usize], classes: usize, seed: u64) -> Result<Self> {
        Self::build(inputs, hidden, Taps::AfterRelu, classes, random(seed, &Device::Cpu))
    }

    /// Creates a perceptron with the weights that `weight(name, shape)` returns, probed at `at`. Names are
    /// `hidden1.weight` [out, in], `hidden1.bias` `[out]`, ..., `logits.weight`, `logits.bias`.
    ///
    /// # Errors
    /// Any error of `weight`, and [`Error::Mismatch`] if it returns the wrong number of values.
    pub fn build(
        inputs: usize,
        hidden: &[usize],
        at: Taps,
        classes: usize,
        weight: impl FnMut(&str, &[usize]) -> Result<Tensor>,
    ) -> Result<Self> {
        if hidden.contains(&0) {
            let remedy = "each hidden layer needs at least one unit".into();
            return Err(Error::Setting { name: "hidden", value: format!("{hidden:?}"), remedy });
        }
        let names = (1..=hidden.len()).map(|layer| format!("hidden{layer}"));
        let taps: Vec<String> = ["input".into()].into_iter().chain(names).chain(["softmax".into()]).collect();
        let (mut weights, mut layers, mut width) = (Weights::new(weight), Vec::new(), inputs);
        for (name, &next) in taps[1..].iter().zip(hidden) {
            layers.push(weights.linear(name, next, width)?);
            width = next;
        }
        let head = weights.linear(LOGITS, classes, width)?;
        Ok(Self { taps, at, layers, head, variables: weights.finish() })
    }
}

impl Network for Mlp {
    fn taps(&self) -> &[String] {
        &self.taps
    }

    fn hidden(&self, inputs: &Tensor, taps: Range<usize>, on_tap: &mut OnTap<'_>) -> Result<Tensor> {
        let mut values = inputs.clone();
        for (index, layer) in (1..taps.end).zip(&self.layers) {
            let before = linear(layer, &values)?;
            values = before.relu()?;
            if taps.contains(&index) {
                on_tap(index, if self.at == Taps::AfterRelu { values.clone() } else { before })?;
            }
        }
        Ok(values)
    }

    fn head(&self, hidden: &Tensor) -> Result<Tensor> {
        Ok(linear(&self.head, hidden)?)
    }

    fn variables(&self) -> &[(String, Var)] {
        &self.variables
    }
}
