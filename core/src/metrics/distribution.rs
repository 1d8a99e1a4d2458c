//! What is a distribution over the classes, and what only looks like one.

/// The largest difference from 1 of the sum of a distribution (our choice): rounding to float16 stays below
/// it, unless there are very many classes.
pub const SUM_TOLERANCE: f64 = 1e-3;

/// Why values are no distribution.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoDistribution {
    /// NaN or infinity.
    #[error("it is {value}, and a probability is a number: leave the example out, or repair it")]
    NotFinite {
        /// The class of the value.
        class: usize,
        /// The value.
        value: f64,
    },
    /// A negative value.
    #[error(
        "it is {value}, and no probability is negative: these look like logits; write their softmax, such as \
         scipy.special.softmax(x, axis=-1)"
    )]
    Negative {
        /// The class of the value.
        class: usize,
        /// The value.
        value: f64,
    },
    /// Another sum than 1.
    #[error(
        "its values sum to {sum}, and the sum of a distribution is 1 (within {SUM_TOLERANCE}): if these are logits, write \
         their softmax, such as scipy.special.softmax(x, axis=-1); if classes are missing, write all of them"
    )]
    Sum {
        /// The sum.
        sum: f64,
    },
}

impl NoDistribution {
    /// Returns the class of the value that is wrong; `None` if it is the sum.
    pub fn class(&self) -> Option<usize> {
        match *self {
            Self::NotFinite { class, .. } | Self::Negative { class, .. } => Some(class),
            Self::Sum { .. } => None,
        }
    }
}

/// Checks that the values, `[classes]`, are a distribution: finite, not negative, and with a sum of 1 within
/// [`SUM_TOLERANCE`].
///
/// # Errors
/// [`NoDistribution`] for the first value that is wrong, or the sum.
pub fn check_distribution(values: &[f64]) -> Result<(), NoDistribution> {
    for (class, &value) in values.iter().enumerate() {
        if !value.is_finite() {
            return Err(NoDistribution::NotFinite { class, value });
        }
        if value < 0.0 {
            return Err(NoDistribution::Negative { class, value });
        }
    }
    let sum: f64 = values.iter().sum();
    if (sum - 1.0).abs() <= SUM_TOLERANCE { Ok(()) } else { Err(NoDistribution::Sum { sum }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_distribution_is_told_apart() {
        for right in [&[1.0][..], &[0.5, 0.5], &[0.0, 0.3, 0.7005], &[0.4995, 0.4996]] {
            assert_eq!(check_distribution(right), Ok(()), "{right:?}");
        }
        let negative = NoDistribution::Negative { class: 1, value: -1.0 };
        assert_eq!(check_distribution(&[2.0, -1.0, f64::NAN]), Err(negative));
        assert!(matches!(check_distribution(&[0.5, f64::NAN]), Err(NoDistribution::NotFinite { class: 1, .. })));
        assert!(matches!(check_distribution(&[f64::INFINITY]), Err(NoDistribution::NotFinite { .. })));
        for wrong in [&[][..], &[0.0, 0.0], &[0.5, 0.4985], &[0.5, 0.5015], &[3.0, 1.0]] {
            assert!(matches!(check_distribution(wrong), Err(NoDistribution::Sum { .. })), "{wrong:?}");
        }
        assert!(negative.to_string().contains("look like logits") && negative.class() == Some(1));
    }
}
