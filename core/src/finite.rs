//! The one rule for a network that is none: a weight or a logit is NaN or infinite.
//!
//! Layers hide such weights: ReLU turns NaN into 0, so that losses and predictions look sound. Therefore weights are
//! checked themselves, wherever they are read, taken from a network or given to one.

use crate::error::{Error, Result};

/// Returns [`Error::Unusable`] for the first value of a tensor that is NaN or infinite.
pub(crate) fn check_values(tensor: &str, values: &[f32]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => Err(Error::Unusable { tensor: tensor.into(), place, value: values[place], step: None }),
    }
}
