//! The records of an ensemble, put together.

use anyhow::Context;
use prediction_depth::data::Dataset;
use prediction_depth::ensemble::Merge;

use super::plan::Plan;
use super::store::Store;

/// Every record that is there, in the order of the plan.
pub fn merged(plan: &Plan, store: &Store, dataset: &Dataset, missing: &[u64]) -> anyhow::Result<Merge> {
    let (noise, classes) = (&plan.models.first.data.noise, dataset.classes.len());
    let given = dataset.given_labels(noise.noise, noise.label_noise, noise.noise_seed)?;
    let mut merge: Option<Merge> = None;
    for seed in plan.models.all().into_iter().filter(|seed| !missing.contains(seed)) {
        let record = store.record(seed)?;
        let merge = match &mut merge {
            Some(merge) => merge,
            None => {
                let labels = dataset.labels.clone();
                merge.insert(Merge::new(store.hash(), &record.layers, classes, labels, given.clone())?)
            }
        };
        merge.add(&record).with_context(|| format!("the model of seed {seed}"))?;
    }
    merge.context("no model of the plan is there; `pdepth ensemble run` makes them")
}
