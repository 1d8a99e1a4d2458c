//! Likely label errors, ranked: labels that are learned late (paper, section 4) and unwillingly.

use crate::data::Class;
use crate::ensemble::{Examples, Side};
use crate::measures::{Consensus, Votes};

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
/// The score (our choice) is how late and how unwillingly the label was learned: the mean training depth over the number
/// of layers, plus one minus the mean probability of the given label while training (the Data Maps' confidence), from 0
/// to 2. An example that no model trained on, such as a test image, has instead what the probes of the first half of
/// the layers say against its label: the share of held-out votes for the strongest other class minus the share for the
/// given label, averaged over those layers, from -1 to 1.
pub fn label_issues(examples: &Examples, train: &Side, held_out: &Side) -> Vec<LabelIssue> {
    let layers = held_out.probes().len();
    let (first, middle) = (layers.div_ceil(2), layers.saturating_sub(1) / 2);
    let measured = |name: &str, example: usize| examples.measure(name)?[example];
    let issue = |(example, &given): (usize, &Class)| {
        let said = |side: &Side| Consensus::of(side.probes().get(middle)?.of(example));
        let Consensus { class, consistency } = said(held_out).or_else(|| said(train))?;
        let depth = measured("depth_train", example);
        let score = match depth.zip(measured("data_map_confidence_train", example)) {
            Some((depth, believed)) => depth / layers as f64 + 1.0 - believed,
            None => against(&held_out.probes()[..first], example, given),
        };
        Some(LabelIssue { example, score, given, suggested: class, agreement: consistency })
    };
    let mut issues: Vec<LabelIssue> = examples.given_labels.iter().enumerate().filter_map(issue).collect();
    issues.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.example.cmp(&b.example)));
    issues
}

/// By how much the votes prefer another class to the given label; the mean over the layers that have votes.
fn against(probes: &[Votes], example: usize, given: Class) -> f64 {
    let of_layer = |votes: &Votes| {
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
