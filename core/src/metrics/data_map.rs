//! Data Maps (Swayamdipta et al., 2020): mean and spread, over checkpoints, of the given label's probability.

/// Mean and variance so far, by Welford's recurrence.
#[derive(Clone, Debug, Default)]
pub struct DataMap {
    checkpoints: usize,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl DataMap {
    /// The probability of each example's given label at the next checkpoint, `[examples]`.
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

    /// The means, `[examples]`: confidence, as that paper calls it.
    pub fn confidence(&self) -> &[f64] {
        &self.means
    }

    /// The standard deviations over the checkpoints, divided by their number and not by one less, `[examples]`: variability.
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
