//! Iteration learned (paper, section 3): the first checkpoint from which the prediction equals that of the converged
//! network. For a layer's probe, it shows when the layer settles.

use crate::class::Class;

/// The step since which each example has had its current prediction. After the last checkpoint this is the iteration
/// learned.
#[derive(Clone, Debug, Default)]
pub struct IterationLearned {
    predictions: Vec<Class>,
    since: Vec<u32>,
}

impl IterationLearned {
    /// Adds a checkpoint: the predictions of the network or a probe after `step` steps, `[examples]`. Call in the order
    /// of steps. Returns the step since which each prediction has not changed, `[examples]`; 0 if it never changed and
    /// the first checkpoint is step 0.
    pub fn note(&mut self, step: u32, predictions: &[Class]) -> &[u32] {
        let first = self.predictions.is_empty();
        self.predictions.resize(predictions.len(), Class::MAX);
        self.since.resize(predictions.len(), step);
        for ((seen, since), &now) in self.predictions.iter_mut().zip(&mut self.since).zip(predictions) {
            if first || *seen != now {
                (*seen, *since) = (now, step);
            }
        }
        &self.since
    }

    /// Returns the last result of [`note`](Self::note).
    pub fn since(&self) -> &[u32] {
        &self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::depth::settled_at;
    use crate::random::{Stream, generator};
    use rand::RngExt;

    #[test]
    fn the_first_step_of_what_is_said_now() {
        let mut learned = IterationLearned::default();
        assert_eq!(learned.note(0, &[1, 1, 1]), [0, 0, 0]);
        assert_eq!(learned.note(10, &[1, 2, 2]), [0, 10, 10]);
        assert_eq!(learned.note(20, &[1, 2, 1]), [0, 10, 20], "back again is not from the start");
    }

    #[test]
    fn depth_over_checkpoints_is_the_same_function() {
        let steps: [u32; 7] = [0, 3, 5, 40, 41, 100, 1000];
        let mut rng = generator(7, Stream::Order);
        let mut places = vec![0; steps.len()];
        for _ in 0..50 {
            let said: Vec<Vec<Class>> =
                steps.iter().map(|_| (0..20).map(|_| rng.random_range(0..2)).collect()).collect();
            let mut learned = IterationLearned::default();
            for (&step, predictions) in steps.iter().zip(&said) {
                learned.note(step, predictions);
            }
            for example in 0..20 {
                let over_time = said.iter().map(|predictions| predictions[example]);
                let settled = settled_at(over_time, said[steps.len() - 1][example]);
                assert_eq!(learned.since()[example], steps[settled]);
                places[settled] += 1;
            }
        }
        assert!(places.iter().all(|&seen| seen > 0), "every checkpoint was one to settle at: {places:?}");
    }
}
