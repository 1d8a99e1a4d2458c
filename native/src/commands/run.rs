//! `pdepth run`: trains a network, or takes that of an ONNX file, measures it, and writes a run folder.

use std::time::Instant;

use prediction_depth::experiment::MeasureOptions;
use serde_json::json;

use crate::cli::RunArgs;
use crate::commands::onnx::OnnxRun;
use crate::commands::train::target;
use crate::data::{self, DataSource};
use crate::finish_run::{ComputeContext, MEASURED, Trained, print_finished};
use crate::interrupt;
use crate::run_folder::{Claim, RunFolder};
use crate::settings::Settings;
use crate::table::warn;
use crate::threads;
use crate::training::train;

pub async fn run(arguments: &RunArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    interrupt::listen()?;
    threads::join();
    if let Some(model) = &arguments.onnx_model {
        let data = &arguments.model.data;
        let run = OnnxRun {
            model,
            taps: arguments.model.net.taps.as_deref(),
            asked: &arguments.onnx,
            source: data.into(),
            dataset: data::chosen(data)?,
            sample_seed: data.examples.map(|_| data.sample_seed),
            out: arguments.folder.out.as_ref(),
            measuring: &arguments.measuring,
            common: &arguments.common,
            start,
        };
        return run.run().await;
    }
    let context = ComputeContext::new(&arguments.measuring.memory, &arguments.common).await?;
    let dataset = data::chosen(&arguments.model.data)?;
    let measuring = MeasureOptions::from(&arguments.measuring);
    let settings = Settings::new(&arguments.model, Some(measuring), &dataset)?;
    let target = target(&arguments.folder, &settings)?;
    let claim = Claim {
        target: &target,
        settings_hash: settings.hash()?,
        title: settings.title(),
        replaces: None,
        resume: arguments.folder.resume,
        writes: &MEASURED,
    };
    let Some(folder) = RunFolder::create(&claim)? else {
        return print_finished(&target, arguments.common.json);
    };
    let read = dataset.summary(Some(settings.seed))?;
    warn(&read.warnings(), arguments.common.quiet);
    let experiment = settings.experiment(&dataset)?;
    let network = settings.new_network(&experiment)?;
    context.memory.check(&experiment, &network)?;
    let mut trainer = experiment.trainer(&network, settings.training.clone())?;
    let keep = arguments.folder.checkpoints;
    let training_seconds = train(&mut trainer, &network, &folder, keep, arguments.common.quiet)?;
    drop(trainer); // and the images as it saw them
    let trained = Trained {
        experiment,
        network: &network,
        settings: &settings,
        measuring,
        data: json!(DataSource::from(&arguments.model.data)),
        target: &target,
        folder,
        read,
        start,
        training_seconds,
    };
    trained.finish_run(&context).await
}
