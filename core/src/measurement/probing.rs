//! The options of a measurement.

use crate::error::{Error, Result};
use crate::probe::Ties;

/// The options of the definition (method, "Prediction depth"). More will come: end with `..Probing::default()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Probing {
    /// Neighbours that vote: 30 in the paper.
    pub k: usize,
    /// Who wins a tie.
    pub ties: Ties,
    /// Whether a training example may be its own neighbour. Our default is leave-one-out.
    pub include_self: bool,
}

impl Default for Probing {
    fn default() -> Self {
        Self { k: 30, ties: Ties::Lowest, include_self: false }
    }
}

impl Probing {
    /// Refuses what the search would refuse later, after a long training.
    ///
    /// # Errors
    /// [`Error::BadK`] where a training split of this size has not enough neighbours.
    pub fn check(&self, training_examples: usize) -> Result<()> {
        let candidates = training_examples.saturating_sub(usize::from(!self.include_self));
        if self.k == 0 || self.k > candidates {
            return Err(Error::BadK { k: self.k, candidates });
        }
        Ok(())
    }
}
