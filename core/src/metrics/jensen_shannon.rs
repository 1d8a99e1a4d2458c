//! Jensen-Shannon distance: how far two distributions over the same classes are apart.

use std::f64::consts::LN_2;

/// Returns the square root of the Jensen-Shannon divergence, base 2, of two distributions, `[classes]` (Lin, 1991; a
/// metric: Endres and Schindelin, 2003). It is 0 if they are equal, and 1 if they have no class in common. Each is divided
/// by its sum first, as in SciPy's `jensenshannon(base=2)`.
///
/// No value may be negative, and neither sum may be 0.
pub fn jensen_shannon_distance(one: &[f64], other: &[f64]) -> f64 {
    let [of_one, of_other] = [one, other].map(|values| values.iter().sum::<f64>());
    let divergence = one.iter().zip(other).map(|(p, q)| divergence(p / of_one, q / of_other)).sum::<f64>();
    (divergence / LN_2).clamp(0.0, 1.0).sqrt()
}

/// Returns a class's part of the divergence, in nats. With the mean m of p and q, p/m is 1 + (p - q)/(p + q): so near 1
/// the logarithm keeps its digits.
fn divergence(p: f64, q: f64) -> f64 {
    let apart = (p - q) / (p + q);
    let part = |share: f64, apart: f64| if share > 0.0 { share * apart.ln_1p() } else { 0.0 };
    0.5 * (part(p, apart) + part(q, -apart))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_equal_to_nothing_in_common() {
        let distance = jensen_shannon_distance;
        assert_eq!(distance(&[0.5, 0.3, 0.2], &[0.5, 0.3, 0.2]).to_bits(), 0.0_f64.to_bits());
        assert!((distance(&[1.0, 0.0], &[0.0, 1.0]) - 1.0).abs() < 1e-15);
        assert!((distance(&[5e-324, 1.0], &[0.0, 1.0])).abs() < 1e-12, "the smallest number there is");
        // The mean of (1, 0) and (1/2, 1/2) is (3/4, 1/4).
        let expected = 0.5 * ((4.0_f64 / 3.0).log2() + 0.5 * (2.0_f64 / 3.0).log2() + 0.5);
        assert!((distance(&[1.0, 0.0], &[0.5, 0.5]) - expected.sqrt()).abs() < 1e-15);
        assert!((distance(&[2.0, 0.0], &[3.0, 3.0]) - expected.sqrt()).abs() < 1e-15, "sums do not matter");
    }

    #[test]
    fn small_distances_keep_their_digits() {
        // For a small step e from (1/2, 1/2), the divergence is e^2 / (2 ln 2) to first order.
        let step = 1e-7;
        let found = jensen_shannon_distance(&[0.5 + step, 0.5 - step], &[0.5, 0.5]);
        let expected = step / (2.0 * LN_2).sqrt();
        assert!((found / expected - 1.0).abs() < 1e-5, "{found} {expected}");
    }
}
