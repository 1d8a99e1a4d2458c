//! EL2N: the L2 norm of the error vector early in training (Paul, Ganguli and Dziugaite, 2021).

/// Returns `|p - onehot(label)|_2` of one example's probabilities, `[classes]`; from 0 to sqrt(2).
pub fn el2n(probabilities: &[f64], label: usize) -> f64 {
    let onehot = |class: usize| f64::from(u8::from(class == label));
    probabilities.iter().enumerate().map(|(class, share)| (share - onehot(class)).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_is_short_and_wrong_is_long() {
        assert!(el2n(&[0.0, 1.0], 1).abs() < 1e-15);
        assert!((el2n(&[0.0, 1.0], 0) - 2.0_f64.sqrt()).abs() < 1e-15);
        assert!((el2n(&[0.6, 0.4, 0.0], 0) - 0.32_f64.sqrt()).abs() < 1e-15);
    }
}
