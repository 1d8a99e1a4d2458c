//! Files of a finished run. All of them are read here, and each must be as the manifest describes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use prediction_depth::study::Study;
use serde_json::Value;

use crate::files::{hash_of, partial_of};
use crate::manifest::{MANIFEST, manifest, named_files};
use crate::own_files;
use crate::settings::Settings;

const CONFIG: &str = "config.toml";
const STUDY: &str = "study.safetensors";
/// The weights after the last step.
pub const FINAL: &str = "checkpoints/final.safetensors";

/// A finished run in its folder.
pub struct FinishedRun {
    folder: PathBuf,
    manifest: Value,
    /// Hash of each file, by name.
    files: BTreeMap<String, String>,
}

impl FinishedRun {
    /// Opens a run folder. Refuses one into which a stopped program was still moving files.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        if let Some(partial) = partial_of(folder).filter(|partial| partial.join(MANIFEST).exists()) {
            bail!(
                "{}: pdepth was stopped while it moved files here from {}; the command that made this run completes it",
                folder.display(),
                partial.display()
            );
        }
        let manifest = manifest(folder)?;
        let files = named_files(&manifest);
        Ok(Self { folder: folder.to_owned(), manifest, files })
    }

    /// Returns what the run says about itself.
    pub fn about(&self) -> &Value {
        &self.manifest["about"]
    }

    /// Returns the hash of the settings.
    pub fn settings_hash(&self) -> &str {
        self.manifest["settings_sha256"].as_str().unwrap_or_default()
    }

    /// Returns the names of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Returns where a file of this name is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Reads a file, which must match its hash in the manifest.
    pub fn read(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        let path = self.path(name);
        let Some(expected) = self.files.get(name) else {
            bail!("{}: {MANIFEST} names no such file, so it is not of this run: run again", path.display())
        };
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        if hash_of(&bytes) == *expected { Ok(bytes) } else { Err(changed(&path, MANIFEST)) }
    }

    /// Reads the settings.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        let (bytes, path) = (self.read(CONFIG)?, self.path(CONFIG));
        if hash_of(&bytes) != self.settings_hash() {
            bail!("{}: it does not match settings_sha256 in {MANIFEST}: run again in another folder", path.display());
        }
        if self.about().get("activations").is_some() {
            let folder = self.folder.display();
            bail!(
                "{folder}: it was made from what was recorded elsewhere or from an ONNX file, and holds no network of ours: \
                 run `pdepth depth`, `pdepth settle` or `pdepth run --model` again"
            );
        }
        let text = String::from_utf8(bytes).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }

    /// Reads the study.
    pub fn study(&self) -> anyhow::Result<Study> {
        Study::from_bytes(&self.read(STUDY)?).with_context(|| self.path(STUDY).display().to_string())
    }

    /// Returns the warnings that were given; `None` for a run from before they were stored.
    pub fn warnings(&self) -> anyhow::Result<Option<Vec<String>>> {
        Ok(serde_json::from_value(self.about()["result"]["warnings"].clone())?)
    }
}

/// Returns whether a folder has a manifest, and so holds a run.
pub fn is_run(folder: &Path) -> bool {
    folder.join(MANIFEST).exists()
}

fn changed(path: &Path, record: &str) -> anyhow::Error {
    anyhow!(
        "{}: it does not match its sha256 in {record}, so it was changed or damaged after pdepth wrote it: take it from a \
         copy, or delete it and run again",
        path.display()
    )
}

/// Returns the bytes of a study, and where they are from: a run's folder, an ensemble's folder, or a study file.
pub fn study_bytes(run: &Path) -> anyhow::Result<(Vec<u8>, PathBuf)> {
    if !run.is_dir() {
        return Ok((fs::read(run).with_context(|| run.display().to_string())?, run.to_owned()));
    }
    let path = run.join(STUDY);
    if is_run(run) {
        return Ok((FinishedRun::open(run)?.read(STUDY)?, path));
    }
    let hashes = own_files::hashes(run, STUDY)?;
    let hashes = hashes.with_context(|| format!("{}: it holds no run and no merged ensemble", run.display()))?;
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    if hashes.contains(&hash_of(&bytes)) { Ok((bytes, path)) } else { Err(changed(&path, own_files::RECORD)) }
}

/// Reads a study from a run's folder, an ensemble's folder, or a study file.
pub fn read_study(run: &Path) -> anyhow::Result<Study> {
    let (bytes, path) = study_bytes(run)?;
    Study::from_bytes(&bytes).with_context(|| path.display().to_string())
}
