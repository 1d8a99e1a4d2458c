//! What many models say of the same examples, counted.

use crate::data::Class;
use crate::depth::UNPROBED;

/// Votes for each class, [examples, classes]. A count holds 65,535.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassCounts {
    classes: usize,
    counts: Vec<u16>,
}

impl ClassCounts {
    /// None yet.
    pub fn new(examples: usize, classes: usize) -> Self {
        Self { classes, counts: vec![0; examples * classes] }
    }

    /// One more vote. [`UNPROBED`] is none.
    ///
    /// # Panics
    /// Where there is no such example or class.
    pub fn add(&mut self, example: usize, class: Class) {
        if class != UNPROBED {
            assert!((class as usize) < self.classes, "class {class} of {}", self.classes);
            let count = &mut self.counts[example * self.classes + class as usize];
            *count = count.saturating_add(1);
        }
    }

    /// Of one example, `[classes]`.
    pub fn of(&self, example: usize) -> &[u16] {
        &self.counts[example * self.classes..][..self.classes]
    }

    /// How many examples there are.
    pub fn examples(&self) -> usize {
        self.counts.len() / self.classes.max(1)
    }

    /// All votes about an example.
    pub fn total(&self, example: usize) -> u32 {
        self.of(example).iter().map(|&count| u32::from(count)).sum()
    }

    /// The votes for one class.
    pub fn for_class(&self, example: usize, class: Class) -> u32 {
        self.of(example).get(class as usize).map_or(0, |&count| u32::from(count))
    }

    /// The fraction of the votes about an example that are for one class; None where there are no votes. With the
    /// given label of an example that the models did not train on, this is its C-score (Jiang et al., 2021).
    pub fn share(&self, example: usize, class: Class) -> Option<f64> {
        let total = self.total(example);
        (total > 0).then(|| f64::from(self.for_class(example, class)) / f64::from(total))
    }

    /// The fraction of all votes about these examples that are for their labels, `[all examples]`; None where there
    /// are no votes.
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
