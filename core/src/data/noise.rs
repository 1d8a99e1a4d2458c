//! Label noise: wrong labels on purpose, to see which examples become hard.

use rand::RngExt;

use crate::class::Class;
use crate::error::{Error, Result};
use crate::random::{Stream, generator, shuffled};

/// The class that replaces a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Noise {
    /// A uniformly drawn other class (our default, so that every flipped label is wrong).
    #[default]
    Other,
    /// A uniformly drawn class, possibly the same, as in the paper's protocol.
    Any,
    /// The next class, or the first after the last: noise that depends on the class.
    Next,
}

/// Settings of label noise. The field names are those of `config.toml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NoiseSettings {
    /// Fraction of the training images whose label is changed, from 0 to 1.
    pub label_noise: f64,
    /// The class that replaces a changed label.
    pub noise: Noise,
    /// Seed that selects which labels are changed, and to which class. It differs from the network's seed, so that many
    /// networks can share the same wrong labels.
    pub noise_seed: u64,
}

/// Replaces exactly round(fraction * labels) of the labels. The same seed gives the same labels on every platform.
///
/// # Errors
/// [`Error::Setting`] if the fraction is not from 0 to 1, or there is only one class.
pub fn flip_labels(labels: &[Class], noise: Noise, fraction: f64, classes: usize, seed: u64) -> Result<Vec<Class>> {
    let refuse =
        |remedy: &str| Error::Setting { name: "label noise", value: fraction.to_string(), remedy: remedy.into() };
    if !(0.0..=1.0).contains(&fraction) {
        return Err(refuse("choose a fraction from 0 to 1"));
    }
    let count = (fraction * labels.len() as f64).round() as usize;
    if count > 0 && classes < 2 {
        return Err(refuse("there is only one class, so no label can be wrong"));
    }
    let (mut rng, all) = (generator(seed, Stream::Noise), classes as Class);
    let mut flipped = labels.to_vec();
    for &example in &shuffled(labels.len(), &mut rng)[..count] {
        flipped[example] = match noise {
            Noise::Other => {
                let other = rng.random_range(0..all - 1);
                other + Class::from(other >= labels[example])
            }
            Noise::Any => rng.random_range(0..all),
            Noise::Next => (labels[example] + 1) % all,
        };
    }
    Ok(flipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(noise: Noise) -> Vec<(Class, Class)> {
        let labels: Vec<Class> = (0..10_000).map(|example| example % 10).collect();
        let flipped = flip_labels(&labels, noise, 0.4, 10, 7).expect("a fraction");
        labels.into_iter().zip(flipped).filter(|(label, given)| label != given).collect()
    }

    #[test]
    fn labels_go_where_the_noise_says() {
        assert_eq!(moved(Noise::Other).len(), 4000);
        // With ten classes, a tenth of the drawn classes are the original ones: 3600 changes expected, standard
        // deviation 19.
        assert!((3500..3700).contains(&moved(Noise::Any).len()), "{}", moved(Noise::Any).len());
        let next = moved(Noise::Next);
        assert_eq!(next.len(), 4000);
        assert!(next.iter().all(|(label, given)| *given == (label + 1) % 10));
        assert!(moved(Noise::Other).iter().any(|(label, given)| *given != (label + 1) % 10));
    }
}
