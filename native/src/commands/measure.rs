//! `pdepth measure`: measures a network that was trained before.

use std::fs;
use std::time::Instant;

use anyhow::Context;
use prediction_depth::data::ReadOptions;
use prediction_depth::experiment::MeasureOptions;
use prediction_depth::nets::Net;
use prediction_depth::nets::read_weights;
use serde_json::json;

use crate::accelerator::accelerator;
use crate::cli::MeasureArgs;
use crate::commands::onnx::OnnxRun;
use crate::data::DataSource;
use crate::files::hash_of;
use crate::finish_run::{ComputeContext, MEASURED, Trained, print_finished};
use crate::finished_run::{FINAL, FinishedRun};
use crate::interrupt;
use crate::run_folder::{Claim, RunFolder, complete};
use crate::settings::Settings;
use crate::threads;
use crate::trained_on::trained_on;

/// The data of an ONNX file, if none are given.
const EMBEDDED: &str = "embedded";

pub async fn measure(arguments: &MeasureArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    interrupt::listen()?;
    threads::join();
    let Some(run) = &arguments.run else { return measure_onnx(arguments, start).await };
    let completed = complete(run)?;
    let trained = FinishedRun::open(run)?;
    let (about, before) = (trained.about(), trained.settings()?);
    let (source, dataset) = trained_on(run, &trained, &before, &arguments.data)?;
    let measuring = MeasureOptions::from(&arguments.measuring);
    let path = arguments.weights.clone().unwrap_or_else(|| trained.path(FINAL));
    let bytes = match &arguments.weights {
        Some(path) => fs::read(path).with_context(|| path.display().to_string())?,
        None => trained.read(FINAL).context("--weights FILE --out DIR would measure other weights")?,
    };
    let weights = read_weights(&bytes).with_context(|| path.display().to_string())?;
    let other = arguments.weights.is_some().then(|| hash_of(&bytes));
    let settings = Settings { measuring: Some(measuring), weights_sha256: other, ..before.clone() };
    let target = arguments.out.as_ref().unwrap_or(run);
    // Other weights never replace the network that was trained here.
    let is_second_half = before.measuring.is_none() && arguments.weights.is_none();
    let replaces = is_second_half.then(|| trained.settings_hash().to_owned());
    let claim = Claim {
        target,
        settings_hash: settings.hash()?,
        title: settings.title(),
        replaces,
        resume: completed && arguments.out.is_none(), // then it is only printed
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
        take_over(&trained, &folder)?;
    }
    let measured = Trained {
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
    measured.finish_run(&context).await
}

/// Measures the network of an ONNX file.
async fn measure_onnx(arguments: &MeasureArgs, start: Instant) -> anyhow::Result<()> {
    let model = arguments.onnx_model.as_deref().context("neither a run folder nor --model FILE is given")?;
    let (data, folder) = (arguments.data.data.clone(), arguments.data.data_dir.clone());
    let source = DataSource::given(data.unwrap_or_else(|| EMBEDDED.into()), folder, ReadOptions::default());
    let run = OnnxRun {
        model,
        taps: Some(&arguments.taps),
        asked: &arguments.onnx,
        dataset: source.open()?,
        source,
        sample_seed: None,
        out: arguments.out.as_ref(),
        measuring: &arguments.measuring,
        common: &arguments.common,
        start,
    };
    run.run().await
}

/// Copies the other files of the training, as far as they are there.
fn take_over(run: &FinishedRun, folder: &RunFolder) -> anyhow::Result<()> {
    let of_training = |name: &str| name == "metrics.jsonl" || (name.starts_with("checkpoints/") && name != FINAL);
    for name in run.names().filter(|name| of_training(name) && run.path(name).exists()) {
        folder.copy(run, name)?;
    }
    Ok(())
}
