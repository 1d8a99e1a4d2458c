//! Merges the records of an ensemble.

use anyhow::Context;
use prediction_depth::Class;
use prediction_depth::data::{Dataset, Split};
use prediction_depth::ensemble::{Ensemble, Record};
use prediction_depth::study::warnings;

use super::damage::is_damage;
use super::plan::Plan;
use super::store::Store;
use crate::divergence::divergence;
use crate::machine::check;

/// The records that were merged.
pub struct Merged {
    pub ensemble: Ensemble,
    /// Seeds of the models that are missing or not usable, in ascending order.
    pub missing: Vec<u64>,
    /// The record of the plan's first model, if it was merged.
    pub first: Option<Record>,
    /// Warnings about single models.
    pub warnings: Vec<String>,
}

/// Merges all available records, in the order of the plan. With `partial`, a record that is damaged, or has NaN or infinite
/// logits, counts as missing, with a warning; else it is an error.
pub fn merged(
    plan: &Plan,
    store: &Store,
    dataset: &Dataset,
    mut missing: Vec<u64>,
    partial: bool,
) -> anyhow::Result<Merged> {
    let (given, classes) = (dataset.given_labels(&plan.models.first.data.noise)?, dataset.classes.len());
    let (examples, votes) = (dataset.labels.len() as u128, classes as u128 * size_of::<u16>() as u128);
    let (mut merge, mut first, mut warnings): (Option<Ensemble>, _, Vec<String>) = (None, None, Vec::new());
    for seed in plan.models.all() {
        if missing.contains(&seed) {
            continue;
        }
        let record = match store.record(seed) {
            Ok(record) => record,
            Err(error) if partial && (divergence(&error).is_some() || is_damage(&error)) => {
                warnings.push(format!("the model of seed {seed} is left out: {}", error.root_cause()));
                missing.push(seed);
                continue;
            }
            Err(error) if is_damage(&error) => {
                let remedy = "`pdepth ensemble run` makes it again, --partial merges the others";
                return Err(error.context(format!("the model of seed {seed} is damaged ({remedy})")));
            }
            Err(error) => return Err(error.context(format!("the model of seed {seed}"))),
        };
        let merge = match &mut merge {
            Some(merge) => merge,
            None => {
                let labels = dataset.labels.clone();
                // Of each layer's probe and of the network, for models that trained on an example and those that did not.
                let counts = 2 * (record.layers.len() as u128 + 1);
                let what = format!("the merge of {examples} examples with {classes} classes");
                check(&what, counts * examples * votes, "merge on a machine with more memory")?;
                merge.insert(Ensemble::new(store.hash(), &record.layers, classes, labels, given.clone())?)
            }
        };
        merge.add(&record).with_context(|| format!("the model of seed {seed}"))?;
        let about = |warning| format!("seed {seed}: {warning}");
        warnings.extend(warnings_of(&record, &given, &dataset.classes).into_iter().map(about));
        if seed == plan.models.first.seed {
            first = Some(record);
        }
    }
    missing.sort_unstable();
    let ensemble = merge.context("no model of the plan is there; `pdepth ensemble run` makes them")?;
    Ok(Merged { ensemble, missing, first, warnings })
}

/// Returns the warnings about one model.
fn warnings_of(record: &Record, given: &[Class], classes: &[String]) -> Vec<String> {
    let examples = Split::Train.examples(&record.splits);
    let pick = |values: &[Class]| -> Vec<Class> { examples.iter().map(|&example| values[example]).collect() };
    warnings(classes, &pick(given), &pick(&record.measured.predictions))
}
