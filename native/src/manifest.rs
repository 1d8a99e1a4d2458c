//! The manifest of a run folder: it names the files that the program wrote, and their hashes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};

use anyhow::{Context, bail};
use prediction_depth::checksum;
use serde_json::{Value, json};

pub const MANIFEST: &str = "manifest.json";

const FORMAT: &str = "prediction-depth-run";
const VERSION: u32 = 1;
/// Key of the manifest's own checksum.
const CHECKSUM: &str = "manifest_sha256";

/// Returns the bytes of a manifest, with its own checksum.
pub fn manifest_bytes(settings_sha256: &str, about: Value, files_sha256: Value) -> anyhow::Result<Vec<u8>> {
    let mut manifest = json!({"format": FORMAT, "version": VERSION, "settings_sha256": settings_sha256});
    manifest[CHECKSUM] = checksum::blank().into();
    manifest["about"] = about;
    manifest["files_sha256"] = files_sha256;
    let mut bytes = serde_json::to_vec_pretty(&manifest)?;
    checksum::fill(&mut bytes);
    Ok(bytes)
}

/// Reads the manifest of a finished run. Refuses one of another program or version, and one that was changed since.
pub fn manifest(folder: &Path) -> anyhow::Result<Value> {
    let path = folder.join(MANIFEST);
    let bytes = fs::read(&path).with_context(|| format!("{} (is this a run folder?)", path.display()))?;
    let manifest: Value = serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?;
    check(&manifest, &bytes).with_context(|| path.display().to_string())?;
    Ok(manifest)
}

fn check(manifest: &Value, bytes: &[u8]) -> anyhow::Result<()> {
    if manifest["format"] != FORMAT {
        bail!("not the manifest of a run, whose format is {FORMAT}");
    }
    let found = &manifest["version"];
    if *found != VERSION {
        bail!(
            "this run has version {found}, and this program reads version {VERSION}: update the program, or run again"
        );
    }
    // Manifests from before there was a checksum have none.
    let stored = manifest.get(CHECKSUM).map(|stored| stored.as_str().unwrap_or_default());
    if stored.is_some_and(|stored| !checksum::holds(bytes, bytes.len(), stored)) {
        bail!(
            "it does not match its own {CHECKSUM}, so it was changed or damaged after pdepth wrote it: take it from a \
             copy, or run again in another folder"
        );
    }
    Ok(())
}

/// Returns whether a folder has a manifest of this program, of any version and in any condition.
pub fn has_manifest(folder: &Path) -> bool {
    let manifest = fs::read(folder.join(MANIFEST)).ok();
    manifest
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .is_some_and(|found| found["format"] == FORMAT)
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
