//! Likely label errors: examples that look like a different class (paper, section 4), ranked.

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
    /// What the middle layer's probe says of it in most models that held it out, the lowest class among equals; the
    /// given label, where that has the most.
    pub suggested: Class,
    /// The fraction of those models whose probe says so.
    pub agreement: f64,
}

/// All examples that some model held out, the most suspicious first, then by id.
///
/// The score (our choice) is what the probes of the first half of the layers say against the given label, plus what
/// depth says. The former is the share of held-out votes for the strongest other class minus the share for the given
/// label, averaged over those layers, from -1 to 1. The latter is mean training depth minus mean validation depth,
/// over the number of layers, from -1 to 1: high in the corner of examples that look like a different class. Where
/// there are not both depths it is 0.
pub fn label_issues(examples: &Examples, held_out: &Side) -> Vec<LabelIssue> {
    let probes = held_out.probes();
    let Some(middle) = probes.get(probes.len().saturating_sub(1) / 2) else { return Vec::new() };
    let depths = examples.both_depths();
    let issue = |(example, &given): (usize, &Class)| {
        let Consensus { class, consistency } = Consensus::of(middle.of(example))?;
        let [validation, training] = depths[example];
        let deeper = (training - validation) / probes.len() as f64;
        let deeper = if deeper.is_nan() { 0.0 } else { deeper };
        let score = against(&probes[..probes.len().div_ceil(2)], example, given) + deeper;
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
