//! Training, one step at a time. The caller owns the loop, and can show progress, pause or stop.

mod augment;
mod checkpoint;
mod recipe;
mod sgd;

pub use checkpoint::{Checkpoint, early_steps};
pub use recipe::{Augmentation, Length, Recipe, Schedule};
pub use sgd::Sgd;

use candle_core::{D, Tensor};

use crate::class::Class;
use crate::error::{Error, Result, same_length};
use crate::finite::check_values;
use crate::nets::{Network, Weight};
use crate::random::{Stream, generator, shuffled};

/// Loss at which a training has failed, in losses of a network that knows nothing, ln(classes) (our choice). Such a
/// network is not only unsure: it prefers wrong classes by thousands of logits.
const FAILED: f32 = 1000.0;

/// Measurements of one step, from before it changed the weights.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Steps taken, including this one.
    pub step: usize,
    /// Mean cross-entropy of the batch.
    pub loss: f32,
    /// Fraction of the batch that the network classifies correctly.
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
    /// Prepares a training.
    ///
    /// - `inputs`: [examples, dims], or [examples, channels, height, width] if they are augmented.
    /// - `labels`: `[examples]`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the lengths differ or inputs to augment are not images, [`Error::Empty`] without
    /// examples, [`Error::Setting`] for an invalid recipe, or one whose crops could miss the whole image.
    pub fn new(network: &'a N, inputs: Tensor, labels: &[Class], recipe: Recipe) -> Result<Self> {
        same_length("labels, one for each input", inputs.dims()[0], labels.len())?;
        if labels.is_empty() {
            return Err(Error::Empty { what: "the training split".into() });
        }
        recipe.check()?;
        recipe.check_length(labels.len())?;
        if !recipe.augmentation.is_none() {
            same_length("sides of the inputs, which are to be augmented", 4, inputs.rank())?;
            let (_, _, height, width) = inputs.dims4()?;
            recipe.augmentation.check([height, width])?;
        }
        let rng = generator(recipe.seed, Stream::Order);
        let labels = Tensor::new(labels, inputs.device())?;
        let sgd = Sgd::new(recipe.learning_rate, recipe.momentum, recipe.weight_decay);
        Ok(Self { network, inputs, labels, recipe, sgd, order: Vec::new(), rng, step: 0 })
    }

    /// Returns the number of steps of the whole training.
    pub fn steps(&self) -> usize {
        self.recipe.steps(self.labels.dims()[0])
    }

    /// Returns the number of steps taken so far.
    pub fn taken(&self) -> usize {
        self.step
    }

    /// Returns the number of steps per epoch.
    pub fn steps_an_epoch(&self) -> usize {
        self.recipe.steps_an_epoch(self.labels.dims()[0])
    }

    /// Takes one step: draws the next batch, computes its gradient and updates the weights. Every epoch has a new
    /// random order.
    ///
    /// After each epoch, the weights must be finite. After the last step, the loss on its batch must also be below
    /// 1000 ln(classes).
    ///
    /// # Errors
    /// [`Error::Diverged`] if the loss is not finite; the weights are then unchanged. [`Error::Diverged`] and
    /// [`Error::Unusable`] if the training has failed.
    pub fn step(&mut self) -> Result<Step> {
        let (inputs, labels) = self.batch()?;
        let logits = self.network.training_logits(&inputs)?;
        let labels = labels.to_device(logits.device())?;
        let loss = candle_nn::loss::cross_entropy(&logits, &labels)?;
        let right = logits.argmax(D::Minus1)?.eq(&labels)?.to_vec1::<u8>()?;
        let accuracy = right.iter().filter(|&&right| right == 1).count() as f64 / right.len() as f64;
        let value = loss.to_scalar::<f32>()?;
        if !value.is_finite() {
            self.check()?; // a loss alone names no tensor
            let values = logits.flatten_all()?.to_vec1::<f32>()?;
            check_values("logits", &values).map_err(|error| error.at_step(self.step))?;
        }
        self.step += 1;
        if !value.is_finite() {
            return Err(Error::Diverged { step: self.step, loss: value });
        }
        self.sgd.learning_rate = self.recipe.learning_rate * self.recipe.schedule.factor(self.step, self.steps());
        self.sgd.update(self.network.variables(), &loss.backward()?)?;
        drop((logits, loss)); // and with them what the backward pass needed
        if self.step == self.steps() {
            self.check()?;
            self.check_loss(&inputs, &labels)?;
        } else if self.step.is_multiple_of(self.steps_an_epoch()) {
            self.check()?;
        }
        Ok(Step { step: self.step, loss: value, accuracy })
    }

    /// Checks the network's weights, which layers such as ReLU hide from the loss.
    ///
    /// # Errors
    /// [`Error::Unusable`], which names the first tensor with NaN or infinity and the step.
    pub fn check(&self) -> Result<()> {
        for (name, variable) in self.network.variables() {
            let values = variable.flatten_all()?.to_vec1::<f32>()?;
            check_values(name, &values).map_err(|error| error.at_step(self.step))?;
        }
        Ok(())
    }

    /// Checks the loss of the network as it is now: that of a step is from before its update.
    fn check_loss(&self, inputs: &Tensor, labels: &Tensor) -> Result<()> {
        let logits = self.network.logits(inputs)?;
        let loss = candle_nn::loss::cross_entropy(&logits, labels)?.to_scalar::<f32>()?;
        let most = FAILED * (logits.dim(D::Minus1)? as f32).max(2.0).ln();
        if loss <= most { Ok(()) } else { Err(Error::Diverged { step: self.step, loss }) }
    }

    /// Returns the examples of the next step, [batch, dims], and their labels, `[batch]`.
    fn batch(&mut self) -> Result<(Tensor, Tensor)> {
        let place = self.step % self.steps_an_epoch();
        if place == 0 {
            self.order = shuffled(self.labels.dims()[0], &mut self.rng);
        }
        let end = ((place + 1) * self.recipe.batch).min(self.order.len());
        let batch: Vec<u32> =
            self.order[place * self.recipe.batch..end].iter().map(|&example| example as u32).collect();
        let batch = Tensor::new(batch, self.inputs.device())?;
        let (mut inputs, labels) = (self.inputs.index_select(&batch, 0)?, self.labels.index_select(&batch, 0)?);
        if !self.recipe.augmentation.is_none() {
            inputs = self.recipe.augmentation.apply(&inputs, self.recipe.seed, self.step)?;
        }
        Ok((inputs.flatten_from(1)?, labels))
    }

    /// Returns the current state of the training.
    ///
    /// # Errors
    /// [`Error::Network`] if a tensor cannot be read, [`Error::Unusable`] if one has NaN or infinity.
    pub fn checkpoint(&self, notes: String) -> Result<Checkpoint> {
        self.state(notes).map_err(|error| error.at_step(self.step))
    }

    fn state(&self, notes: String) -> Result<Checkpoint> {
        let variables = self.network.variables();
        let weights =
            variables.iter().map(|(name, variable)| Weight::from_tensor(name, variable)).collect::<Result<_>>()?;
        let moved =
            variables.iter().zip(self.sgd.velocities()).filter_map(|((name, _), moved)| Some((name, moved.as_ref()?)));
        let velocities = moved.map(|(name, velocity)| Weight::from_tensor(name, velocity)).collect::<Result<_>>()?;
        Ok(Checkpoint { step: self.step, weights, velocities, notes })
    }

    /// Resumes from a checkpoint of the same training. The result is bit-identical to that of an uninterrupted
    /// training.
    ///
    /// # Errors
    /// [`Error::OtherWeights`] if the checkpoint's weights do not fit this network.
    pub fn resume(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let mut velocities = Vec::new();
        for (name, variable) in self.network.variables() {
            let weight = Weight::find(&checkpoint.weights, name, variable.dims())?;
            variable.set(&Tensor::from_slice(&weight.values, variable.dims(), variable.device())?)?;
            let velocity = match Weight::find(&checkpoint.velocities, name, variable.dims()) {
                Ok(velocity) => Some(velocity),
                Err(Error::OtherWeights { .. }) => None,
                Err(error) => return Err(error),
            };
            let tensor =
                velocity.map(|velocity| Tensor::from_slice(&velocity.values, variable.dims(), variable.device()));
            velocities.push(tensor.transpose()?);
        }
        self.sgd.resume(velocities);
        self.step = checkpoint.step;
        // Draw the order of each epoch that has begun again.
        self.rng = generator(self.recipe.seed, Stream::Order);
        for _ in 0..self.step.div_ceil(self.steps_an_epoch()) {
            self.order = shuffled(self.labels.dims()[0], &mut self.rng);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
