//! `pdepth ensemble merge`: merges the models.

use anyhow::bail;
use prediction_depth::difficulty::Quantiles;
use prediction_depth::ensemble::Examples;
use prediction_depth::study::Study;

use crate::cli::EnsembleMergeArgs;
use crate::ensemble::{Findings, Plan, Store, in_words, merged, ranges, report, summary};

pub fn merge(arguments: &EnsembleMergeArgs) -> anyhow::Result<()> {
    let plan = Plan::read(&arguments.planned.plan)?;
    let store = Store::new(&arguments.planned.out, &plan)?;
    store.check()?;
    store.remove_partial();
    let missing = store.missing()?;
    let (absent, out) = (ranges(&missing), arguments.planned.out.display());
    if !missing.is_empty() && !arguments.partial {
        bail!(
            "{out}: the models of seeds {} are missing; `pdepth ensemble run` makes them, --partial merges the others",
            in_words(&absent)
        );
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
    #[cfg(feature = "parquet")]
    store.write("examples.parquet", &table.to_parquet()?)?;
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
            println!("No study for the page: it needs the network of the first model, which is missing.");
        }
        println!("\nReport, with all other files beside it: {}", arguments.planned.out.join("report.html").display());
    }
    Ok(())
}

/// Returns the first model's study with the columns of the ensemble.
fn study(store: &Store, table: &Examples, models: usize) -> anyhow::Result<Option<Study>> {
    let Some(study) = store.first_study()? else { return Ok(None) };
    let title = format!("{}, the first of {models} models", study.title);
    Ok(Some(Study { title, ensemble: table.columns(), ..study }))
}
