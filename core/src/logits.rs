//! Class and margins of one example's logits: the output margin (paper, section 3), and the given label's margin, whose
//! mean over training is AUM.

use crate::class::Class;

/// Returns the class of the largest score of `[classes]`, the lowest among equals; 0 for no classes.
pub fn argmax(scores: &[f32]) -> Class {
    let mut best = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = class;
        }
    }
    best as Class
}

/// Returns the largest logit minus the second largest of one example, `[classes]`; 0 for a single class.
pub fn output_margin(logits: &[f32]) -> f32 {
    let [mut first, mut second] = [f32::NEG_INFINITY; 2];
    for &logit in logits {
        if logit > first {
            (first, second) = (logit, first);
        } else {
            second = second.max(logit);
        }
    }
    if second.is_finite() { first - second } else { 0.0 }
}

/// Returns the label's logit minus the largest other one (Pleiss et al., 2020, equation 1); 0 for a single class.
pub fn given_margin(logits: &[f32], label: usize) -> f64 {
    let others = logits.iter().enumerate().filter(|(class, _)| *class != label).map(|(_, &logit)| logit);
    let largest = others.fold(f32::NEG_INFINITY, f32::max);
    if largest.is_finite() { f64::from(logits[label]) - f64::from(largest) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_prediction_has_a_negative_given_margin() {
        let logits = [1.0, 3.5, 3.0];
        assert!((output_margin(&logits) - 0.5).abs() < 1e-6);
        assert!((given_margin(&logits, 1) - 0.5).abs() < 1e-12);
        assert!((given_margin(&logits, 0) + 2.5).abs() < 1e-12);
        assert!(given_margin(&[2.0], 0).abs() < 1e-12, "one class: there is no other");
    }
}
