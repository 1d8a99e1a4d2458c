//! Forgetting events (Toneva et al., 2019): correct at one checkpoint, and wrong at the next.

use crate::class::Class;

/// Count of an example that was never classified correctly. The paper counts these as forgotten infinitely often.
pub const NEVER_LEARNED: u16 = u16::MAX;

/// Running counts over checkpoints.
#[derive(Clone, Debug, Default)]
pub struct Forgetting {
    right: Vec<bool>,
    events: Vec<u16>,
}

impl Forgetting {
    /// Adds a checkpoint: the network's predictions and the given labels, `[examples]` each.
    pub fn note(&mut self, predictions: &[Class], given: &[Class]) {
        self.right.resize(predictions.len(), false);
        self.events.resize(predictions.len(), NEVER_LEARNED);
        let states = self.right.iter_mut().zip(&mut self.events);
        for ((right, events), (prediction, label)) in states.zip(predictions.iter().zip(given)) {
            let now = prediction == label;
            if now && *events == NEVER_LEARNED {
                *events = 0;
            }
            if *right && !now {
                *events = (*events + 1).min(NEVER_LEARNED - 1);
            }
            *right = now;
        }
    }

    /// Returns the number of events of each example so far, or [`NEVER_LEARNED`], `[examples]`.
    pub fn events(&self) -> &[u16] {
        &self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_right_can_be_forgotten() {
        let mut forgetting = Forgetting::default();
        // Always correct; never; late, then kept; lost twice; correct once, then lost.
        let given = [1; 5];
        for predictions in [[1, 0, 0, 1, 1], [1, 0, 0, 0, 0], [1, 2, 1, 1, 0], [1, 0, 1, 0, 0]] {
            forgetting.note(&predictions, &given);
        }
        assert_eq!(forgetting.events(), [0, NEVER_LEARNED, 0, 2, 1]);
    }
}
