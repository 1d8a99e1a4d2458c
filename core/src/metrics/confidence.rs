//! Confidence: the largest class probability (method, "The other measures"). Data Maps use the given label's
//! probability instead ([`DataMap`](super::DataMap)).

/// Returns the largest of one example's probabilities, `[classes]`; 0 without classes.
pub fn confidence(probabilities: &[f64]) -> f64 {
    probabilities.iter().copied().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest() {
        assert!((confidence(&[0.2, 0.5, 0.3]) - 0.5).abs() < 1e-15);
        assert!(confidence(&[]).abs() < 1e-15);
    }
}
