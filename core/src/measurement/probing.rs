//! The options of a measurement.

use std::fmt;

use super::support::Support;
use crate::class::Class;
use crate::error::{Error, Result};
use crate::listed::listed;
use crate::metric::Metric;
use crate::probe::Ties;

/// Number of classes that are named in a warning.
const NAMED: usize = 6;

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
    /// labels of the training split, `classes` the names of the classes.
    ///
    /// # Errors
    /// [`Error::BadK`] if there are too few neighbours; [`Error::Setting`] if there are too few because only some training
    /// examples vote; those of [`Support::check`].
    pub fn check(&self, labels: &[Class], classes: &[String]) -> Result<()> {
        self.support.check(labels, classes)?;
        let voters = self.support.rows(labels)?.map_or(labels.len(), |rows| rows.len());
        let candidates = voters.saturating_sub(usize::from(!self.include_self));
        if (1..=candidates).contains(&self.k) {
            return Ok(());
        }
        if self.support.is_all() || candidates == 0 {
            return Err(Error::BadK { k: self.k, candidates });
        }
        let itself = if self.include_self { "" } else { ", and none of them for itself" };
        let remedy =
            format!("only {voters} training examples vote{itself}: choose k from 1 to {candidates}, or let more vote");
        Err(Error::Setting { name: "k", value: self.k.to_string(), remedy })
    }

    /// Returns what these options do to the votes that a reader must know, a sentence each; empty if there is nothing.
    /// `labels` are the given labels of the training split, `classes` the names of the classes.
    ///
    /// A class can never win, nor be among tied classes, if even with all of its voters among the neighbours another class
    /// must have more: if the voters of all classes, of each at most as many as of this one, are fewer than k.
    pub fn warnings(&self, labels: &[Class], classes: &[String]) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Support::PerClass { examples, .. } = self.support
            && examples < self.k
        {
            warnings.push(format!(
                "k is {}, but only {examples} examples of each class vote, so at least {} neighbours of every example are \
                 of other classes: choose a k of at most {examples}, or let more examples vote",
                self.k,
                self.k - examples
            ));
        }
        let Ok(rows) = self.support.rows(labels) else { return warnings };
        let there = counts(labels.iter().copied(), classes.len());
        let voters = match rows {
            Some(rows) => counts(rows.into_iter().map(|row| labels[row as usize]), classes.len()),
            None => there.clone(),
        };
        let loses = |of: usize| voters.iter().map(|&others| others.min(of)).sum::<usize>() < self.k;
        let losing = (0..classes.len()).filter(|&class| there[class] > 0 && loses(voters[class]));
        let losing: Vec<String> = losing.map(|class| format!("{} ({})", classes[class], voters[class])).collect();
        if !losing.is_empty() {
            let (classes, them) = if losing.len() == 1 { ("class has", "it") } else { ("classes have", "them") };
            warnings.push(format!(
                "{} {classes} too few voters ever to win a vote at k = {}, so no probe predicts {them}: {}; choose a \
                 smaller k",
                losing.len(),
                self.k,
                listed(losing, NAMED)
            ));
        }
        warnings
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

/// Returns the number of examples of each class, `[classes]`.
fn counts(labels: impl Iterator<Item = Class>, classes: usize) -> Vec<usize> {
    let mut counts = vec![0; classes];
    labels.for_each(|label| {
        if let Some(count) = counts.get_mut(label as usize) {
            *count += 1;
        }
    });
    counts
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
        let check = |k, include_self, support| {
            Probing { k, include_self, support, ..Probing::default() }.check(&labels, &named(2))
        };
        assert!(check(6, false, Support::All).is_ok() && check(7, true, Support::All).is_ok());
        assert!(check(3, false, support).is_ok() && check(4, true, support).is_ok());
        let error = check(7, false, Support::All).expect_err("six candidates");
        assert!(matches!(error, Error::BadK { k: 7, candidates: 6 }), "{error}");
        for (k, include_self, words) in [
            (4, false, "k = 4: only 4 training examples vote, and none of them for itself: choose k from 1 to 3"),
            (5, true, "k = 5: only 4 training examples vote: choose k from 1 to 4"),
        ] {
            let error = check(k, include_self, support).expect_err("too few").to_string();
            assert!(error.starts_with(words), "{error}");
        }
        let alone = check(1, false, Support::Random { examples: 1, seed: 0 }).expect_err("nobody else").to_string();
        assert!(alone.contains("no candidates"), "{alone}");
    }

    fn named(classes: usize) -> Vec<String> {
        ["ant", "bee", "cow", "dog"].map(String::from)[..classes].to_vec()
    }

    /// Returns whether some vote of k of these voters is won by this class, alone or tied: tries all of them.
    fn can_win(voters: &[usize], class: usize, k: usize) -> bool {
        fn all(voters: &[usize], left: usize) -> Vec<Vec<usize>> {
            let Some((&first, rest)) = voters.split_first() else {
                return if left == 0 { vec![Vec::new()] } else { Vec::new() };
            };
            let with = |count: usize| all(rest, left - count).into_iter().map(move |more| [vec![count], more].concat());
            (0..=first.min(left)).flat_map(with).collect()
        }
        all(voters, k).iter().any(|votes| votes.iter().max() == Some(&votes[class]))
    }

    #[test]
    fn classes_that_cannot_win_are_those_that_win_no_vote() {
        let mut losing = 0;
        for voters in [[1, 5, 9], [2, 2, 9], [3, 3, 3], [0, 4, 1], [7, 8, 0], [4, 4, 12]] {
            let labels: Vec<Class> = (0..).zip(voters).flat_map(|(class, count)| vec![class; count]).collect();
            for k in 1..labels.len() {
                let told = Probing { k, ..Probing::default() }.warnings(&labels, &named(3)).concat();
                for (class, name) in named(3).iter().enumerate().filter(|&(class, _)| voters[class] > 0) {
                    let cannot = !can_win(&voters, class, k);
                    assert_eq!(told.contains(name.as_str()), cannot, "{name} of {voters:?} at {k}: {told}");
                    losing += usize::from(cannot);
                }
            }
        }
        assert!(losing > 10, "{losing}");
    }

    #[test]
    fn few_voters_of_each_class_are_told() {
        let labels: Vec<Class> = (0..40).map(|example| example % 4).collect();
        let warnings = |k, examples| {
            let support = Support::PerClass { examples, seed: 0 };
            Probing { k, support, ..Probing::default() }.warnings(&labels, &named(4))
        };
        assert!(warnings(10, 10).is_empty());
        let told = warnings(30, 10);
        assert!(told.len() == 1 && told[0].contains("only 10 examples of each class vote"), "{told:?}");
        assert!(told[0].contains("at least 20 neighbours"), "{told:?}");
        let random = Probing { k: 19, support: Support::Random { examples: 20, seed: 0 }, ..Probing::default() };
        let told = random.warnings(&labels, &named(4));
        assert!(told.iter().all(|warning| warning.contains("at k = 19")), "{told:?}");
        assert!(Probing::default().warnings(&[], &[]).is_empty());
    }
}
