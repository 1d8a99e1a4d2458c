//! `pdepth ensemble merge`: merges the models.

use anyhow::bail;
use prediction_depth::difficulty::Quantiles;
use prediction_depth::ensemble::{Examples, Record};
use prediction_depth::study::Study;

use crate::cli::EnsembleMergeArgs;
use crate::ensemble::{Findings, Merged, Plan, Seen, Store, in_words, merged, ranges, report, summary};

/// The files of the merged result.
const FILES: [&str; if cfg!(feature = "parquet") { 6 } else { 5 }] = [
    "examples.csv",
    "examples.jsonl",
    "ensemble.json",
    "report.html",
    "study.safetensors",
    #[cfg(feature = "parquet")]
    "examples.parquet",
];

pub fn merge(arguments: &EnsembleMergeArgs) -> anyhow::Result<()> {
    let plan = Plan::read(&arguments.planned.plan)?;
    let store = Store::new(&arguments.planned.out, &plan)?;
    store.check()?;
    store.remove_partial();
    let own_files = store.own_files(&FILES)?;
    let missing = store.missing()?;
    let failures = store.failures()?.iter().map(ToString::to_string).collect::<Vec<_>>();
    if !missing.is_empty() && !arguments.partial {
        let (out, absent) = (arguments.planned.out.display(), in_words(&ranges(&missing)));
        let reasons: String = failures.iter().map(|failure| format!("; {failure}")).collect();
        bail!(
            "{out}: the models of seeds {absent} are missing; `pdepth ensemble run` makes them, --partial merges the \
             others{reasons}"
        );
    }
    let dataset = plan.dataset()?;
    let Merged { ensemble: merged, missing, first, warnings } =
        merged(&plan, &store, &dataset, missing, arguments.partial)?;
    let read = dataset.summary(None)?;
    let (absent, warnings) = (ranges(&missing), [read.warnings(), failures, warnings].concat());
    let quantiles = Quantiles { validation: arguments.validation_cut, training: arguments.training_cut };
    let table = merged.examples(quantiles)?.with_names(&dataset.names, &dataset.classes)?;
    let training: Vec<usize> = (0..dataset.training).collect();
    let seen = Seen { read, missing: absent, warnings };
    let findings = Findings::new(&merged, &table, quantiles, seen, &training, arguments.clean_examples)?;
    // A first model that is left out lends its network to no study.
    let study = first.map(|record| study(&store, &record, &table, merged.models())).transpose()?.flatten();
    let json = serde_json::to_string_pretty(&findings)?;
    let mut files = vec![
        ("examples.csv", table.to_csv()?),
        ("examples.jsonl", table.to_jsonl()),
        ("ensemble.json", json.clone().into_bytes()),
        ("report.html", report(&plan, &dataset, &table, &findings)?.into_bytes()),
    ];
    #[cfg(feature = "parquet")]
    files.push(("examples.parquet", table.to_parquet()?));
    if let Some(study) = &study {
        files.push(("study.safetensors", study.to_bytes()?));
    }
    own_files.write(&files)?;
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
fn study(store: &Store, record: &Record, table: &Examples, models: usize) -> anyhow::Result<Option<Study>> {
    let Some(study) = store.first_study(record)? else { return Ok(None) };
    let title = format!("{}, the first of {models} models", study.title);
    Ok(Some(Study { title, ensemble: table.columns(), ..study }))
}
