//! Bootstrap confidence intervals (Efron, 1979), by the percentile method.

use rand::RngExt;

use crate::random::{Stream, generator};

/// Number of resamples (our choice).
pub const RESAMPLES: usize = 1000;

/// Returns the 95 % confidence interval of a statistic of `items` items: the 2.5 % and 97.5 % quantiles (numpy's
/// `linear`) over 1,000 resamples. Each resample draws `items` items with replacement, by `seed`.
///
/// `statistic` receives the indices of the drawn items, and returns `None` where it is undefined; such resamples are
/// ignored. Returns `None` if it is undefined for all resamples, or `items` is 0.
pub fn interval(items: usize, seed: u64, statistic: impl Fn(&[usize]) -> Option<f64>) -> Option<[f64; 2]> {
    if items == 0 {
        return None;
    }
    let mut rng = generator(seed, Stream::Bootstrap);
    let mut drawn = vec![0; items];
    let resample = |_| {
        // As u64, so that 32-bit browsers draw the same.
        drawn.fill_with(|| rng.random_range(0..items as u64) as usize);
        statistic(&drawn)
    };
    let mut found: Vec<f64> = (0..RESAMPLES).filter_map(resample).collect();
    found.sort_by(f64::total_cmp);
    Some([quantile(&found, 0.025)?, quantile(&found, 0.975)?])
}

/// Returns a quantile of sorted values by linear interpolation.
fn quantile(sorted: &[f64], quantile: f64) -> Option<f64> {
    let place = quantile * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64]) -> impl Fn(&[usize]) -> Option<f64> {
        |drawn| Some(drawn.iter().map(|&item| values[item]).sum::<f64>() / drawn.len() as f64)
    }

    #[test]
    fn of_a_mean_it_is_about_two_standard_errors_wide() {
        let values: Vec<f64> = (0..400).map(|item| f64::from(item % 20)).collect();
        let [low, high] = interval(values.len(), 1, mean(&values)).expect("an interval");
        let error = (399.0 / 12.0 / 400.0_f64).sqrt();
        assert!((low - (9.5 - 1.96 * error)).abs() < 0.15 * error, "{low}");
        assert!((high - (9.5 + 1.96 * error)).abs() < 0.15 * error, "{high}");
        assert_eq!(interval(values.len(), 1, mean(&values)), Some([low, high]), "the same seed, the same interval");
        assert_ne!(interval(values.len(), 2, mean(&values)), Some([low, high]));
    }

    #[test]
    fn quantiles_lie_between() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
        assert_eq!((quantile(&[5.0], 0.3), quantile(&[], 0.3)), (Some(5.0), None));
    }

    #[test]
    fn nothing_has_no_interval() {
        assert_eq!(interval(0, 0, |_| Some(1.0)), None);
        assert_eq!(interval(3, 0, |_| None), None);
    }
}
