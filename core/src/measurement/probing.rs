//! The options of a measurement.

use crate::error::{Error, Result};
use crate::probe::Ties;
use crate::search::Exclude;

/// The options of the definition (method, "Prediction depth"). More will come: end with `..Probing::default()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Probing {
    /// Number of neighbours that vote: 30 in the paper.
    pub k: usize,
    /// Rule for tied votes.
    pub ties: Ties,
    /// Whether a training example may be its own neighbour. By default it may not: leave-one-out.
    pub include_self: bool,
}

impl Default for Probing {
    fn default() -> Self {
        Self { k: 30, ties: Ties::Lowest, include_self: false }
    }
}

impl Probing {
    /// Returns what is excluded for the queries of a split. Split 0 is the training split, which is searched.
    pub(super) fn left_out(self, split: usize) -> Exclude<'static> {
        if split > 0 || self.include_self { Exclude::Nothing } else { Exclude::Itself }
    }

    /// Checks the options early, since the search would report an error only after a long training.
    ///
    /// # Errors
    /// [`Error::BadK`] if a training split of this size has too few neighbours.
    pub fn check(&self, training_examples: usize) -> Result<()> {
        let candidates = training_examples.saturating_sub(usize::from(!self.include_self));
        if self.k == 0 || self.k > candidates {
            return Err(Error::BadK { k: self.k, candidates });
        }
        Ok(())
    }
}
