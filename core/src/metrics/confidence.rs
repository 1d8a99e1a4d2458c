//! Confidence: the largest probability (method, "The other measures"). That of the given label is the Data Maps'
//! ([`DataMap`](super::DataMap)).

/// The largest of one example's probabilities, `[classes]`; 0 where there are none.
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
