//! The end of `pdepth depth` and `pdepth settle`: writes the run folder of a study of what was recorded elsewhere, and
//! prints the result.

use std::path::{Path, PathBuf};

use prediction_depth::activations::{RecordingsSummary, SplitSize};
use prediction_depth::study::Study;
use serde::Serialize;
use serde_json::{Value, json};

use crate::files::hash_of;
use crate::finish_run::print;
use crate::report;
use crate::run_folder::{Claim, RunFolder};
use crate::run_json::{RunOf, run_json};
use crate::settings::part_of_name;
use crate::table::About;

/// The files that the command writes.
const FILES: [&str; 4] = ["config.toml", "depth.csv", "study.safetensors", "report.html"];

/// Settings that are written as `config.toml`.
pub trait FolderSettings: Serialize {
    /// The command.
    const COMMAND: &'static str;

    fn title(&self) -> &str;

    fn to_toml(&self) -> anyhow::Result<String> {
        Ok(toml::to_string(self)?)
    }

    /// Returns a hash that is equal for runs with equal results.
    fn hash(&self) -> anyhow::Result<String> {
        Ok(hash_of(self.to_toml()?.as_bytes()))
    }
}

/// Returns the run folder to write: `out`, or one in `runs/` that is named by title and settings.
pub fn target<S: FolderSettings>(out: Option<&PathBuf>, settings: &S) -> anyhow::Result<PathBuf> {
    match out {
        Some(folder) => Ok(folder.clone()),
        None => {
            let (title, hash) = (part_of_name(settings.title()), settings.hash()?);
            Ok(PathBuf::from("runs").join(format!("{title}-{}-{}", S::COMMAND, &hash[..10])))
        }
    }
}

/// Claims the run folder of a measurement. Returns `None` if it is finished and is to be kept.
pub fn claim(target: &Path, settings: &impl FolderSettings) -> anyhow::Result<Option<RunFolder>> {
    RunFolder::create(&Claim {
        target,
        settings_hash: settings.hash()?,
        title: settings.title().into(),
        replaces: None,
        resume: false,
        writes: &FILES,
    })
}

/// A study, and the run folder for its results.
pub struct MeasuredDepth<'a, S> {
    pub study: &'a Study,
    pub about: About<'a>,
    pub settings: &'a S,
    pub target: &'a Path,
    pub folder: RunFolder,
    /// Where the files were, for the manifest.
    pub activations: Value,
    pub seconds: Value,
}

impl<S: FolderSettings> MeasuredDepth<'_, S> {
    /// Writes all files and prints the result, with `json` as one object.
    pub fn finish(self, json: bool) -> anyhow::Result<()> {
        let Self { study, about, settings, target, folder, activations, seconds } = self;
        let result = run_json(RunOf::Recordings, study, &about, &target.display().to_string(), seconds)?;
        let (all, settings): (Vec<usize>, _) = ((0..study.labels.len()).collect(), settings.to_toml()?);
        folder.write("config.toml", settings.as_bytes())?;
        folder.write("depth.csv", &study.depth_csv(&all)?)?;
        folder.write("study.safetensors", &study.to_bytes()?)?;
        folder.write("report.html", report::html(study, &about, &settings)?.as_bytes())?;
        folder.finish(json!({
            "program": concat!("pdepth ", env!("CARGO_PKG_VERSION")),
            "device": about.source.device(),
            "activations": activations,
            "result": result,
        }))?;
        print(study, &about, &result, target, json)
    }
}

/// Returns where activations and neighbours were, for the manifest.
pub fn activations(read: &RecordingsSummary, neighbors: Option<&Path>) -> Value {
    let place = |split: &SplitSize| split.from.clone();
    json!({
        "train": read.splits.first().map(place),
        "neighbors": neighbors,
        "held_out": read.splits.iter().skip(1).map(|split| json!([split.split, split.from])).collect::<Vec<_>>(),
    })
}
