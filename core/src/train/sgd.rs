//! Stochastic gradient descent with momentum, as PyTorch defines it: v = momentum * v + g, w = w - rate * v.

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};

use crate::error::Result;

/// The optimiser and its velocities.
pub struct Sgd {
    /// Step size.
    pub learning_rate: f64,
    momentum: f64,
    velocities: Vec<Tensor>,
}

impl Sgd {
    /// At rest.
    pub fn new(learning_rate: f64, momentum: f64) -> Self {
        Self { learning_rate, momentum, velocities: Vec::new() }
    }

    /// Moves the variables against their gradients. They must be the same, in the same order, at every call.
    ///
    /// # Errors
    /// [`Error::Network`](crate::Error::Network) where a tensor operation fails.
    pub fn update(&mut self, variables: &[(String, Var)], gradients: &GradStore) -> Result<()> {
        for (place, (_, variable)) in variables.iter().enumerate() {
            let Some(gradient) = gradients.get(variable) else { continue };
            let velocity = match self.velocities.get(place) {
                Some(velocity) => ((velocity * self.momentum)? + gradient)?,
                None => gradient.clone(),
            };
            variable.set(&(variable.as_tensor() - (&velocity * self.learning_rate)?)?)?;
            match self.velocities.get_mut(place) {
                Some(old) => *old = velocity,
                None => self.velocities.push(velocity),
            }
        }
        Ok(())
    }
}
