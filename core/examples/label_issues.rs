//! Likely label errors, from records of an ensemble that was trained elsewhere: each model's activations, and its
//! logits at a few checkpoints.
//!
//!     cargo run -p prediction-depth --no-default-features --example label_issues

use prediction_depth::data::Split;
use prediction_depth::difficulty::Quantiles;
use prediction_depth::ensemble::{Ensemble, Record};
use prediction_depth::label_issues::label_issues;
use prediction_depth::measurement::{Probing, measure_blocking};
use prediction_depth::metrics::Trajectory;
use prediction_depth::representations::Recorded;
use prediction_depth::search::Cpu;
use prediction_depth::{Class, Matrix, Result};

/// Two clusters on a line; example 2 is in the first cluster but has the label of the second.
const POSITIONS: [f32; 8] = [0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0];
const LABELS: [Class; 8] = [0, 0, 1, 0, 1, 1, 1, 1];
const PLAN: &str = "the name of this ensemble";
const SEEDS: u64 = 3;

fn main() -> Result<()> {
    print!("{}", most_suspicious(3)?);
    Ok(())
}

fn most_suspicious(count: usize) -> Result<String> {
    let mut ensemble = Ensemble::new(PLAN, &layers(), 2, LABELS.to_vec(), LABELS.to_vec())?;
    for seed in 0..SEEDS {
        ensemble.add(&record(seed)?)?;
    }
    let examples = ensemble.examples(Quantiles::default())?;
    let issues = label_issues(&examples, ensemble.train(), ensemble.held_out());
    let line = |issue: &prediction_depth::label_issues::LabelIssue| {
        let (example, given, suggested) = (issue.example, issue.given, issue.suggested);
        format!("example {example}: given {given}, suggested {suggested}, score {:.2}\n", issue.score)
    };
    Ok(issues.iter().take(count).map(line).collect())
}

fn layers() -> Vec<String> {
    ["input", "softmax"].map(String::from).to_vec()
}

/// Returns one model's record of all examples, which are all its training split. It fits every label in the end, the
/// wrong one late.
fn record(seed: u64) -> Result<Record> {
    let rows = LABELS.len();
    let mut trajectory = Trajectory::new(&LABELS, 1);
    for step in [1, 10, 100] {
        trajectory.note(step, &logits(step)?)?;
    }
    let softmax = LABELS.map(|label| label as f32).to_vec();
    let values = vec![Matrix::new(POSITIONS.to_vec(), rows, 1)?, Matrix::new(softmax, rows, 1)?];
    let recorded = Recorded::new(layers(), values, LABELS.to_vec())?;
    let probing = Probing { k: 3, ..Probing::default() };
    let mut measured = measure_blocking(&recorded, &LABELS, &[], probing, &Cpu::default())?;
    Ok(Record {
        plan: PLAN.into(),
        seed,
        layers: layers(),
        splits: vec![Split::Train; rows],
        measured: measured.remove(0),
        input_margins: vec![f32::NAN; rows], // not measured
        logits: logits(100)?,
        dynamics: trajectory.dynamics(),
        probe_iteration_learned: Vec::new(),
    })
}

/// Returns the logits after `step` steps, [examples, classes].
fn logits(step: u32) -> Result<Matrix> {
    let of_example = |(&position, &label): (&f32, &Class)| {
        let said = if step < 100 { Class::from(position > 6.0) } else { label };
        if said == 0 { [1.0, 0.0] } else { [0.0, 1.0] }
    };
    Matrix::new(POSITIONS.iter().zip(&LABELS).flat_map(of_example).collect(), LABELS.len(), 2)
}

#[test]
fn the_wrong_label_comes_first() -> Result<()> {
    let found = most_suspicious(3)?;
    assert!(found.starts_with("example 2: given 1, suggested 0, score"), "{found}");
    Ok(())
}
