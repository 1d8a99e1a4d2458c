//! The second half of a run: measures a trained network, writes the files of the run folder, and prints the result.

use std::path::Path;
use std::time::Instant;

use anyhow::anyhow;
use prediction_depth::data::DataSummary;
use prediction_depth::experiment::{Experiment, MeasureOptions};
use prediction_depth::metric::Metric;
use prediction_depth::nets::Net;
use prediction_depth::search::SearchDevice;
use prediction_depth::study::{ProbeSource, Study};
use serde_json::{Value, json};

use crate::cli::{Common, MemoryArgs};
use crate::device;
use crate::divergence::forget_if_diverged;
use crate::finished_run::FinishedRun;
use crate::interrupt;
use crate::memory::Memory;
use crate::progress::Bar;
use crate::run_folder::RunFolder;
use crate::run_json::{RunOf, run_json};
use crate::settings::Settings;
use crate::table::{About, NeighborSource, Read};
use crate::{report, table};

/// Files that every measured run has.
pub const MEASURED: [&str; 5] =
    ["config.toml", "depth.csv", "study.safetensors", "report.html", "checkpoints/final.safetensors"];

/// The search device and its memory.
pub struct ComputeContext<'a> {
    pub memory: Memory,
    pub device: SearchDevice,
    /// Description of the device, and why it was chosen.
    pub text: String,
    pub common: &'a Common,
}

impl<'a> ComputeContext<'a> {
    pub async fn new(arguments: &MemoryArgs, common: &'a Common) -> anyhow::Result<Self> {
        let memory = Memory::new(arguments.memory, arguments.scratch.as_deref())?;
        let (device, text) = device::open(common.device.into(), memory.of_search(), common.quiet).await?;
        Ok(Self { memory, device, text, common })
    }

    /// Returns the description of the device that searches by this metric.
    pub fn searches_on(&self, metric: Metric) -> &str {
        match metric {
            Metric::Manhattan => "CPU (Manhattan distance is searched nowhere else)",
            _ => &self.text,
        }
    }
}

/// A trained network and the run folder for its results.
pub struct Trained<'a> {
    pub experiment: Experiment,
    pub network: &'a Net,
    pub settings: &'a Settings,
    pub measuring: MeasureOptions,
    /// The options that selected the data, for `measure`.
    pub data: Value,
    pub target: &'a Path,
    pub folder: RunFolder,
    /// What was read of the data set.
    pub read: DataSummary,
    pub start: Instant,
    pub training_seconds: f64,
}

impl Trained<'_> {
    /// Measures the network, writes all files, and prints the result.
    pub async fn finish_run(self, context: &ComputeContext<'_>) -> anyhow::Result<()> {
        let (measuring_start, device) = (Instant::now(), context.searches_on(self.measuring.probing.metric));
        let bar = Bar::new("measuring", "probes", context.common.quiet);
        let Self { experiment, network, settings, measuring, .. } = self;
        let measurement = context.memory.measure(&experiment, network, measuring, &context.device, &bar).await;
        let measurement = forget_if_diverged(&self.folder, measurement);
        drop(bar);
        let measurement = measurement.map_err(|error| stopped(error, self.folder.can_be_resumed()))?;
        let work = measurement.work;
        let (title, weights) = (settings.title(), Study::weights_of(network)?);
        let study = experiment.into_study(title, settings.network.clone(), weights, measurement)?;
        let seconds = json!({
            "train": self.training_seconds,
            "measure": measuring_start.elapsed().as_secs_f64(),
            "total": self.start.elapsed().as_secs_f64(),
        });
        let warnings = [self.read.warnings(), study.warnings()].concat();
        let read = Read::Data(self.read);
        let about = About { read: Some(&read), warnings: &warnings, work, source: NeighborSource::Search(device) };
        let (of, run) = (RunOf::Training { seed: settings.seed }, self.target.display().to_string());
        let result = run_json(of, &study, &about, &run, seconds)?;
        let all: Vec<usize> = (0..study.labels.len()).collect();
        let folder = &self.folder;
        folder.write("config.toml", settings.to_toml()?.as_bytes())?;
        folder.write("depth.csv", &study.depth_csv(&all)?)?;
        folder.write("study.safetensors", &study.to_bytes()?)?;
        folder.write("report.html", report::html(&study, &about, &settings.to_toml()?)?.as_bytes())?;
        self.folder.finish(json!({
            "program": concat!("pdepth ", env!("CARGO_PKG_VERSION")),
            "device": device,
            "data": self.data,
            "preprocessing": study.preprocessing,
            "data_sha256": settings.data.sha256,
            "result": result,
        }))?;
        print(&study, &about, &result, self.target, context.common.json)
    }
}

/// Tells a user who stopped the measurement how to continue.
fn stopped(error: anyhow::Error, can_be_resumed: bool) -> anyhow::Error {
    match (interrupt::asked(), can_be_resumed) {
        (false, _) => error,
        (true, true) => {
            let command = interrupt::command(&["--resume"]);
            anyhow!("stopped in the measurement; the training is saved, and this command continues: {command}")
        }
        (true, false) => {
            let command = interrupt::command(&[]);
            anyhow!("stopped in the measurement; no file was changed, and this command measures again: {command}")
        }
    }
}

/// Prints the result of a finished run.
pub fn print_finished(target: &Path, json: bool) -> anyhow::Result<()> {
    let run = FinishedRun::open(target)?;
    let (about, study) = (run.about(), run.study()?);
    let result = &about["result"];
    let read: Option<Read> = serde_json::from_value(result["read"].clone())?;
    let about = About {
        read: read.as_ref(),
        warnings: &run.warnings()?.unwrap_or_default(),
        work: serde_json::from_value(result["work"].clone())?,
        source: match about["activations"]["neighbors"].as_str() {
            _ if study.probe_source == ProbeSource::Given => NeighborSource::Nowhere,
            Some(folder) => NeighborSource::Graphs(folder),
            None => NeighborSource::Search(about["device"].as_str().unwrap_or_default()),
        },
    };
    print(&study, &about, result, target, json)
}

/// Prints a result as a table, or as the object of `--json`.
pub fn print(study: &Study, about: &About, result: &Value, target: &Path, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(result)?);
    } else {
        print!("{}", table::summary(study, about));
        println!("\nReport, with all other files beside it: {}", target.join("report.html").display());
    }
    Ok(())
}
