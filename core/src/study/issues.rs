//! Likely label errors according to a single run, in which each example belongs to one split.

use super::Study;
use crate::class::{Class, UNLABELED, UNPROBED};
use crate::data::Split;
use crate::label_issues::LabelIssue;

impl Study {
    /// Returns all examples, most suspicious first, ties by id. Training examples are probed leave-one-out, so that
    /// their own label does not vote. Without labels there are no examples to rank.
    ///
    /// The score is our choice; for many models see [`label_issues`](crate::label_issues::label_issues). Over the
    /// probes of the first half of the layers, it is the fraction that predicts another class than the label, minus the
    /// fraction that predicts the label: from -1 to 1. Training examples add depth divided by the number of layers,
    /// since wrong labels are fitted late. The suggested class is the most frequent prediction of these probes, the
    /// lowest class if tied.
    pub fn label_issues(&self) -> Vec<LabelIssue> {
        let early = &self.measured.probes[..self.layers.len().div_ceil(2)];
        let issue = |example: usize| {
            let said = early.iter().map(|layer| layer[example]).filter(|&class| class != UNPROBED);
            let mut votes = vec![0_usize; self.classes.len()];
            said.for_each(|class| votes[class as usize] += 1);
            let asked = votes.iter().sum::<usize>();
            let (given, most) = (self.given_labels[example], *votes.iter().max()?);
            let suggested = votes.iter().position(|&count| count == most)?;
            if asked == 0 || given == UNLABELED {
                return None;
            }
            let share = |count: usize| count as f64 / asked as f64;
            let own = share(votes[given as usize]);
            let trained_on = self.splits[example] == Split::Train;
            let late = if trained_on { self.measured.depth(example) as f64 / self.layers.len() as f64 } else { 0.0 };
            let score = 1.0 - 2.0 * own + late;
            Some(LabelIssue { example, score, given, suggested: suggested as Class, agreement: share(most) })
        };
        let mut issues: Vec<LabelIssue> = (0..self.labels.len()).filter_map(issue).collect();
        issues.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.example.cmp(&b.example)));
        issues
    }
}
