//! A run folder appears whole or not at all: its files are written beside it, synced, and renamed into place together.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::settings::hex;

const MANIFEST: &str = "manifest.json";

/// A run folder in the making.
pub struct RunFolder {
    target: PathBuf,
    partial: Option<TempDir>,
    made_parent: Option<PathBuf>,
    settings_hash: String,
    hashes: serde_json::Map<String, Value>,
}

impl RunFolder {
    /// Claims `target`, before anything is computed. A folder that is there is replaced only where it is a run with the
    /// same settings.
    pub fn create(target: &Path, settings_hash: &str) -> anyhow::Result<Self> {
        check_target(target, settings_hash)?;
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let made_parent = (!parent.exists()).then(|| parent.to_owned());
        fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        let partial = tempfile::Builder::new().prefix(".pdepth-partial-").tempdir_in(parent);
        let partial = partial.with_context(|| format!("{}: cannot write here", parent.display()))?;
        let (target, settings_hash) = (target.to_owned(), settings_hash.to_owned());
        Ok(Self { target, partial: Some(partial), made_parent, settings_hash, hashes: serde_json::Map::new() })
    }

    /// Writes one file of the run; `name` may lead into a folder of it.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.partial().join(name);
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(path.parent().unwrap_or(self.partial()))?;
            let mut file = File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().with_context(|| path.display().to_string())?;
        self.hashes.insert(name.into(), hex(&Sha256::digest(bytes)).into());
        Ok(())
    }

    fn partial(&self) -> &Path {
        self.partial.as_ref().map_or(&self.target, TempDir::path)
    }

    /// Writes the manifest and puts the folder in its place.
    pub fn finish(mut self, about: Value) -> anyhow::Result<()> {
        let mut manifest =
            json!({"format": "prediction-depth-run", "version": 1, "settings_sha256": self.settings_hash});
        manifest["about"] = about;
        manifest["files_sha256"] = Value::Object(std::mem::take(&mut self.hashes));
        self.write(MANIFEST, serde_json::to_string_pretty(&manifest)?.as_bytes())?;
        check_target(&self.target, &self.settings_hash)?;
        let aside = self.partial().with_extension("replaced");
        let place = || -> std::io::Result<()> {
            if self.target.exists() {
                fs::rename(&self.target, &aside)?;
            }
            fs::rename(self.partial(), &self.target)?;
            make_readable(&self.target)?;
            if aside.exists() {
                fs::remove_dir_all(&aside)?;
            }
            Ok(())
        };
        place().with_context(|| self.target.display().to_string())
    }
}

/// A run that fails leaves nothing behind, not even the folder of runs that was made for it.
impl Drop for RunFolder {
    fn drop(&mut self) {
        drop(self.partial.take());
        if let Some(parent) = &self.made_parent {
            // Refused where it is not empty, as after a run that succeeded.
            let _ = fs::remove_dir(parent);
        }
    }
}

/// A temporary folder is for its owner alone; a run folder is like any other.
#[cfg(unix)]
fn make_readable(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

fn check_target(target: &Path, settings_hash: &str) -> anyhow::Result<()> {
    if !target.exists() {
        return Ok(());
    }
    if !target.is_dir() {
        bail!("--out {}: a file is in the way; choose another folder", target.display());
    }
    if fs::read_dir(target)?.next().is_none() {
        return Ok(());
    }
    let manifest = fs::read(target.join(MANIFEST)).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    match manifest {
        Some(manifest) if manifest["settings_sha256"] == settings_hash => Ok(()),
        Some(_) => bail!("--out {}: it holds a run with other settings; choose another folder", target.display()),
        None => bail!("--out {}: the folder is not empty and holds no run; choose another", target.display()),
    }
}
