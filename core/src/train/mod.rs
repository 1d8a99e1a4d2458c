//! Training, one step at a time: whoever drives it owns the loop, and may show, pause or stop it.

mod sgd;

pub use sgd::Sgd;

use candle_core::{D, Device, Tensor};

use crate::data::Class;
use crate::error::{Error, Result, same_length};
use crate::nets::Network;
use crate::random::{Stream, generator, shuffled};

/// How a network is trained. The default fits the embedded data, 5 % of flipped labels included, to 100 %. Momentum
/// and batch are the paper's as far as they are remembered; rate, schedule and epochs are our choice.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recipe {
    /// Passes over the training examples.
    pub epochs: usize,
    /// Examples a step.
    pub batch: usize,
    /// Step size at the start; a fifth of it for the last quarter of the steps.
    pub learning_rate: f64,
    /// Momentum of SGD.
    pub momentum: f64,
    /// Of the order of the examples.
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { epochs: 100, batch: 128, learning_rate: 0.02, momentum: 0.9, seed: 0 }
    }
}

/// What one step saw, before it changed the weights.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Steps taken, this one included.
    pub step: usize,
    /// Mean cross-entropy of its batch.
    pub loss: f32,
    /// Fraction of its batch that the network got right.
    pub accuracy: f64,
}

/// A network in training.
pub struct Trainer<'a, N> {
    network: &'a N,
    inputs: Tensor,
    labels: Tensor,
    recipe: Recipe,
    sgd: Sgd,
    order: Vec<usize>,
    rng: rand_chacha::ChaCha8Rng,
    step: usize,
}

impl<'a, N: Network> Trainer<'a, N> {
    /// Inputs [examples, dims] and their labels `[examples]`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where they are not as many, [`Error::Empty`] where there are none, [`Error::Setting`] for an
    /// empty batch.
    pub fn new(network: &'a N, inputs: Tensor, labels: &[Class], recipe: Recipe) -> Result<Self> {
        same_length("labels, one for each input", inputs.dims()[0], labels.len())?;
        if labels.is_empty() {
            return Err(Error::Empty { what: "the training split".into() });
        }
        if recipe.batch == 0 {
            let remedy = "choose at least 1".into();
            return Err(Error::Setting { name: "batch", value: "0".into(), remedy });
        }
        let rng = generator(recipe.seed, Stream::Order);
        let labels = Tensor::new(labels, &Device::Cpu)?;
        let sgd = Sgd::new(recipe.learning_rate, recipe.momentum);
        Ok(Self { network, inputs, labels, recipe, sgd, order: Vec::new(), rng, step: 0 })
    }

    /// Steps of the whole training.
    pub fn steps(&self) -> usize {
        self.recipe.epochs * self.steps_an_epoch()
    }

    /// Steps in which each example is seen once.
    pub fn steps_an_epoch(&self) -> usize {
        self.labels.dims()[0].div_ceil(self.recipe.batch)
    }

    /// One step: the next batch, its gradient, new weights. A new random order at each epoch.
    ///
    /// # Errors
    /// [`Error::Diverged`] where the loss is not finite; the weights are then as they were.
    pub fn step(&mut self) -> Result<Step> {
        let place = self.step % self.steps_an_epoch();
        if place == 0 {
            self.order = shuffled(self.labels.dims()[0], &mut self.rng);
        }
        let end = ((place + 1) * self.recipe.batch).min(self.order.len());
        let batch: Vec<u32> =
            self.order[place * self.recipe.batch..end].iter().map(|&example| example as u32).collect();
        let batch = Tensor::new(batch, &Device::Cpu)?;
        let (inputs, labels) = (self.inputs.index_select(&batch, 0)?, self.labels.index_select(&batch, 0)?);
        let logits = self.network.logits(&inputs)?;
        let loss = candle_nn::loss::cross_entropy(&logits, &labels)?;
        let right = logits.argmax(D::Minus1)?.eq(&labels)?.to_vec1::<u8>()?;
        let accuracy = right.iter().filter(|&&right| right == 1).count() as f64 / right.len() as f64;
        let value = loss.to_scalar::<f32>()?;
        self.step += 1;
        if !value.is_finite() {
            return Err(Error::Diverged { step: self.step, loss: value });
        }
        if 4 * self.step > 3 * self.steps() {
            self.sgd.learning_rate = 0.2 * self.recipe.learning_rate;
        }
        self.sgd.update(self.network.variables(), &loss.backward()?)?;
        Ok(Step { step: self.step, loss: value, accuracy })
    }
}
