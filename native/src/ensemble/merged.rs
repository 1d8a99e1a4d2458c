//! Merges the records of an ensemble.

use anyhow::Context;
use prediction_depth::data::Dataset;
use prediction_depth::ensemble::Ensemble;

use super::plan::Plan;
use super::store::Store;

/// Merges all available records, in the order of the plan.
pub fn merged(plan: &Plan, store: &Store, dataset: &Dataset, missing: &[u64]) -> anyhow::Result<Ensemble> {
    let (given, classes) = (dataset.given_labels(&plan.models.first.data.noise)?, dataset.classes.len());
    let mut merge: Option<Ensemble> = None;
    for seed in plan.models.all().into_iter().filter(|seed| !missing.contains(seed)) {
        let record = store.record(seed)?;
        let merge = match &mut merge {
            Some(merge) => merge,
            None => {
                let labels = dataset.labels.clone();
                merge.insert(Ensemble::new(store.hash(), &record.layers, classes, labels, given.clone())?)
            }
        };
        merge.add(&record).with_context(|| format!("the model of seed {seed}"))?;
    }
    merge.context("no model of the plan is there; `pdepth ensemble run` makes them")
}
