//! Warnings about a network that learned nothing, or about votes that some classes cannot win: depths say little then.

use super::{ProbeSource, Study};
use crate::class::Class;
use crate::data::Split;

/// Share of the training split above which one predicted class is nearly all (our choice).
const NEARLY_ALL: f64 = 0.95;

impl Study {
    /// Returns what a reader must know before trusting the depths, a sentence each; empty if there is nothing. Examples
    /// whose network is not trained yet have no warnings.
    pub fn warnings(&self) -> Vec<String> {
        if self.layers.is_empty() {
            return Vec::new();
        }
        let examples = self.examples(Split::Train);
        let pick = |values: &[Class]| -> Vec<Class> { examples.iter().map(|&example| values[example]).collect() };
        let given = pick(&self.given_labels);
        let of_votes = match self.probe_source {
            ProbeSource::Neighbors => self.probing.warnings(&given, &self.classes),
            ProbeSource::Given => Vec::new(),
        };
        [warnings(&self.classes, &given, &pick(&self.measured.predictions)), of_votes].concat()
    }
}

/// Returns the warnings about a network from the given labels and the predictions of its training split, `[examples]`:
/// it predicts one class for at least 95 % of the examples, with less than half as many others as there are; or it is
/// right no more often than the commonest class would be.
pub fn warnings(classes: &[String], given: &[Class], predicted: &[Class]) -> Vec<String> {
    let (all, name) = (given.len(), |class: usize| classes.get(class).map_or("-", String::as_str));
    let count = |labels: &[Class], class: usize| labels.iter().filter(|&&label| label as usize == class).count();
    let commonest = |labels: &[Class]| {
        let counts = (0..classes.len()).map(|class| (count(labels, class), class));
        counts.max_by_key(|&(count, class)| (count, std::cmp::Reverse(class))).unwrap_or_default()
    };
    let ((said, class), (share, common)) = (commonest(predicted), commonest(given));
    let mut warnings = Vec::new();
    if share == all {
        return warnings; // A single class, or no example: there is nothing to learn.
    }
    let percent = |count: usize| format!("{:.1} %", 100.0 * count as f64 / all as f64);
    if said as f64 >= NEARLY_ALL * all as f64 && 2 * (all - said) < all - count(given, class) {
        warnings.push(format!(
            "the network predicts the class {} for {} of its training split: \
             it learned next to nothing, and its depths say little",
            name(class),
            percent(said)
        ));
    }
    let right = given.iter().zip(predicted).filter(|(given, predicted)| given == predicted).count();
    if right <= share {
        warnings.push(format!(
            "the network is right about {} of its training split, no more than always {} would be ({}): \
             its depths say little",
            percent(right),
            name(common),
            percent(share)
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(given: &[Class], predicted: &[Class]) -> Vec<String> {
        warnings(&["ant", "bee", "cat"].map(String::from), given, predicted)
    }

    #[test]
    fn one_class_for_nearly_all_is_told() {
        let given: Vec<Class> = (0..300).map(|example| example % 3).collect();
        let mut predicted = vec![1; 300];
        predicted[..15].copy_from_slice(&given[..15]);
        let told = found(&given, &predicted);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("the class bee for 96.7 %"), "{told:?}"); // 290: five of the fifteen are bees
        predicted[..60].copy_from_slice(&given[..60]);
        assert!(found(&given, &predicted).is_empty(), "86.7 %");
    }

    #[test]
    fn no_better_than_the_commonest_class_is_told() {
        let given = [0, 0, 1, 2];
        assert!(found(&given, &[0, 1, 1, 1])[0].contains("50.0 %"), "as good as always ant");
        assert!(found(&given, &[0, 0, 1, 1]).is_empty(), "better");
        let both = found(&given, &[2; 4]);
        assert_eq!(both.len(), 2, "{both:?}");
    }

    #[test]
    fn a_network_that_knows_a_common_class_is_not_blamed() {
        let mut given = vec![0; 1000];
        given[..40].fill(1);
        assert!(found(&given, &given).is_empty(), "all are right");
        assert_eq!(found(&given, &vec![0; 1000]).len(), 2, "never the rare class");
        assert!(found(&[1; 9], &[1; 9]).is_empty() && found(&[], &[]).is_empty(), "nothing to learn");
    }
}
