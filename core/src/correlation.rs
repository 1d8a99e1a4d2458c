//! Rank correlation.

/// Returns Spearman's rank correlation (Spearman, 1904) of the examples for which both values exist. Tied values share
/// their mean rank. `a` and `b` are `[examples]`.
///
/// Returns `None` for fewer than three pairs, or if all values of one side are equal.
pub fn spearman(a: &[Option<f64>], b: &[Option<f64>]) -> Option<f64> {
    let both = a.iter().zip(b).filter_map(|(a, b)| Some((finite(*a)?, finite(*b)?)));
    let (a, b): (Vec<f64>, Vec<f64>) = both.unzip();
    if a.len() < 3 {
        return None;
    }
    pearson(&ranks(&a), &ranks(&b))
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| !value.is_nan())
}

/// Returns the ranks of values, from 1; equal values share their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let (mut ranks, mut before) = (vec![0.0; values.len()], 0);
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let mean = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
        tied.iter().for_each(|&place| ranks[place] = mean);
        before += tied.len();
    }
    ranks
}

fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let product = |x: &[f64], mean_x: f64, y: &[f64], mean_y: f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum()
    };
    let spread = product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b);
    (spread > 0.0).then(|| product(a, mean_a, b, mean_b) / spread.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(a: &[f64], b: &[f64]) -> Option<f64> {
        let some = |values: &[f64]| values.iter().map(|&value| Some(value)).collect::<Vec<_>>();
        spearman(&some(a), &some(b))
    }

    #[test]
    fn by_hand() {
        assert_eq!(of(&[1.0, 2.0, 9.0], &[0.0, 5.0, 6.0]), Some(1.0));
        assert_eq!(of(&[1.0, 2.0, 9.0], &[3.0, 2.0, 1.0]), Some(-1.0));
        // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
        let tied = of(&[0.0, 3.0, 3.0, 7.0], &[1.0, 2.0, 3.0, 4.0]).expect("a correlation");
        assert!((tied - 4.5 / (4.5_f64 * 5.0).sqrt()).abs() < 1e-12, "{tied}");
        assert_eq!(of(&[-0.0, 0.0, 1.0], &[1.0, 1.0, 2.0]), Some(1.0), "both zeros are equal");
    }

    #[test]
    fn without_pairs_there_is_none() {
        assert_eq!(of(&[1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(of(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
        let gaps = [Some(1.0), None, Some(2.0), Some(f64::NAN), Some(9.0)];
        let all = [Some(5.0), Some(0.0), Some(6.0), Some(0.0), Some(7.0)];
        assert_eq!(spearman(&gaps, &all), Some(1.0));
    }
}
