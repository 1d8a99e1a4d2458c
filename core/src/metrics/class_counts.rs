//! Votes of many models on the same examples.

use crate::class::Class;
use crate::class::UNPROBED;

/// Votes for each class, [examples, classes]. Counts saturate at 65,535.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassCounts {
    classes: usize,
    counts: Vec<u16>,
}

impl ClassCounts {
    /// Creates counts of 0.
    pub fn new(examples: usize, classes: usize) -> Self {
        Self { classes, counts: vec![0; examples * classes] }
    }

    /// Adds a vote. [`UNPROBED`] is ignored.
    ///
    /// # Panics
    /// If `example` or `class` is out of range.
    pub fn add(&mut self, example: usize, class: Class) {
        if class != UNPROBED {
            assert!((class as usize) < self.classes, "class {class} of {}", self.classes);
            let count = &mut self.counts[example * self.classes + class as usize];
            *count = count.saturating_add(1);
        }
    }

    /// Returns the votes on one example, `[classes]`.
    pub fn of(&self, example: usize) -> &[u16] {
        &self.counts[example * self.classes..][..self.classes]
    }

    /// Returns the number of examples.
    pub fn examples(&self) -> usize {
        self.counts.len() / self.classes.max(1)
    }

    /// Returns the number of votes on an example.
    pub fn total(&self, example: usize) -> u32 {
        self.of(example).iter().map(|&count| u32::from(count)).sum()
    }

    /// Returns the number of votes for one class.
    pub fn for_class(&self, example: usize, class: Class) -> u32 {
        self.of(example).get(class as usize).map_or(0, |&count| u32::from(count))
    }

    /// Returns the fraction of the votes on an example that are for one class; `None` without votes. For the given
    /// label, and models that held the example out, this is the C-score (Jiang et al., 2021).
    pub fn share(&self, example: usize, class: Class) -> Option<f64> {
        let total = self.total(example);
        (total > 0).then(|| f64::from(self.for_class(example, class)) / f64::from(total))
    }

    /// Returns the fraction of all votes on these examples that are for their labels; `None` without votes. `labels`
    /// covers all examples.
    pub fn accuracy(&self, labels: &[Class], examples: impl IntoIterator<Item = usize>) -> Option<f64> {
        let (mut right, mut total) = (0_u64, 0_u64);
        for example in examples {
            right += u64::from(self.for_class(example, labels[example]));
            total += u64::from(self.total(example));
        }
        (total > 0).then(|| right as f64 / total as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_are_counted() {
        let mut votes = ClassCounts::new(3, 2);
        for (example, class) in [(0, 1), (0, 1), (0, 0), (1, 0), (1, UNPROBED)] {
            votes.add(example, class);
        }
        assert_eq!((votes.of(0), votes.total(1), votes.examples()), (&[1, 2][..], 1, 3));
        assert_eq!((votes.share(0, 0), votes.share(2, 0)), (Some(1.0 / 3.0), None));
        assert_eq!(votes.accuracy(&[1, 1, 1], 0..3), Some(0.5), "each vote weighs the same");
        assert_eq!(votes.accuracy(&[1, 1, 1], [2]), None);
    }
}
