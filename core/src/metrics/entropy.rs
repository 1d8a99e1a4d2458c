//! Entropy of a prediction (Shannon, 1948), in nats.

/// Returns -sum p ln p of one example's probabilities, `[classes]`; from 0 to ln(classes).
pub fn entropy(probabilities: &[f64]) -> f64 {
    probabilities.iter().filter(|&&share| share > 0.0).map(|&share| -share * share.ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_certain_to_undecided() {
        assert!(entropy(&[0.0, 1.0, 0.0]).abs() < 1e-15);
        assert!((entropy(&[0.25; 4]) - 4.0_f64.ln()).abs() < 1e-15);
        assert!((entropy(&[0.5, 0.25, 0.25]) - 1.5 * 2.0_f64.ln()).abs() < 1e-15);
    }
}
