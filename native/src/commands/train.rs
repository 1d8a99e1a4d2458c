//! `pdepth train`: trains a network without measuring it.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use prediction_depth::data::DataSummary;
use serde_json::{Value, json};

use crate::cli::{FolderArgs, TrainArgs};
use crate::data::{self, DataSource};
use crate::interrupt;
use crate::manifest::manifest;
use crate::run_folder::{Claim, RunFolder};
use crate::settings::Settings;
use crate::table::{warn, warnings};
use crate::threads;
use crate::what_was_read;

/// Version of the JSON object.
const JSON_VERSION: u32 = 1;

pub fn train(arguments: &TrainArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    interrupt::listen()?;
    threads::join();
    let dataset = data::chosen(&arguments.model.data)?;
    let settings = Settings::new(&arguments.model, None, &dataset)?;
    let target = target(&arguments.folder, &settings)?;
    let claim = Claim {
        target: &target,
        settings_hash: settings.hash()?,
        title: settings.title(),
        replaces: None,
        resume: arguments.folder.resume,
        writes: &["config.toml", "metrics.jsonl", "checkpoints/final.safetensors"],
    };
    if let Some(folder) = RunFolder::create(&claim)? {
        let read = dataset.summary(Some(settings.seed))?;
        warn(&read.warnings(), arguments.common.quiet);
        let experiment = settings.experiment(&dataset)?;
        let network = settings.new_network(&experiment)?;
        let mut trainer = experiment.trainer(&network, settings.training.clone())?;
        let keep = arguments.folder.checkpoints;
        let seconds = crate::training::train(&mut trainer, &network, &folder, keep, arguments.common.quiet)?;
        let last = last_line(&folder.read("metrics.jsonl")?)?;
        folder.write("config.toml", settings.to_toml()?.as_bytes())?;
        let result = json!({
            "run": target.display().to_string(),
            "version": JSON_VERSION,
            "seed": settings.seed,
            "steps": trainer.steps(),
            "loss": last["loss"],
            "accuracy": last["accuracy"],
            "warnings": read.warnings(),
            "read": read,
            "seconds": {"train": seconds, "total": start.elapsed().as_secs_f64()},
        });
        folder.finish(json!({
            "program": concat!("pdepth ", env!("CARGO_PKG_VERSION")),
            "data": DataSource::from(&arguments.model.data),
            "preprocessing": experiment.preprocessing,
            "data_sha256": settings.data.sha256,
            "result": result,
        }))?;
    }
    let result = &manifest(&target)?["about"]["result"];
    if arguments.common.json {
        println!("{}", serde_json::to_string_pretty(result)?);
    } else {
        let percent = 100.0 * result["accuracy"].as_f64().unwrap_or_default();
        println!("{}: training accuracy {percent:.1} % in the last epoch, {} steps", settings.title(), result["steps"]);
        if let Some(read) = serde_json::from_value::<Option<DataSummary>>(result["read"].clone())? {
            print!("{}{}", what_was_read::lines(&read), warnings(&read.warnings()));
        }
        println!("\nRun folder: {}\nTo measure it: pdepth measure {}", target.display(), target.display());
    }
    Ok(())
}

/// Returns the folder of a run.
pub fn target(folder: &FolderArgs, settings: &Settings) -> anyhow::Result<PathBuf> {
    match &folder.out {
        Some(folder) => Ok(folder.clone()),
        None => Ok(PathBuf::from("runs").join(settings.name()?)),
    }
}

fn last_line(metrics: &[u8]) -> anyhow::Result<Value> {
    let text = String::from_utf8_lossy(metrics);
    let line = text.lines().next_back().context("metrics.jsonl is empty")?;
    Ok(serde_json::from_str(line)?)
}
