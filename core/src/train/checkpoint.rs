//! Checkpoints: the state that training needs to resume with the same result.

use std::collections::BTreeMap;

use crate::archive::{Format, write};
use crate::error::Result;
use crate::nets::Weight;

const FORMAT: Format = Format { what: "checkpoint", name: "prediction-depth-checkpoint", version: 1, oldest: 1 };
const WEIGHTS: &str = "weights/";
const VELOCITIES: &str = "velocities/";

/// Weights and optimiser state after a step. Seed and step determine the order of the examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Steps taken.
    pub step: usize,
    /// All trained parameters, and the running statistics of normalisation layers.
    pub weights: Vec<Weight>,
    /// The optimiser's velocities, by the weights' names. Weights that had no gradient yet have none.
    pub velocities: Vec<Weight>,
    /// The caller's own state, such as the metrics so far.
    pub notes: String,
}

impl Checkpoint {
    /// Writes a safetensors file.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the number of a weight's values does not match its shape.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let metadata = [
            ("format", FORMAT.name.to_owned()),
            ("version", FORMAT.version.to_string()),
            ("step", self.step.to_string()),
            ("notes", self.notes.clone()),
        ];
        let weights = self.weights.iter().map(|weight| weight.named(WEIGHTS));
        let velocities = self.velocities.iter().map(|velocity| velocity.named(VELOCITIES));
        write(&BTreeMap::from(metadata), &weights.chain(velocities).collect())
    }

    /// Reads a file that [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// [`Error::Format`](crate::Error::Format), which names what is missing or damaged;
    /// [`Error::Unusable`](crate::Error::Unusable) if a value is NaN or infinite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (metadata, file) = FORMAT.open(bytes)?;
        Ok(Self {
            step: metadata.json("step")?,
            weights: Weight::read_all(&file, WEIGHTS)?,
            velocities: Weight::read_all(&file, VELOCITIES)?,
            notes: metadata.text("notes")?.into(),
        })
    }
}

/// Returns the steps at which to evaluate a training of `steps` steps: 0, each power of two and 1.5 times it, and the
/// last (our choice: the paper does not say). They are dense early, since most examples are learned early.
pub fn early_steps(steps: usize) -> Vec<usize> {
    let powers = (0..usize::BITS).map(|power| 1_usize << power).take_while(|&power| power < steps);
    let between = powers.flat_map(|power| [power, power + power / 2]).filter(|&step| step < steps);
    let mut all: Vec<usize> = [0].into_iter().chain(between).chain([steps]).collect();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_comes_back_from_its_file() {
        let weight = |name: &str, values: [f32; 2]| Weight { name: name.into(), shape: vec![2], values: values.into() };
        let checkpoint = Checkpoint {
            step: 7,
            weights: vec![weight("a.bias", [1.0, -2.5]), weight("b.bias", [3.0, 0.0])],
            velocities: vec![weight("a.bias", [0.5, 0.25])],
            notes: "{\"epoch\": 1}\n".into(),
        };
        let bytes = checkpoint.to_bytes().expect("a file");
        assert_eq!(Checkpoint::from_bytes(&bytes).expect("sound"), checkpoint);
        assert!(Checkpoint::from_bytes(&bytes[..bytes.len() - 1]).is_err(), "cut off");
        let study = String::from_utf8_lossy(&bytes).replace("depth-checkpoint", "depth-something!");
        assert!(Checkpoint::from_bytes(study.as_bytes()).is_err(), "another format");
    }

    #[test]
    fn looks_are_dense_early() {
        assert_eq!(early_steps(20), [0, 1, 2, 3, 4, 6, 8, 12, 16, 20]);
        assert_eq!(early_steps(16), [0, 1, 2, 3, 4, 6, 8, 12, 16]);
        assert_eq!(early_steps(1), [0, 1]);
        assert_eq!(early_steps(0), [0]);
    }
}
