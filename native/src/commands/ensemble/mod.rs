//! `pdepth ensemble`: many models, on one or more machines.

mod merge;
mod run;

use serde_json::json;

use crate::cli::{EnsembleCommand, EnsembleStatusArgs};
use crate::ensemble::{Plan, Store, in_words, ranges};

pub async fn ensemble(what: &EnsembleCommand) -> anyhow::Result<()> {
    match what {
        EnsembleCommand::Plan(arguments) => {
            println!("{}", Plan::new(arguments)?.to_json()?);
            Ok(())
        }
        EnsembleCommand::Run(arguments) => run::run(arguments).await,
        EnsembleCommand::Status(arguments) => status(arguments),
        EnsembleCommand::Merge(arguments) => merge::merge(arguments),
    }
}

fn status(arguments: &EnsembleStatusArgs) -> anyhow::Result<()> {
    let plan = Plan::read(&arguments.planned.plan)?;
    let store = Store::new(&arguments.planned.out, &plan)?;
    let damaged = store.damaged()?;
    let mut missing = store.missing()?;
    missing.extend(damaged.iter().map(|model| model.seed));
    missing.sort_unstable();
    let (runs, missing) = (plan.models.runs, ranges(&missing));
    let (absent, failed): (u64, _) = (missing.iter().map(|[first, last]| last - first + 1).sum(), store.failures()?);
    if arguments.json {
        let mut status = json!({"runs": runs, "done": runs - absent, "missing": missing});
        if !failed.is_empty() {
            status["failed"] = json!(failed);
        }
        if !damaged.is_empty() {
            status["damaged"] = json!(damaged);
        }
        println!("{status}");
    } else if missing.is_empty() {
        println!("all {runs} models are there");
    } else {
        println!(
            "{} of {runs} models are there; the models of seeds {} are missing",
            runs - absent,
            in_words(&missing)
        );
        failed.iter().for_each(|failure| println!("{failure}"));
        damaged.iter().for_each(|model| println!("the model of seed {} is damaged: {}", model.seed, model.reason));
    }
    Ok(())
}
