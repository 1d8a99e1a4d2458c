//! Stochastic gradient descent with momentum and weight decay, as PyTorch defines it: g = g + decay * w,
//! v = momentum * v + g, w = w - rate * v.

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};

use crate::error::Result;

/// The optimiser and its velocities.
pub struct Sgd {
    /// Learning rate.
    pub learning_rate: f64,
    momentum: f64,
    weight_decay: f64,
    /// Velocity of each variable; `None` before its first gradient.
    velocities: Vec<Option<Tensor>>,
}

impl Sgd {
    /// Creates an optimiser without velocities.
    pub fn new(learning_rate: f64, momentum: f64, weight_decay: f64) -> Self {
        Self { learning_rate, momentum, weight_decay, velocities: Vec::new() }
    }

    /// Updates the variables by their gradients. Every call must pass the same variables in the same order.
    ///
    /// # Errors
    /// [`Error::Network`](crate::Error::Network) if a tensor operation fails.
    pub fn update(&mut self, variables: &[(String, Var)], gradients: &GradStore) -> Result<()> {
        self.velocities.resize(variables.len(), None);
        for ((_, variable), velocity) in variables.iter().zip(&mut self.velocities) {
            let Some(gradient) = gradients.get(variable) else { continue };
            let decayed = match self.weight_decay {
                0.0 => gradient.clone(),
                decay => (gradient + (variable.as_tensor() * decay)?)?,
            };
            let moved = match velocity {
                Some(velocity) => ((&*velocity * self.momentum)? + decayed)?,
                None => decayed,
            };
            variable.set(&(variable.as_tensor() - (&moved * self.learning_rate)?)?)?;
            *velocity = Some(moved);
        }
        Ok(())
    }

    /// Returns the velocity of each variable; `None` before its first gradient.
    pub fn velocities(&self) -> &[Option<Tensor>] {
        &self.velocities
    }

    /// Restores velocities, in the order of the variables.
    pub fn resume(&mut self, velocities: Vec<Option<Tensor>>) {
        self.velocities = velocities;
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    /// Three steps on the loss w^2 / 2, worked by hand: rate 0.5, momentum 0.5, decay 0.25, from w = 8.
    #[test]
    fn it_moves_as_the_definition_says() {
        let weight = Var::new(8.0_f64, &Device::Cpu).expect("a variable");
        let still = Var::new(3.0_f64, &Device::Cpu).expect("a variable");
        let variables = [("still".to_owned(), still), ("weight".to_owned(), weight)];
        let mut sgd = Sgd::new(0.5, 0.5, 0.25);
        // g = 8 + 2 = 10, v = 10, w = 3; g = 3.75, v = 8.75, w = -1.375; g = -1.71875, v = 2.65625, w = -2.703125
        for expected in [3.0, -1.375, -2.703125] {
            let loss = variables[1].1.sqr().and_then(|square| square * 0.5).expect("a loss");
            sgd.update(&variables, &loss.backward().expect("gradients")).expect("a step");
            assert_eq!(variables[1].1.to_scalar::<f64>().expect("a value"), expected);
        }
        assert_eq!(variables[0].1.to_scalar::<f64>().expect("a value"), 3.0, "what has no gradient stays");
    }
}
