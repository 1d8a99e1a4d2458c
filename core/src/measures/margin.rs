//! Output margin (paper, section 3): the largest logit minus the second largest.

/// The margin of one example's logits, `[classes]`; 0 where there is only one class.
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
