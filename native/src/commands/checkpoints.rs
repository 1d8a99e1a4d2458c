//! `pdepth checkpoints`: depth at every checkpoint of a run.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::{Context, bail};
use prediction_depth::checkpoints::{DepthOverTraining, checkpoints_csv, depths_csv};
use prediction_depth::data::Split;
use prediction_depth::depth::PredictionDepth;
use prediction_depth::experiment::{Experiment, Sample};
use prediction_depth::nets::{Net, Network, read_weights};
use prediction_depth::{Progress, Result};

use crate::accelerator::accelerator;
use crate::cli::OverTrainingArgs;
use crate::divergence::divergence;
use crate::finish_run::ComputeContext;
use crate::finished_run::FinishedRun;
use crate::interrupt;
use crate::over_training::{Kept, LeftOut, Measured, html, kept, summary};
use crate::own_files::OwnFiles;
use crate::progress::Bar;
use crate::settings::Settings;
use crate::threads;
use crate::trained_on::trained_on;

/// The files that the command writes.
const FILES: [&str; 3] = ["checkpoints.csv", "depths.csv", "checkpoints.html"];

pub async fn checkpoints(arguments: &OverTrainingArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    interrupt::listen()?;
    threads::join();
    let (run, out) = (&arguments.run, arguments.out.as_ref().unwrap_or(&arguments.run));
    let own_files = OwnFiles::open(out, &FILES)?;
    let trained = FinishedRun::open(run)?;
    let settings = trained.settings()?;
    if settings.weights_sha256.is_some() {
        bail!(
            "{}: its weights come from a file, so it has no checkpoints: name the run that was trained",
            run.display()
        );
    }
    let (_, dataset) = trained_on(run, &trained, &settings, &arguments.data)?;
    let experiment = settings.experiment(&dataset)?;
    let training = experiment.examples(Split::Train).len();
    let kept = kept(run, &trained, settings.training.steps(training))?;
    for checkpoint in &kept {
        trained.read(&checkpoint.name)?; // a damaged one is found before the first is measured
    }
    let samples = samples(arguments, &experiment)?;
    let network = settings.new_network(&experiment)?;
    let context = ComputeContext::new(&arguments.memory, &arguments.common).await?;
    context.memory.check(&experiment, &network)?;

    let probing = settings.measuring.map(|measuring| measuring.probing).unwrap_or_default();
    experiment.check_probing(&probing)?;
    let reading = Reading { trained: &trained, settings: &settings, experiment: &experiment };
    let bar = Bar::new("measuring", "probes", arguments.common.quiet);
    let mut splits: Vec<_> = samples.iter().map(|sample| DepthOverTraining::new(&experiment, sample)).collect();
    let (mut left_out, mut first): (Vec<LeftOut>, Option<Vec<PredictionDepth>>) = (Vec::new(), None);
    for (place, checkpoint) in kept.iter().enumerate() {
        let progress = OfMany { bar: &bar, place, of: kept.len() };
        let measure = async {
            let network = reading.network(checkpoint)?;
            let (memory, device, first) = (&context.memory, &context.device, first.as_deref());
            memory.measure_some(&experiment, &network, &samples, probing, first, device, &progress).await
        };
        match measure.await {
            Ok(found) => {
                for (split, found) in splits.iter_mut().zip(&found) {
                    split.note(checkpoint.step, found)?;
                }
                first.get_or_insert(found);
            }
            Err(error) => match divergence(&error) {
                Some(why) => left_out.push(LeftOut {
                    step: checkpoint.step,
                    file: checkpoint.name.clone(),
                    why: why.to_string(),
                }),
                None => return Err(stopped(error)),
            },
        }
    }
    drop(bar);
    if kept.len() < left_out.len() + 2 {
        let why = left_out.last().map_or("", |left_out| &left_out.why);
        bail!("{}: fewer than two of its {} checkpoints can be measured: {why}", run.display(), kept.len());
    }
    let splits: Vec<_> = splits.into_iter().zip(samples.iter().map(Sample::of)).collect();
    let measured = Measured {
        settings: &settings,
        experiment: &experiment,
        probing,
        layers: network.taps(),
        splits: splits.into_iter().filter(|(split, _)| !split.examples().is_empty()).collect(),
        left_out,
        sample_seed: samples.iter().any(|sample| !sample.is_whole()).then_some(arguments.sample_seed),
        warnings: trained.warnings()?.unwrap_or_default(),
    };
    write(own_files, &measured)?;
    let device = context.searches_on(measured.probing.metric);
    if arguments.common.json {
        let (run, seconds) = (run.display().to_string(), start.elapsed().as_secs_f64());
        println!("{}", serde_json::to_string_pretty(&measured.json(&run, device, seconds))?);
    } else {
        print!("{}", summary(&measured, device));
        println!("\nReport, with both tables beside it: {}", out.join(FILES[2]).display());
    }
    Ok(())
}

/// Returns the examples to measure, the training split first.
fn samples(arguments: &OverTrainingArgs, experiment: &Experiment) -> anyhow::Result<Vec<Sample>> {
    let mut splits: Vec<Split> = arguments.split.iter().copied().map(Split::from).collect();
    for split in &splits {
        if experiment.examples(*split).is_empty() {
            bail!("--split {}: the data of the run have no such split", split.name());
        }
    }
    if splits.is_empty() {
        splits = Split::ALL.to_vec();
    }
    Ok(experiment.samples(&splits, arguments.examples, arguments.sample_seed))
}

fn write(own_files: OwnFiles, measured: &Measured) -> anyhow::Result<()> {
    let splits: Vec<DepthOverTraining> = measured.splits.iter().map(|(split, _)| split.clone()).collect();
    own_files.write(&[
        (FILES[0], checkpoints_csv(measured.layers, measured.steps_an_epoch(), &splits)?),
        (FILES[1], depths_csv(measured.experiment, measured.layers, &splits)?),
        (FILES[2], html(measured)?.into_bytes()),
    ])
}

/// Reads the networks of a run.
struct Reading<'a> {
    trained: &'a FinishedRun,
    settings: &'a Settings,
    experiment: &'a Experiment,
}

impl Reading<'_> {
    fn network(&self, checkpoint: &Kept) -> anyhow::Result<Net> {
        let path = || self.trained.path(&checkpoint.name).display().to_string();
        let weights = read_weights(&self.trained.read(&checkpoint.name)?).with_context(path)?;
        let dataset = &self.experiment.dataset;
        let (shape, classes) = (dataset.images.shape(), dataset.classes.len());
        Net::with_weights(&self.settings.network, shape, classes, &weights, &accelerator()).with_context(path)
    }
}

/// Tells a user who stopped the command what is left of it.
fn stopped(error: anyhow::Error) -> anyhow::Error {
    if interrupt::asked() {
        let command = interrupt::command(&[]);
        return anyhow::anyhow!("stopped; no file was changed, and this command measures again: {command}");
    }
    error
}

/// Progress of one checkpoint of many.
struct OfMany<'a> {
    bar: &'a Bar,
    place: usize,
    of: usize,
}

impl Progress for OfMany<'_> {
    async fn step(&self, done: usize, total: usize) -> Result<()> {
        self.bar.step(self.place * total + done, self.of * total).await
    }

    fn stop_flag(&self) -> Option<&AtomicBool> {
        self.bar.stop_flag()
    }
}
