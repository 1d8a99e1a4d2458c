//! Run folders. All files are written into a partial folder, which is renamed at the end, so that a run folder is
//! always complete. A stopped run leaves its partial folder, in which it can be resumed.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::files::{PARTIAL, write_whole};
use crate::settings::hex;

const MANIFEST: &str = "manifest.json";
/// Files in a partial folder: the lock of the running process, the hash of the settings, and the state of the training.
const LOCK: &str = ".lock";
const SETTINGS: &str = ".settings_sha256";
const STATE: &str = ".state.safetensors";

/// A run folder under construction.
pub struct RunFolder {
    target: PathBuf,
    partial: PathBuf,
    made_parent: Option<PathBuf>,
    settings_hash: String,
    lock: Option<File>,
}

impl RunFolder {
    /// Claims `target` before anything is computed. An existing folder is replaced only if it is a run with the same
    /// settings, or with the hash `replaces`. With `resume`, the state of a stopped run is kept.
    pub fn create(target: &Path, settings_hash: &str, replaces: Option<&str>, resume: bool) -> anyhow::Result<Self> {
        check_target(target, &[Some(settings_hash), replaces])?;
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let made_parent = (!parent.exists()).then(|| parent.to_owned());
        let name =
            target.file_name().with_context(|| format!("--out {}: it does not name a folder", target.display()))?;
        let partial = parent.join(format!("{PARTIAL}{}", name.to_string_lossy()));
        fs::create_dir_all(&partial).with_context(|| format!("{}: no folder can be made here", parent.display()))?;
        let folder = Self {
            lock: Some(lock(&partial)?),
            target: target.to_owned(),
            partial,
            made_parent,
            settings_hash: settings_hash.to_owned(),
        };
        folder.take_over(resume)?;
        Ok(folder)
    }

    /// Keeps or removes the files of an earlier attempt.
    fn take_over(&self, resume: bool) -> anyhow::Result<()> {
        let (name, target) = (self.partial.display(), self.target.display());
        if self.partial.join(STATE).exists() {
            let of = fs::read_to_string(self.partial.join(SETTINGS)).unwrap_or_default();
            if of != self.settings_hash {
                bail!(
                    "--out {target}: a stopped run with other settings is in {name}; choose another --out, or delete that folder"
                );
            }
            if !resume {
                bail!(
                    "--out {target}: a run with these settings was stopped; add --resume to continue it, or delete {name}"
                );
            }
            return Ok(());
        }
        for entry in fs::read_dir(&self.partial)?.filter_map(Result::ok).filter(|entry| entry.file_name() != LOCK) {
            let path = entry.path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }?;
        }
        write_whole(&self.partial.join(SETTINGS), self.settings_hash.as_bytes())
    }

    /// Writes one file of the run; `name` may contain a subfolder.
    pub fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.partial.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&self.partial)).with_context(|| path.display().to_string())?;
        write_whole(&path, bytes)
    }

    /// Reads one file of the run.
    pub fn read(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        let path = self.partial.join(name);
        fs::read(&path).with_context(|| path.display().to_string())
    }

    /// Copies a file from another run folder.
    pub fn copy(&self, from: &Path, name: &str) -> anyhow::Result<()> {
        let path = from.join(name);
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        self.write(name, &bytes)
    }

    /// Returns the last saved state of the training, if there is one.
    pub fn state(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let path = self.partial.join(STATE);
        path.exists().then(|| fs::read(&path).with_context(|| path.display().to_string())).transpose()
    }

    /// Saves the state of the training.
    pub fn save_state(&self, bytes: &[u8]) -> anyhow::Result<()> {
        write_whole(&self.partial.join(STATE), bytes)
    }

    /// Removes the saved state, so that the run cannot be resumed.
    pub fn forget(&self) {
        let _ = fs::remove_file(self.partial.join(STATE));
    }

    /// Writes the manifest, and renames the folder to its final name.
    pub fn finish(mut self, about: Value) -> anyhow::Result<()> {
        for name in [STATE, SETTINGS, LOCK] {
            let _ = fs::remove_file(self.partial.join(name));
        }
        let mut manifest =
            json!({"format": "prediction-depth-run", "version": 1, "settings_sha256": self.settings_hash});
        manifest["about"] = about;
        manifest["files_sha256"] = self.hashes()?;
        self.write(MANIFEST, serde_json::to_string_pretty(&manifest)?.as_bytes())?;
        let aside = self.partial.with_extension("replaced");
        let place = || -> std::io::Result<()> {
            if self.target.exists() {
                fs::rename(&self.target, &aside)?;
            }
            fs::rename(&self.partial, &self.target)?;
            if aside.exists() {
                fs::remove_dir_all(&aside)?;
            }
            Ok(())
        };
        place().with_context(|| self.target.display().to_string())?;
        self.lock.take();
        Ok(())
    }

    /// Returns the hash of each file, by name.
    fn hashes(&self) -> anyhow::Result<Value> {
        let mut hashes = serde_json::Map::new();
        for entry in WalkDir::new(&self.partial).sort_by_file_name() {
            let entry = entry?;
            if entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with(PARTIAL) {
                fs::remove_file(entry.path())?; // of a write that was killed
            } else if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(&self.partial)?.to_string_lossy().replace('\\', "/");
                hashes.insert(name, hex(&Sha256::digest(fs::read(entry.path())?)).into());
            }
        }
        Ok(hashes.into())
    }
}

/// A failed run leaves nothing behind, including the parent folder that it created. A run that can be resumed keeps its
/// partial folder.
impl Drop for RunFolder {
    fn drop(&mut self) {
        if self.lock.is_none() || self.partial.join(STATE).exists() {
            return;
        }
        let _ = fs::remove_dir_all(&self.partial);
        if let Some(parent) = &self.made_parent {
            // Fails if the folder is not empty.
            let _ = fs::remove_dir(parent);
        }
    }
}

fn lock(partial: &Path) -> anyhow::Result<File> {
    let path = partial.join(LOCK);
    let file = File::create(&path).with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("{}: another pdepth is at work in this folder", partial.display()),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
    }
}

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

fn check_target(target: &Path, hashes: &[Option<&str>]) -> anyhow::Result<()> {
    if !target.exists() {
        return Ok(());
    }
    if !target.is_dir() {
        bail!("--out {}: a file is in the way; choose another folder", target.display());
    }
    if fs::read_dir(target)?.next().is_none() {
        return Ok(());
    }
    match manifest(target) {
        Ok(manifest) if hashes.contains(&manifest["settings_sha256"].as_str()) => Ok(()),
        Ok(_) => bail!("--out {}: it holds a run with other settings; choose another folder", target.display()),
        Err(_) => bail!("--out {}: the folder is not empty and holds no run; choose another folder", target.display()),
    }
}
