//! Data Maps (Swayamdipta et al., 2020): mean and standard deviation of the given label's probability over checkpoints.

/// Running mean and variance, by Welford's recurrence.
#[derive(Clone, Debug, Default)]
pub struct DataMap {
    checkpoints: usize,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl DataMap {
    /// Adds a checkpoint: the probability of each example's given label, `[examples]`.
    pub fn note(&mut self, probabilities: &[f64]) {
        self.means.resize(probabilities.len(), 0.0);
        self.squares.resize(probabilities.len(), 0.0);
        self.checkpoints += 1;
        for ((mean, squares), probability) in self.means.iter_mut().zip(&mut self.squares).zip(probabilities) {
            let away = probability - *mean;
            *mean += away / self.checkpoints as f64;
            *squares += away * (probability - *mean);
        }
    }

    /// Returns the means, `[examples]`: the paper's confidence.
    pub fn confidence(&self) -> &[f64] {
        &self.means
    }

    /// Returns the standard deviations over checkpoints (divided by their number, not by one less), `[examples]`: the
    /// paper's variability.
    pub fn variability(&self) -> Vec<f64> {
        self.squares.iter().map(|squares| (squares / self.checkpoints as f64).sqrt()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_spread() {
        let mut map = DataMap::default();
        for probabilities in [[0.2, 0.5], [0.4, 0.5], [0.9, 0.5]] {
            map.note(&probabilities);
        }
        assert!((map.confidence()[0] - 0.5).abs() < 1e-15);
        let variance = (0.09 + 0.01 + 0.16) / 3.0_f64;
        assert!((map.variability()[0] - variance.sqrt()).abs() < 1e-15);
        assert!(map.variability()[1].abs() < 1e-15);
    }
}
