//! Likely label errors according to a single run, in which each example belongs to one split.

use super::Study;
use crate::class::{Class, UNPROBED};
use crate::data::Split;
use crate::error::{Error, Result};
use crate::label_issues::LabelIssue;

impl Study {
    /// Returns all examples, most suspicious first, ties by id. Training examples are probed leave-one-out, so that
    /// their own label does not vote.
    ///
    /// The score is our choice; for many models see [`label_issues`](crate::label_issues::label_issues). Over the
    /// probes of the first half of the layers, it is the fraction that predicts another class than the label, minus the
    /// fraction that predicts the label: from -1 to 1. Training examples add depth divided by the number of layers,
    /// since wrong labels are fitted late. The suggested class is the most frequent prediction of these probes, the
    /// lowest class if tied.
    ///
    /// # Errors
    /// [`Error::NoRanking`] without labels, or if probes of the first half of the layers were skipped.
    pub fn label_issues(&self) -> Result<Vec<LabelIssue>> {
        let refused = |why, remedy| Err(Error::NoRanking { why, remedy });
        if !self.has_labels() {
            let remedy = "make it again with labels (`pdepth settle --labels FILE`)";
            return refused("it has no labels, so none can be wrong", remedy);
        }
        let early = &self.measured.probes[..self.layers.len().div_ceil(2)];
        if early.iter().any(|layer| layer.contains(&UNPROBED)) {
            let why = "only its depths were measured, so early layers, by which labels are judged, were not probed";
            return refused(why, "measure it again without --depth-only");
        }
        let issue = |example: usize| {
            let mut votes = vec![0_usize; self.classes.len()];
            early.iter().for_each(|layer| votes[layer[example] as usize] += 1);
            let (given, most) = (self.given_labels[example], *votes.iter().max()?);
            let suggested = votes.iter().position(|&count| count == most).filter(|_| !early.is_empty())?;
            let share = |count: usize| count as f64 / early.len() as f64;
            let own = share(votes[given as usize]);
            let trained_on = self.splits[example] == Split::Train;
            let late = if trained_on { self.measured.depth(example) as f64 / self.layers.len() as f64 } else { 0.0 };
            let score = 1.0 - 2.0 * own + late;
            Some(LabelIssue { example, score, given, suggested: suggested as Class, agreement: share(most) })
        };
        let mut issues: Vec<LabelIssue> = (0..self.labels.len()).filter_map(issue).collect();
        issues.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.example.cmp(&b.example)));
        Ok(issues)
    }
}
