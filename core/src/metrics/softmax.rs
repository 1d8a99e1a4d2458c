//! Softmax: converts logits to probabilities.

/// Returns the probabilities of one example's logits, `[classes]`, in float64: exp(z - max z), divided by their sum.
pub fn softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|&logit| (f64::from(logit) - f64::from(largest)).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_logits_do_not_overflow() {
        let [a, b] = softmax(&[1000.0, 1000.0 - 3.0_f32.ln()])[..] else { panic!("two classes") };
        assert!((a - 0.75).abs() < 1e-4 && (b - 0.25).abs() < 1e-4, "{a} {b}");
    }
}
