//! `pdepth measure`: measures a network that was trained before.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use prediction_depth::experiment::MeasureOptions;
use prediction_depth::nets::Net;
use prediction_depth::nets::read_weights;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::accelerator::accelerator;
use crate::cli::MeasureArgs;
use crate::data::DataSource;
use crate::finish_run::{ComputeContext, MEASURED, Trained, print_finished};
use crate::interrupt;
use crate::manifest::{manifest, named_files};
use crate::run_folder::{Claim, RunFolder};
use crate::settings::{DataSettings, Settings, hex};

const FINAL: &str = "checkpoints/final.safetensors";

pub async fn measure(arguments: &MeasureArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    interrupt::listen()?;
    let run = &arguments.run;
    let (about, before) = (manifest(run)?["about"].take(), settings(run)?);
    let recorded: Option<DataSource> = serde_json::from_value(about["data"].clone()).ok();
    let named = arguments.data.clone().or(recorded.as_ref().map(|source| source.data.clone())).with_context(|| {
        format!("{}: the run does not say which data it was trained on; name them with --data", run.display())
    })?;
    let source = DataSource {
        data: named.clone(),
        data_dir: arguments.data_dir.clone().or(recorded.as_ref().and_then(|source| source.data_dir.clone())),
        options: recorded.map(|source| source.options).unwrap_or_default(),
    };
    let dataset = before.data.sample(source.open()?)?;
    let found = DataSettings::from_dataset(&dataset);
    if found.sha256 != before.data.sha256 {
        bail!("--data {named}: not the data that {} was trained on (the sha256 differs)", run.display());
    }
    let measuring = MeasureOptions::from(&arguments.measuring);
    let path = arguments.weights.clone().unwrap_or_else(|| run.join(FINAL));
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    let weights = read_weights(&bytes).with_context(|| path.display().to_string())?;
    let other = arguments.weights.is_some().then(|| hex(&Sha256::digest(&bytes)));
    let settings = Settings { measuring: Some(measuring), weights_sha256: other, ..before.clone() };
    let target = arguments.out.as_ref().unwrap_or(run);
    // Other weights never replace the network that was trained here.
    let is_second_half = before.measuring.is_none() && arguments.weights.is_none();
    let replaces = is_second_half.then(|| before.hash()).transpose()?;
    let claim = Claim {
        target,
        settings_hash: settings.hash()?,
        title: settings.title(),
        replaces,
        resume: false,
        writes: &MEASURED,
    };
    let Some(folder) = RunFolder::create(&claim)? else {
        return print_finished(target, arguments.common.json);
    };

    let context = ComputeContext::new(&arguments.measuring.memory, &arguments.common).await?;
    let experiment = settings.experiment(&dataset)?;
    let (shape, classes) = (dataset.images.shape(), dataset.classes.len());
    let network = Net::with_weights(&settings.network, shape, classes, &weights, &accelerator());
    let network = network.with_context(|| path.display().to_string())?;
    context.memory.check(&experiment, &network)?;
    folder.write(FINAL, &bytes)?;
    if arguments.weights.is_none() {
        take_over(run, &folder)?;
    }
    let trained = Trained {
        experiment,
        network: &network,
        settings: &settings,
        measuring,
        data: json!(source),
        target,
        folder,
        read: dataset.summary(Some(settings.seed))?,
        start,
        training_seconds: about["result"]["seconds"]["train"].as_f64().unwrap_or_default(),
    };
    trained.finish_run(&context).await
}

/// Returns the settings of a run.
fn settings(run: &Path) -> anyhow::Result<Settings> {
    let path = run.join("config.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    toml::from_str(&text).with_context(|| path.display().to_string())
}

/// Copies the other files of the training, as far as they are there.
fn take_over(run: &Path, folder: &RunFolder) -> anyhow::Result<()> {
    let of_training = |name: &str| name == "metrics.jsonl" || (name.starts_with("checkpoints/") && name != FINAL);
    let named = named_files(&manifest(run)?);
    for name in named.keys().filter(|name| of_training(name) && run.join(name).exists()) {
        folder.copy(run, name)?;
    }
    Ok(())
}
