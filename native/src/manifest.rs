//! The manifest of a run folder: it names the files that the program wrote, and their hashes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};

use anyhow::Context;
use serde_json::Value;

pub const MANIFEST: &str = "manifest.json";

/// Reads the manifest of a finished run.
pub fn manifest(folder: &Path) -> anyhow::Result<Value> {
    let path = folder.join(MANIFEST);
    let bytes = fs::read(&path).with_context(|| format!("{} (is this a run folder?)", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| path.display().to_string())
}

/// Returns whether a folder contains a finished run with these settings.
pub fn is_finished(folder: &Path, settings_hash: &str) -> bool {
    manifest(folder).is_ok_and(|manifest| manifest["settings_sha256"] == settings_hash)
}

/// Returns the SHA-256 of the files that a manifest names, by name. Leaves out names that lead out of the folder.
pub fn named_files(manifest: &Value) -> BTreeMap<String, String> {
    let inside = |name: &str| Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    let files = manifest["files_sha256"].as_object().into_iter().flatten();
    let files = files.filter_map(|(name, hash)| Some((name.clone(), hash.as_str()?.to_owned())));
    files.filter(|(name, _)| !name.is_empty() && inside(name)).collect()
}
