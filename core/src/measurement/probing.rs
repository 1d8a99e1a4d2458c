//! The options of a measurement.

use std::fmt;

use super::support::Support;
use crate::class::Class;
use crate::error::{Error, Result};
use crate::metric::Metric;
use crate::probe::Ties;

/// The options of the definition (method, "Prediction depth"). More will come: end with `..Probing::default()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probing {
    /// Number of neighbours that vote: 30 in the paper.
    pub k: usize,
    /// Rule for tied votes.
    pub ties: Ties,
    /// Whether a training example may be its own neighbour. By default it may not: leave-one-out.
    pub include_self: bool,
    /// Distance by which neighbours are near.
    #[serde(default, skip_serializing_if = "Metric::is_euclidean")]
    pub metric: Metric,
    /// Training examples that may vote.
    #[serde(default, skip_serializing_if = "Support::is_all")]
    pub support: Support,
}

impl Default for Probing {
    fn default() -> Self {
        Self { k: 30, ties: Ties::Lowest, include_self: false, metric: Metric::Euclidean, support: Support::All }
    }
}

impl Probing {
    /// Returns whether a split is searched so that each pair of its rows is computed once: the training split, split 0,
    /// leave-one-out. The search by Manhattan distance computes all.
    pub(super) fn is_leave_one_out(&self, split: usize) -> bool {
        split == 0 && !self.include_self && self.support.is_all() && self.metric != Metric::Manhattan
    }

    /// Checks the options early, since the search would report an error only after a long training. `labels` are the given
    /// labels of the training split.
    ///
    /// # Errors
    /// [`Error::BadK`] if there are too few neighbours; those of [`Support::rows`].
    pub fn check(&self, labels: &[Class]) -> Result<()> {
        let support = self.support.rows(labels)?.map_or(labels.len(), |rows| rows.len());
        let candidates = support.saturating_sub(usize::from(!self.include_self));
        if self.k == 0 || self.k > candidates {
            return Err(Error::BadK { k: self.k, candidates });
        }
        Ok(())
    }

    /// Returns in words which options are not the defaults, without k; `None` if all are.
    pub fn in_words(&self) -> Option<String> {
        let metric = match self.metric {
            Metric::Euclidean => None,
            Metric::Cosine => Some("cosine distance".to_owned()),
            Metric::Manhattan => Some("Manhattan distance".to_owned()),
        };
        let support = match self.support {
            Support::All => None,
            Support::Random { examples, seed } => {
                Some(format!("{examples} training examples vote, drawn by seed {seed}"))
            }
            Support::PerClass { examples, seed } => {
                Some(format!("{examples} training examples of each class vote, drawn by seed {seed}"))
            }
        };
        let ties = (self.ties == Ties::Nearest).then(|| "the nearest of tied classes wins".to_owned());
        let itself = self.include_self.then(|| "a training example is among its own neighbours".to_owned());
        let all: Vec<String> = [metric, support, ties, itself].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// For reports: "k = 30; cosine distance".
impl fmt::Display for Probing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "k = {}", self.k)?;
        self.in_words().map_or(Ok(()), |words| write!(f, "; {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_what_is_not_the_default() {
        let words = |probing: Probing| probing.to_string();
        assert_eq!(words(Probing::default()), "k = 30");
        let support = Support::PerClass { examples: 5, seed: 2 };
        assert_eq!(
            words(Probing { k: 3, metric: Metric::Cosine, support, ..Probing::default() }),
            "k = 3; cosine distance; 5 training examples of each class vote, drawn by seed 2"
        );
        assert_eq!(
            words(Probing { ties: Ties::Nearest, include_self: true, ..Probing::default() }),
            "k = 30; the nearest of tied classes wins; a training example is among its own neighbours"
        );
    }

    #[test]
    fn files_from_before_have_the_defaults_and_unknown_options_are_refused() {
        let read = |json: &str| serde_json::from_str::<Probing>(json);
        let before = r#"{"k":30,"ties":"lowest","include_self":false}"#;
        assert_eq!(read(before).expect("from before"), Probing::default());
        assert_eq!(serde_json::to_string(&Probing::default()).expect("JSON"), before);
        let cosine =
            Probing { metric: Metric::Cosine, support: Support::Random { examples: 4, seed: 1 }, ..Probing::default() };
        assert_eq!(read(&serde_json::to_string(&cosine).expect("JSON")).expect("as written"), cosine);
        assert!(read(r#"{"k":30,"ties":"lowest","include_self":false,"weights":"distance"}"#).is_err());
    }

    #[test]
    fn k_is_held_against_those_that_vote() {
        let labels = [0, 0, 0, 1, 1, 1, 1];
        let support = Support::PerClass { examples: 2, seed: 0 };
        let check =
            |k, include_self, support| Probing { k, include_self, support, ..Probing::default() }.check(&labels);
        assert!(check(6, false, Support::All).is_ok() && check(7, true, Support::All).is_ok());
        assert!(check(3, false, support).is_ok() && check(4, true, support).is_ok());
        let error = check(4, false, support).expect_err("three candidates");
        assert!(matches!(error, Error::BadK { k: 4, candidates: 3 }), "{error}");
    }
}
