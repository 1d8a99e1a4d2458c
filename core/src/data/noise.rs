//! Wrong labels on purpose, to see which examples they make hard.

use rand::RngExt;

use super::Class;
use crate::error::{Error, Result};
use crate::random::{Stream, generator, shuffled};

/// Exactly round(fraction * labels) of the labels moved to a uniformly drawn *other* class. The same for the same seed,
/// on every platform.
///
/// # Errors
/// [`Error::Setting`] where the fraction is not from 0 to 1, or where there is no other class.
pub fn flip_labels(labels: &[Class], fraction: f64, classes: usize, seed: u64) -> Result<Vec<Class>> {
    let refuse =
        |remedy: &str| Error::Setting { name: "label noise", value: fraction.to_string(), remedy: remedy.into() };
    if !(0.0..=1.0).contains(&fraction) {
        return Err(refuse("choose a fraction from 0 to 1"));
    }
    let count = (fraction * labels.len() as f64).round() as usize;
    if count > 0 && classes < 2 {
        return Err(refuse("there is only one class, so no label can be wrong"));
    }
    let mut rng = generator(seed, Stream::Noise);
    let mut flipped = labels.to_vec();
    for &example in &shuffled(labels.len(), &mut rng)[..count] {
        let other = rng.random_range(0..classes as Class - 1);
        flipped[example] = other + Class::from(other >= labels[example]);
    }
    Ok(flipped)
}
