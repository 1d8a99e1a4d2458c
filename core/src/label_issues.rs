//! Likely label errors, ranked: labels that are learned unwillingly and late (paper, section 4).

use crate::data::Class;
use crate::ensemble::{Examples, SplitAggregate};
use crate::metrics::{ClassCounts, Consensus};

/// What a standard deviation of training depth counts, beside one of AUM.
const DEPTH_WEIGHT: f64 = 0.25;

/// An example whose given label may be wrong.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LabelIssue {
    /// Its id.
    pub example: usize,
    /// Higher is more likely wrong (see [`label_issues`]).
    pub score: f64,
    /// The label that it was given.
    pub given: Class,
    /// What the middle layer's probe says of it in most models, the lowest class among equals; the given label, where that
    /// has the most. Of the models that held it out, where there are any.
    pub suggested: Class,
    /// The fraction of those models whose probe says so.
    pub agreement: f64,
}

/// All examples, the most suspicious first, then by id.
///
/// The score (our choice) is how unwillingly and how late the label was learned, in standard deviations over the examples
/// that some model trained on: how far AUM is below its mean, plus a quarter of how far training depth is above its own.
/// (Depth alone finds most where networks fit every label, and little where they do not; a quarter of it loses little
/// there.) An example that no model trained on, such as a test image, has instead what the probes of the first half of
/// the layers say against its label: the share of held-out votes for the strongest other class minus the share for the
/// given label, averaged over those layers, from -1 to 1.
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

/// By how many standard deviations each value is above the mean of those that are there; 0 where all are equal.
fn standard_scores(values: Option<&[Option<f64>]>) -> Vec<Option<f64>> {
    let values = values.unwrap_or_default();
    let there: Vec<f64> = values.iter().copied().flatten().collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let middle = mean(&there);
    let deviation = mean(&there.iter().map(|value| (value - middle).powi(2)).collect::<Vec<_>>()).sqrt();
    let score = |value: f64| if deviation > 0.0 { (value - middle) / deviation } else { 0.0 };
    values.iter().map(|value| value.map(score)).collect()
}

/// By how much the votes prefer another class to the given label; the mean over the layers that have votes.
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

/// Other scores from the same models, to compare with; higher is more likely wrong, `[examples]` each, None where no
/// model counts. AUM and the Data Maps' confidence are of the models that trained on an example, as their papers
/// define them.
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
