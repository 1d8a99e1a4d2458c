//! Ranking of likely label errors, by low margin (AUM) and high training depth (paper, section 4).

use crate::class::Class;
use crate::ensemble::{Examples, SplitAggregate};
use crate::metrics::{ClassCounts, Consensus};

/// Weight of a standard deviation of training depth, relative to one of AUM.
const DEPTH_WEIGHT: f64 = 0.25;

/// An example whose given label may be wrong.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct LabelIssue {
    /// The example's id.
    pub example: usize,
    /// Higher is more likely wrong (see [`label_issues`]).
    pub score: f64,
    /// The given label.
    pub given: Class,
    /// The class that the middle layer's probe predicts in most models, the lowest of ties; it may equal the given
    /// label. Counts the models that held the example out, if there are any, else those that trained on it.
    pub suggested: Class,
    /// The fraction of these models whose probe predicts the suggested class.
    pub agreement: f64,
}

/// Returns all examples, the most suspicious first, then by id.
///
/// The score (our choice) is computed in standard deviations over the examples that some model trained on: how far AUM
/// is below its mean, plus a quarter of how far training depth is above its mean. Depth alone is the better score if
/// the networks fit every label, and a weak one otherwise; a quarter of it loses little in that case.
///
/// Examples that no model trained on, such as test images, are scored by the held-out votes of the probes in the first
/// half of the layers: the fraction for the strongest other class minus the fraction for the given label, averaged over
/// these layers, from -1 to 1.
pub fn label_issues(examples: &Examples, train: &SplitAggregate, held_out: &SplitAggregate) -> Vec<LabelIssue> {
    let layers = held_out.probes().len();
    let (first, middle) = (layers.div_ceil(2), layers.saturating_sub(1) / 2);
    let [margins, depths] = ["aum_train", "depth_train"].map(|name| standard_scores(examples.measure(name)));
    let issue = |(example, &given): (usize, &Class)| {
        let said = |side: &SplitAggregate| Consensus::from_counts(side.probes().get(middle)?.of(example));
        let Consensus { class, consistency } = said(held_out).or_else(|| said(train))?;
        let learned = |of: &[Option<f64>]| of.get(example).copied().flatten();
        let score = match (learned(&margins), learned(&depths)) {
            (Some(margin), Some(depth)) => DEPTH_WEIGHT * depth - margin,
            _ => against(&held_out.probes()[..first], example, given),
        };
        Some(LabelIssue { example, score, given, suggested: class, agreement: consistency })
    };
    let mut issues: Vec<LabelIssue> = examples.given_labels.iter().enumerate().filter_map(issue).collect();
    issues.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.example.cmp(&b.example)));
    issues
}

/// Returns how many standard deviations each value is above the mean; 0 if all values are equal.
fn standard_scores(values: Option<&[Option<f64>]>) -> Vec<Option<f64>> {
    let values = values.unwrap_or_default();
    let there: Vec<f64> = values.iter().copied().flatten().collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let middle = mean(&there);
    let deviation = mean(&there.iter().map(|value| (value - middle).powi(2)).collect::<Vec<_>>()).sqrt();
    let score = |value: f64| if deviation > 0.0 { (value - middle) / deviation } else { 0.0 };
    values.iter().map(|value| value.map(score)).collect()
}

/// Returns the fraction of votes for the strongest other class minus that for the given label, averaged over the layers
/// with votes.
fn against(probes: &[ClassCounts], example: usize, given: Class) -> f64 {
    let of_layer = |votes: &ClassCounts| {
        let own = votes.share(example, given)?;
        let others = votes.of(example).iter().enumerate().filter(|(class, _)| *class != given as usize);
        let strongest = others.map(|(_, &count)| count).max().unwrap_or(0);
        Some(f64::from(strongest) / f64::from(votes.total(example)) - own)
    };
    let margins: Vec<f64> = probes.iter().filter_map(of_layer).collect();
    margins.iter().sum::<f64>() / margins.len().max(1) as f64
}

/// Returns other scores of the same models for comparison, `[examples]` each; higher is more likely wrong, and `None`
/// where no model counts. AUM and the confidence of Data Maps count the models that trained on an example, as in their
/// papers.
pub fn other_scores(examples: &Examples) -> Vec<(&'static str, Vec<Option<f64>>)> {
    let negated = |values: Option<&[Option<f64>]>| -> Vec<Option<f64>> {
        values.unwrap_or_default().iter().map(|value| value.map(|value| -value)).collect()
    };
    vec![
        ("aum", negated(examples.measure("aum_train"))),
        ("data_map_confidence", negated(examples.measure("data_map_confidence_train"))),
        ("c_score", negated(Some(&examples.c_score))),
        ("el2n", examples.measure("el2n_train").unwrap_or_default().to_vec()),
        ("depth_train", examples.measure("depth_train").unwrap_or_default().to_vec()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_scores_pass_over_what_is_not_there() {
        let values = [Some(1.0), None, Some(3.0)];
        assert_eq!(standard_scores(Some(&values)), [Some(-1.0), None, Some(1.0)]);
        assert_eq!(standard_scores(Some(&[Some(2.0), Some(2.0), None])), [Some(0.0), Some(0.0), None]);
        assert!(standard_scores(None).is_empty());
    }
}
