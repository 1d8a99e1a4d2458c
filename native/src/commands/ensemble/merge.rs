//! `pdepth ensemble merge`: the models together.

use anyhow::{Context, bail};
use prediction_depth::data::{Dataset, flip_labels};
use prediction_depth::difficulty::Quantiles;
use prediction_depth::ensemble::{Examples, Merge};
use prediction_depth::study::Study;

use crate::cli::EnsembleMergeArgs;
use crate::ensemble::{Findings, Plan, Store, in_words, ranges, report, summary};

pub fn merge(arguments: &EnsembleMergeArgs) -> anyhow::Result<()> {
    let plan = Plan::read(&arguments.planned.plan)?;
    let store = Store::new(&arguments.planned.out, &plan)?;
    store.check()?;
    store.sweep();
    let missing = store.missing()?;
    let (absent, out) = (ranges(&missing), arguments.planned.out.display());
    if !missing.is_empty() && !arguments.partial {
        bail!("{out}: seeds {} are missing; make them, or add --partial to merge the others", in_words(&absent));
    }
    let dataset = plan.dataset()?;
    let merged = merged(&plan, &store, &dataset, &missing)?;
    let quantiles = Quantiles { validation: arguments.validation_cut, training: arguments.training_cut };
    let table = merged.examples(quantiles)?;
    let training: Vec<usize> = (0..dataset.training).collect();
    let findings = Findings::new(&merged, &table, quantiles, absent, &training, arguments.clean_examples)?;
    let study = study(&store, &table, merged.models())?;
    store.write("examples.csv", &table.to_csv()?)?;
    store.write("examples.jsonl", &table.to_jsonl())?;
    if let Some(study) = &study {
        store.write("study.safetensors", &study.to_bytes()?)?;
    }
    let json = serde_json::to_string_pretty(&findings)?;
    store.write("ensemble.json", json.as_bytes())?;
    store.write("report.html", report(&plan, &dataset, &table, &findings)?.as_bytes())?;
    if arguments.common.json {
        println!("{json}");
    } else {
        print!("{}", summary(&plan, &findings));
        if study.is_none() {
            println!("No study for the page: the first model, whose network it carries, is missing.");
        }
        println!("\nThe report and all files: {}", arguments.planned.out.join("report.html").display());
    }
    Ok(())
}

/// Every record that is there, in the order of the plan.
fn merged(plan: &Plan, store: &Store, dataset: &Dataset, missing: &[u64]) -> anyhow::Result<Merge> {
    let (noise, classes) = (&plan.models.first.data.noise, dataset.classes.len());
    let training = &dataset.labels[..dataset.training];
    let flipped = flip_labels(training, noise.noise, noise.label_noise, classes, noise.noise_seed)?;
    let given = [&flipped, &dataset.labels[dataset.training..]].concat();
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

/// The first model's study with the columns of all.
fn study(store: &Store, table: &Examples, models: usize) -> anyhow::Result<Option<Study>> {
    let Some(study) = store.first_study()? else { return Ok(None) };
    let title = format!("{}, the first of {models} models", study.title);
    Ok(Some(Study { title, ensemble: table.columns(), ..study }))
}
