//! `pdepth run`: from images to depths, and a folder that keeps all of it.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use prediction_depth::data::{Dataset, Preprocessing, Split, flip_labels, split};
use prediction_depth::measure::measure;
use prediction_depth::nets::{Mlp, Network};
use prediction_depth::representations::{Forward, Representations, inputs};
use prediction_depth::search::{DEFAULT_MEMORY, Device};
use prediction_depth::study::{Architecture, Study};
use prediction_depth::train::Trainer;
use prediction_depth::{Class, Matrix, Rows};
use serde_json::{Value, json};

use crate::cli::RunArgs;
use crate::progress::Bar;
use crate::run_folder::RunFolder;
use crate::settings::Settings;
use crate::{data, report, table};

/// Version of the JSON object.
const JSON_VERSION: u32 = 1;

pub async fn run(arguments: &RunArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    let dataset = data::open(&arguments.data, arguments.data_dir.as_deref())?;
    let dataset = match arguments.examples {
        Some(count) => dataset.first(count)?,
        None => dataset,
    };
    let settings = Settings::new(arguments, &dataset);
    let target = match &arguments.out {
        Some(folder) => folder.clone(),
        None => PathBuf::from("runs").join(settings.name()?),
    };
    let mut folder = RunFolder::create(&target, &settings.hash()?)?;
    let (device, device_text) = Device::open(arguments.common.device.into(), DEFAULT_MEMORY).await?;

    let prepared = Prepared::new(dataset, &settings)?;
    let training_start = Instant::now();
    let (network, metrics) = prepared.train(&settings, arguments.common.quiet)?;
    let training_seconds = training_start.elapsed().as_secs_f64();
    let measuring_start = Instant::now();
    let study = prepared.measure(&network, &settings, &device, arguments.common.quiet).await?;
    let seconds = json!({
        "train": training_seconds,
        "measure": measuring_start.elapsed().as_secs_f64(),
        "total": start.elapsed().as_secs_f64(),
    });

    let result = json_of(&study, &settings, &target.display().to_string(), &device_text, seconds)?;
    folder.write("config.toml", settings.to_toml()?.as_bytes())?;
    folder.write("metrics.jsonl", metrics.as_bytes())?;
    folder.write("checkpoints/final.safetensors", &Study::weights_to_bytes(&study.weights)?)?;
    folder.write("depth.csv", &table::depth_csv(&study)?)?;
    folder.write("study.safetensors", &study.to_bytes()?)?;
    folder.write("report.html", report::html(&study, &settings, &device_text)?.as_bytes())?;
    folder.finish(json!({
        "program": concat!("pdepth ", env!("CARGO_PKG_VERSION")),
        "device": device_text,
        "preprocessing": study.preprocessing,
        "data_sha256": settings.data.sha256,
        "result": result,
    }))?;
    if arguments.common.json {
        println!("{}", serde_json::to_string_pretty(&result)?);
    } else {
        print!("{}", table::summary(&study, &device_text));
        println!("\nThe report and all files: {}", target.join("report.html").display());
    }
    Ok(())
}

/// The data as one network gets to see them.
struct Prepared {
    dataset: Dataset,
    given_labels: Vec<Class>,
    splits: Vec<Split>,
    preprocessing: Preprocessing,
}

impl Prepared {
    /// Noise first, on training images only; then the split.
    fn new(dataset: Dataset, settings: &Settings) -> anyhow::Result<Self> {
        let (noise, classes) = (&settings.data, dataset.classes.len());
        let flipped = flip_labels(&dataset.labels[..dataset.training], noise.label_noise, classes, noise.noise_seed)?;
        let given_labels = [&flipped, &dataset.labels[dataset.training..]].concat();
        let splits = split(&dataset, settings.seed)?;
        settings.probing.check(Split::Train.examples(&splits).len())?;
        let mut prepared =
            Self { dataset, given_labels, splits, preprocessing: Preprocessing { mean: Vec::new(), std: Vec::new() } };
        let training = prepared.dataset.images.select(&Split::Train.examples(&prepared.splits))?;
        prepared.preprocessing = Preprocessing::of(&training);
        Ok(prepared)
    }

    fn given(&self, ids: &[usize]) -> Vec<Class> {
        ids.iter().map(|&id| self.given_labels[id]).collect()
    }

    /// The trained network, and `metrics.jsonl`: a line for each epoch.
    fn train(&self, settings: &Settings, quiet: bool) -> anyhow::Result<(Mlp, String)> {
        let Architecture::Mlp { hidden } = &settings.network;
        let network = Mlp::new(self.dataset.images.size(), hidden, self.dataset.classes.len(), settings.seed)?;
        let ids = Split::Train.examples(&self.splits);
        let inputs = inputs(&self.preprocessing, &self.dataset.images.select(&ids)?)?;
        let mut trainer = Trainer::new(&network, inputs, &self.given(&ids), settings.training.clone())?;
        let (bar, mut metrics) = (Bar::new("training", "epochs", quiet), String::new());
        for epoch in 1..=settings.training.epochs {
            let (mut loss, mut accuracy, mut step) = (0.0, 0.0, 0);
            for _ in 0..trainer.steps_an_epoch() {
                let taken = trainer.step()?;
                (loss, accuracy, step) = (loss + f64::from(taken.loss), accuracy + taken.accuracy, taken.step);
            }
            let steps = trainer.steps_an_epoch() as f64;
            let (loss, accuracy) = (loss / steps, accuracy / steps);
            metrics += &json!({"epoch": epoch, "step": step, "loss": loss, "accuracy": accuracy}).to_string();
            metrics += "\n";
            bar.show(epoch, settings.training.epochs, &format!("(loss {loss:.3}, accuracy {:.1} %)", 100.0 * accuracy));
        }
        Ok((network, metrics))
    }

    async fn measure(self, network: &Mlp, settings: &Settings, device: &Device, quiet: bool) -> anyhow::Result<Study> {
        let used = Split::ALL.map(|split| split.examples(&self.splits));
        let forward = |ids: &Vec<usize>| -> anyhow::Result<_> {
            Ok(Forward::new(network, &self.preprocessing, &self.dataset.images.select(ids)?)?)
        };
        // A data set need not have test images; the other two splits are never empty.
        let parts = used.iter().filter(|ids| !ids.is_empty()).map(forward).collect::<anyhow::Result<Vec<_>>>()?;
        let held_out: Vec<_> = parts[1..].iter().collect();
        let labels = self.given(&used[0]);
        let bar = Bar::new("measuring", "probes", quiet);
        let measured = measure(&parts[0], &labels, &held_out, settings.probing, device, &bar, |_, _, _| {}).await;
        let measured = measured.with_context(|| format!("--data {}", self.dataset.name))?;
        let mut output_margins = vec![0.0; self.splits.len()];
        for (ids, part) in used.iter().zip(&parts) {
            for (&id, margin) in ids.iter().zip(part.output_margins()) {
                output_margins[id] = margin;
            }
        }
        let representations = if settings.representations { recorded(&used, &parts).await? } else { Vec::new() };
        Ok(Study {
            title: settings.title(),
            source: self.dataset.source,
            layers: network.taps().to_vec(),
            architecture: settings.network.clone(),
            preprocessing: self.preprocessing,
            probing: settings.probing,
            weights: Study::weights_of(network)?,
            measured: Study::assemble(&self.splits, &measured)?,
            output_margins,
            representations,
            images: self.dataset.images,
            labels: self.dataset.labels,
            classes: self.dataset.classes,
            given_labels: self.given_labels,
            splits: self.splits,
        })
    }
}

/// Each layer's representations in data set order, as they were measured, split by split.
async fn recorded(used: &[Vec<usize>], parts: &[impl Representations]) -> anyhow::Result<Vec<Matrix>> {
    let examples = used.iter().map(Vec::len).sum();
    let mut layers = Vec::new();
    for layer in 0..parts[0].layers().len() {
        let mut rows = vec![Vec::new(); examples];
        for (ids, part) in used.iter().filter(|ids| !ids.is_empty()).zip(parts) {
            let source = part.layer(layer)?;
            for (row, &id) in ids.iter().enumerate() {
                rows[id] = source.block(row..row + 1).await?.into_owned();
            }
        }
        let dims = rows[0].len();
        layers.push(Matrix::new(rows.concat(), examples, dims)?);
    }
    Ok(layers)
}

/// The object of `--json`; scripts rely on its keys.
fn json_of(study: &Study, settings: &Settings, run: &str, device: &str, seconds: Value) -> anyhow::Result<Value> {
    let summary = study.summary();
    let mut result = json!({
        "run": run,
        "version": JSON_VERSION,
        "device": device,
        "layers": study.layers,
        "k": settings.probing.k,
        "seed": settings.seed,
        "train": summary.train,
        "validation": summary.validation,
        "test": summary.test,
        "label_noise": summary.label_noise,
    });
    result["seconds"] = seconds;
    Ok(result)
}
