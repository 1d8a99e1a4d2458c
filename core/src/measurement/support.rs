//! Which training examples may vote.

use std::collections::BTreeMap;

use crate::class::Class;
use crate::error::{Error, Result};
use crate::random::{Stream, generator, shuffled};

/// The training examples that may vote. All are probed, those that do not vote included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Support {
    /// All of the training split, as in the paper.
    #[default]
    All,
    /// This many examples of the training split, drawn at random by the seed.
    Random {
        /// Number of examples.
        examples: usize,
        /// Seed of the draw.
        seed: u64,
    },
    /// This many examples of each class that the training split has, drawn at random by the seed: no class has more votes
    /// than another.
    PerClass {
        /// Number of examples of each class.
        examples: usize,
        /// Seed of the draw.
        seed: u64,
    },
}

impl Support {
    /// Returns whether all training examples may vote.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// Checks that there are as many examples. `labels` are the given labels of the training split, `classes` the names of
    /// the classes; a class without a name is told by its number.
    ///
    /// # Errors
    /// [`Error::Setting`] if the training split, or one of its classes, has fewer examples.
    pub fn check(self, labels: &[Class], classes: &[String]) -> Result<()> {
        let refused = |name, examples: usize, what: &str, found: usize| {
            let remedy = format!("{what} has only {}: choose at most {found}", counted(found));
            Err(Error::Setting { name, value: examples.to_string(), remedy })
        };
        match self {
            Self::Random { examples, .. } if examples > labels.len() => {
                refused("support", examples, "the training split", labels.len())
            }
            Self::PerClass { examples, .. } => match smallest_class(labels) {
                Some((class, found)) if found < examples => {
                    let name = classes.get(class).map_or_else(|| class.to_string(), |name| format!("`{name}`"));
                    refused("support-per-class", examples, &format!("the class {name}"), found)
                }
                _ => Ok(()),
            },
            Self::All | Self::Random { .. } => Ok(()),
        }
    }

    /// Returns the rows of the training split that may vote, in order; `None`: all of them. `labels` are the given labels
    /// of the training split.
    ///
    /// # Errors
    /// Those of [`check`](Self::check), with classes by their numbers.
    pub fn rows(self, labels: &[Class]) -> Result<Option<Vec<u32>>> {
        self.check(labels, &[])?;
        let (examples, seed) = match self {
            Self::All => return Ok(None),
            Self::Random { examples, seed } | Self::PerClass { examples, seed } => (examples, seed),
        };
        let mut order = shuffled(labels.len(), &mut generator(seed, Stream::Support));
        match self {
            Self::PerClass { .. } => keep_of_each_class(&mut order, labels, examples),
            _ => order.truncate(examples),
        }
        order.sort_unstable();
        Ok(Some(order.into_iter().map(|row| row as u32).collect()))
    }
}

fn counted(examples: usize) -> String {
    if examples == 1 { "1 training example".into() } else { format!("{examples} training examples") }
}

/// Returns the class that has the fewest labels, but some, and their number.
fn smallest_class(labels: &[Class]) -> Option<(usize, usize)> {
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    labels.iter().for_each(|&label| *counts.entry(label).or_default() += 1);
    counts.into_iter().map(|(class, count)| (class as usize, count)).min_by_key(|&(_, count)| count)
}

fn keep_of_each_class(order: &mut Vec<usize>, labels: &[Class], examples: usize) {
    let mut drawn: BTreeMap<Class, usize> = BTreeMap::new();
    order.retain(|&row| {
        let drawn = drawn.entry(labels[row]).or_default();
        *drawn += 1;
        *drawn <= examples
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [Class; 9] = [0, 0, 2, 2, 2, 0, 2, 2, 0];

    #[test]
    fn every_class_has_as_many_votes() {
        let rows = |seed| Support::PerClass { examples: 3, seed }.rows(&LABELS).expect("enough").expect("some");
        let drawn = rows(1);
        assert!(drawn.len() == 6 && drawn.is_sorted());
        assert_eq!(drawn.iter().filter(|&&row| LABELS[row as usize] == 2).count(), 3);
        assert!((2..9).any(|seed| rows(seed) != drawn), "another seed draws others");
    }

    #[test]
    fn a_random_support_has_no_row_twice() {
        let mut drawn = Support::Random { examples: 9, seed: 3 }.rows(&LABELS).expect("enough").expect("some");
        assert_eq!(drawn, (0..9).collect::<Vec<_>>());
        drawn = Support::Random { examples: 4, seed: 3 }.rows(&LABELS).expect("enough").expect("some");
        assert!(drawn.len() == 4 && drawn.is_sorted_by(|a, b| a < b));
        assert_eq!(Support::All.rows(&LABELS).expect("all"), None);
    }

    #[test]
    fn too_few_examples_are_told() {
        let classes = ["ant", "bee", "cow"].map(String::from);
        for (support, words) in [
            (
                Support::Random { examples: 10, seed: 0 },
                "support = 10: the training split has only 9 training examples: choose at most 9",
            ),
            (
                Support::PerClass { examples: 5, seed: 0 },
                "support-per-class = 5: the class `ant` has only 4 training examples: choose at most 4",
            ),
        ] {
            assert_eq!(support.check(&LABELS, &classes).expect_err("too few").to_string(), words);
            assert_eq!(support.rows(&LABELS).expect_err("too few").to_string(), words.replace("`ant`", "0"));
        }
        let one =
            Support::PerClass { examples: 2, seed: 0 }.check(&[1, 0, 0], &classes).expect_err("one bee").to_string();
        assert!(one.contains("the class `bee` has only 1 training example: "), "{one}");
    }
}
