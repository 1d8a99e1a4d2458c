//! Which training examples may vote.

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

    /// Returns the rows of the training split that may vote, in order; `None`: all of them. `labels` are the given labels
    /// of the training split.
    ///
    /// # Errors
    /// [`Error::Setting`] if the training split, or one of its classes, has fewer examples.
    pub fn rows(self, labels: &[Class]) -> Result<Option<Vec<u32>>> {
        let (examples, seed) = match self {
            Self::All => return Ok(None),
            Self::Random { examples, seed } | Self::PerClass { examples, seed } => (examples, seed),
        };
        let order = shuffled(labels.len(), &mut generator(seed, Stream::Support));
        let mut rows = match self {
            Self::PerClass { .. } => of_each_class(order, labels, examples)?,
            _ => some(order, examples)?,
        };
        rows.sort_unstable();
        Ok(Some(rows))
    }
}

fn some(mut order: Vec<usize>, examples: usize) -> Result<Vec<u32>> {
    if examples > order.len() {
        let remedy = format!("the training split has only {} examples", order.len());
        return Err(Error::Setting { name: "support", value: examples.to_string(), remedy });
    }
    order.truncate(examples);
    Ok(order.into_iter().map(|row| row as u32).collect())
}

fn of_each_class(order: Vec<usize>, labels: &[Class], examples: usize) -> Result<Vec<u32>> {
    let mut counts = vec![0; labels.iter().max().map_or(0, |&label| label as usize + 1)];
    let mut drawn = vec![0; counts.len()];
    labels.iter().for_each(|&label| counts[label as usize] += 1);
    let small = (0..).zip(&counts).filter(|&(_, &count)| count > 0).min_by_key(|&(_, &count)| count);
    if let Some((class, &count)) = small.filter(|&(_, &count)| count < examples) {
        let remedy = format!("class {class} has only {count} training examples");
        return Err(Error::Setting { name: "support per class", value: examples.to_string(), remedy });
    }
    let chosen = order.into_iter().filter(|&row| {
        let drawn = &mut drawn[labels[row] as usize];
        *drawn += 1;
        *drawn <= examples
    });
    Ok(chosen.map(|row| row as u32).collect())
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
        for (support, words) in [
            (Support::Random { examples: 10, seed: 0 }, "support = 10: the training split has only 9 examples"),
            (Support::PerClass { examples: 5, seed: 0 }, "support per class = 5: class 0 has only 4 training examples"),
        ] {
            assert_eq!(support.rows(&LABELS).expect_err("too few").to_string(), words);
        }
    }
}
