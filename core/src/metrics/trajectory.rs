//! Training dynamics: measures computed from a sequence of checkpoints, without storing them.

use super::{DataMap, Forgetting, IterationLearned, el2n, softmax};
use crate::class::Class;
use crate::error::{Result, same_length};
use crate::logits::{argmax, given_margin};
use crate::matrix::{Matrix, Rows};

/// Collects the logits at the checkpoints of a training, in order.
pub struct Trajectory {
    given: Vec<Class>,
    el2n_from: u32,
    learned: IterationLearned,
    forgetting: Forgetting,
    margins: Vec<f64>,
    map: DataMap,
    checkpoints: usize,
    el2n: Option<Vec<f32>>,
}

/// Training dynamics of each example, `[examples]` each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dynamics {
    /// Step from which the prediction equals that of the last checkpoint (see [`IterationLearned`]).
    pub iteration_learned: Vec<u32>,
    /// Forgetting events, or [`NEVER_LEARNED`](super::NEVER_LEARNED) (see [`Forgetting`]).
    pub forgetting: Vec<u16>,
    /// Norm of the error vector at an early checkpoint (see [`el2n`]); NaN if training ended earlier.
    pub el2n: Vec<f32>,
    /// Area under the margin: mean over checkpoints of [`given_margin`] (Pleiss et al., 2020).
    pub aum: Vec<f32>,
    /// Mean probability of the given label (see [`DataMap`]).
    pub data_map_confidence: Vec<f32>,
    /// Standard deviation of the probability of the given label.
    pub data_map_variability: Vec<f32>,
}

impl Trajectory {
    /// Starts without checkpoints. `given` are the given labels, `[examples]`. EL2N is computed at the first checkpoint
    /// with at least `el2n_from` steps; its paper uses epoch 20 of 200.
    pub fn new(given: &[Class], el2n_from: u32) -> Self {
        Self {
            given: given.to_vec(),
            el2n_from,
            learned: IterationLearned::default(),
            forgetting: Forgetting::default(),
            margins: vec![0.0; given.len()],
            map: DataMap::default(),
            checkpoints: 0,
            el2n: None,
        }
    }

    /// Adds a checkpoint: the logits after `step` steps, [examples, classes]. Step 0, the untrained network, only
    /// counts for iteration learned.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the number of rows differs from that of the labels,
    /// [`Error::BadLabel`](crate::Error::BadLabel) if a label has no logit.
    pub fn note(&mut self, step: u32, logits: &Matrix) -> Result<()> {
        let [examples, classes] = logits.shape();
        same_length("rows of logits, one for each label", self.given.len(), examples)?;
        crate::data::check_labels(&self.given, classes)?;
        let predictions: Vec<Class> = (0..examples).map(|example| argmax(logits.row(example))).collect();
        self.learned.note(step, &predictions);
        if step == 0 {
            return Ok(());
        }
        self.forgetting.note(&predictions, &self.given);
        self.checkpoints += 1;
        let early = self.el2n.is_none() && step >= self.el2n_from;
        let (mut probabilities, mut lengths) = (Vec::with_capacity(examples), Vec::new());
        for (example, &label) in self.given.iter().enumerate() {
            let (row, label) = (logits.row(example), label as usize);
            let shares = softmax(row);
            self.margins[example] += given_margin(row, label);
            probabilities.push(shares[label]);
            if early {
                lengths.push(el2n(&shares, label) as f32);
            }
        }
        self.map.note(&probabilities);
        if early {
            self.el2n = Some(lengths);
        }
        Ok(())
    }

    /// Returns the measures after the last checkpoint. Without any checkpoint after step 0, they are NaN, and nothing
    /// counts as learned.
    pub fn dynamics(&self) -> Dynamics {
        let narrow = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        let none = || vec![f32::NAN; self.given.len()];
        let seen = self.checkpoints > 0;
        let mut iteration_learned = self.learned.since().to_vec();
        iteration_learned.resize(self.given.len(), 0);
        let mut forgetting = self.forgetting.events().to_vec();
        forgetting.resize(self.given.len(), super::NEVER_LEARNED);
        let means: Vec<f64> = self.margins.iter().map(|sum| sum / self.checkpoints as f64).collect();
        Dynamics {
            iteration_learned,
            forgetting,
            el2n: self.el2n.clone().unwrap_or_else(none),
            aum: narrow(&means),
            data_map_confidence: if seen { narrow(self.map.confidence()) } else { none() },
            data_map_variability: if seen { narrow(&self.map.variability()) } else { none() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::NEVER_LEARNED;

    fn logits(values: [f32; 4]) -> Matrix {
        Matrix::new(values.to_vec(), 2, 2).expect("two examples, two classes")
    }

    #[test]
    fn of_two_examples() {
        let third = 3.0_f32.ln();
        let mut trajectory = Trajectory::new(&[0, 1], 20);
        for (step, values) in [(0, [5.0, 0.0, 5.0, 0.0]), (10, [0.0, third, 1.0, 0.0]), (20, [third, 0.0, 0.0, 0.0])] {
            trajectory.note(step, &logits(values)).expect("they fit");
        }
        let found = trajectory.dynamics();
        assert_eq!((found.iteration_learned, found.forgetting), (vec![20, 0], vec![0, NEVER_LEARNED]));
        let near = |values: &[f32], expected: [f32; 2]| {
            assert!(values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{values:?} {expected:?}");
        };
        near(&found.aum, [0.0, -0.5]);
        near(&found.el2n, [0.125_f32.sqrt(), 0.5_f32.sqrt()]);
        let other = 1.0 / (1.0 + 1.0_f32.exp());
        near(&found.data_map_confidence, [0.5, 0.5 * (0.5 + other)]);
        near(&found.data_map_variability, [0.25, 0.5 * (0.5 - other)]);
    }

    #[test]
    fn what_was_not_reached_is_no_number() {
        let mut trajectory = Trajectory::new(&[0, 1], 50);
        trajectory.note(0, &logits([1.0, 0.0, 0.0, 1.0])).expect("they fit");
        let found = trajectory.dynamics();
        assert!(found.aum.iter().chain(&found.data_map_confidence).all(|value| value.is_nan()));
        trajectory.note(10, &logits([1.0, 0.0, 0.0, 1.0])).expect("they fit");
        let found = trajectory.dynamics();
        assert!(found.el2n.iter().all(|value| value.is_nan()) && found.aum.iter().all(|value| value.is_finite()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut trajectory = Trajectory::new(&[0, 1, 0], 0);
        assert!(trajectory.note(0, &logits([0.0; 4])).is_err(), "a row is missing");
        let mut trajectory = Trajectory::new(&[0, 2], 0);
        assert!(trajectory.note(0, &logits([0.0; 4])).is_err(), "no logit of class 2");
    }
}
