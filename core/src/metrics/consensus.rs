//! Consensus class and consensus-consistency (paper, section 3).

use crate::class::Class;

/// The prediction of most models that held an example out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Consensus {
    /// The class with the most votes, the lowest of ties.
    pub class: Class,
    /// The fraction of the models that predict this class. It needs no label.
    pub consistency: f64,
}

impl Consensus {
    /// Returns the consensus of the votes for each class, `[classes]`; `None` without votes.
    pub fn from_counts(votes: &[u16]) -> Option<Self> {
        let (mut class, mut most, mut total) = (0, 0, 0);
        for (candidate, &count) in votes.iter().enumerate() {
            total += u32::from(count);
            if count > most {
                (class, most) = (candidate as Class, count);
            }
        }
        (total > 0).then(|| Self { class, consistency: f64::from(most) / f64::from(total) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_class_among_equals() {
        assert_eq!(Consensus::from_counts(&[1, 3, 3, 1]), Some(Consensus { class: 1, consistency: 0.375 }));
        assert_eq!(Consensus::from_counts(&[0, 0, 2]), Some(Consensus { class: 2, consistency: 1.0 }));
        assert_eq!(Consensus::from_counts(&[0, 0]), None);
    }
}
