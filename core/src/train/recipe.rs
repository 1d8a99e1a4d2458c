//! The training recipe: everything but network and data that determines the result.

use crate::error::{Error, Result};

/// Largest number of steps, and of examples per step: trajectories count steps as u32.
const LARGEST: u64 = u32::MAX as u64;

/// How to train. The default fits the embedded data to 100 %, including 5 % of flipped labels. Momentum and batch size
/// are the paper's as far as they are known; learning rate, schedule and length are our choice.
/// More fields will come: end with `..Recipe::default()`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recipe {
    /// Length of the training.
    #[serde(flatten)]
    pub length: Length,
    /// Examples per step.
    pub batch: usize,
    /// Learning rate at the start.
    pub learning_rate: f64,
    /// Momentum of SGD.
    pub momentum: f64,
    /// Weight decay as in PyTorch: adds `weight_decay * weight` to the gradient.
    pub weight_decay: f64,
    /// Seed of the order of the examples and of their augmentation.
    pub seed: u64,
    /// Learning rate schedule.
    pub schedule: Schedule,
    /// Random changes of each image before each step.
    pub augmentation: Augmentation,
}

/// Length of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Length {
    /// Passes over the training examples.
    Epochs(usize),
    /// Steps, the unit of the paper.
    Steps(usize),
}

/// Learning rate schedule.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Schedule {
    /// Constant learning rate.
    Constant,
    /// Multiplies the learning rate by `factor` at each point.
    Step {
        /// Below 1: fraction of the training; from 1: number of steps.
        at: Vec<f64>,
        /// Factor per point.
        factor: f64,
    },
    /// Decays to 0 along half a cosine wave (Loshchilov and Hutter, 2017).
    Cosine,
}

/// Random changes of each image at each step. The default is none, as in the paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Augmentation {
    /// Pixels of padding on each side, filled with zeros (the mean colour after preprocessing), from which a part of
    /// the image's size is cropped at random.
    pub crop: usize,
    /// Whether each image is mirrored horizontally with probability 1/2.
    pub flip: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            length: Length::Epochs(100),
            batch: 128,
            learning_rate: 0.02,
            momentum: 0.9,
            weight_decay: 0.0,
            seed: 0,
            schedule: Schedule::default(),
            augmentation: Augmentation::default(),
        }
    }
}

impl Default for Schedule {
    /// Multiplies the learning rate by 0.2 after three quarters of the training.
    fn default() -> Self {
        Self::Step { at: vec![0.75], factor: 0.2 }
    }
}

impl Recipe {
    /// Returns the number of steps of the whole training.
    pub fn steps(&self, examples: usize) -> usize {
        match self.length {
            Length::Epochs(epochs) => epochs.saturating_mul(self.steps_an_epoch(examples)),
            Length::Steps(steps) => steps,
        }
    }

    /// Returns the number of steps per epoch.
    pub fn steps_an_epoch(&self, examples: usize) -> usize {
        examples.div_ceil(self.batch.max(1))
    }

    /// Checks that a training on this number of examples can be counted: it takes at most 4,294,967,295 steps.
    ///
    /// # Errors
    /// [`Error::Setting`] for a longer one.
    pub fn check_length(&self, examples: usize) -> Result<()> {
        if self.steps(examples) as u64 <= LARGEST {
            return Ok(());
        }
        let (name, value) = match self.length {
            Length::Epochs(epochs) => ("epochs", epochs),
            Length::Steps(steps) => ("steps", steps),
        };
        Err(Error::Setting { name, value: value.to_string(), remedy: format!("at most {LARGEST} steps are possible") })
    }

    /// Checks that the recipe can be followed.
    ///
    /// # Errors
    /// [`Error::Setting`] for a batch size of 0 and for invalid points or factors of the schedule.
    pub fn check(&self) -> Result<()> {
        let refuse = |name, value: String, remedy: &str| Err(Error::Setting { name, value, remedy: remedy.into() });
        if self.batch == 0 {
            return refuse("batch", "0".into(), "choose at least 1");
        }
        if self.batch as u64 > LARGEST {
            return refuse(
                "batch",
                self.batch.to_string(),
                "choose at most 4294967295; a batch holds each example once",
            );
        }
        if let Schedule::Step { at, factor } = &self.schedule {
            if let Some(wrong) = at.iter().find(|point| !point.is_finite() || **point <= 0.0) {
                return refuse("drops", wrong.to_string(), "choose fractions between 0 and 1, or numbers of steps");
            }
            if !factor.is_finite() || *factor <= 0.0 {
                return refuse("drop factor", factor.to_string(), "choose a number above 0");
            }
        }
        Ok(())
    }
}

impl Schedule {
    /// Returns the factor of the learning rate at a step, counted from 1, of `steps`.
    pub fn factor(&self, step: usize, steps: usize) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Step { at, factor } => {
                let passed = |point: &&f64| {
                    let after = if **point < 1.0 { **point * steps as f64 } else { **point };
                    step as f64 > after
                };
                factor.powi(at.iter().filter(passed).count() as i32)
            }
            Self::Cosine => {
                let done = step.saturating_sub(1) as f64 / steps.max(1) as f64;
                0.5 * (1.0 + (std::f64::consts::PI * done).cos())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_size_drops_where_it_is_told_to() {
        let fifth = Schedule::default();
        assert_eq!([1, 75, 76, 100].map(|step| fifth.factor(step, 100)), [1.0, 1.0, 0.2, 0.2]);
        let paper = Schedule::Step { at: vec![10.0, 0.5], factor: 0.5 };
        assert_eq!([10, 11, 20, 21].map(|step| paper.factor(step, 40)), [1.0, 0.5, 0.5, 0.25]);
        assert_eq!(Schedule::Constant.factor(99, 100), 1.0);
        let half = Schedule::Cosine.factor(51, 100);
        assert!((half - 0.5).abs() < 1e-12 && Schedule::Cosine.factor(1, 100) == 1.0);
        assert!(Schedule::Cosine.factor(100, 100) > 0.0);
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        let of = |length| Recipe { length, ..Recipe::default() }.check_length(300).map_err(|error| error.to_string());
        assert!(of(Length::Epochs(100)).is_ok() && of(Length::Steps(LARGEST as usize)).is_ok());
        for length in [Length::Epochs(1 << 60), Length::Epochs(LARGEST as usize), Length::Steps(1 << 60)] {
            assert!(of(length).expect_err("too long").contains("at most 4294967295 steps"));
        }
        assert!(Recipe { batch: usize::MAX, ..Recipe::default() }.check().is_err());
    }

    #[test]
    fn length_is_in_epochs_or_in_steps() {
        let recipe = Recipe { batch: 128, length: Length::Epochs(2), ..Recipe::default() };
        assert_eq!((recipe.steps_an_epoch(300), recipe.steps(300)), (3, 6));
        assert_eq!(Recipe { length: Length::Steps(7), ..recipe }.steps(300), 7);
    }

    #[test]
    fn what_makes_no_training_is_refused() {
        let recipe = |schedule| Recipe { schedule, ..Recipe::default() };
        assert!(Recipe { batch: 0, ..Recipe::default() }.check().is_err());
        assert!(recipe(Schedule::Step { at: vec![0.5, -1.0], factor: 0.2 }).check().is_err());
        assert!(recipe(Schedule::Step { at: vec![0.5], factor: 0.0 }).check().is_err());
        assert!(recipe(Schedule::default()).check().is_ok());
    }
}
