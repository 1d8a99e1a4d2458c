//! Run folders. All files are written into a partial folder beside; at the end it is renamed, or its files are moved
//! into the folder that is there. A stopped run leaves its partial folder, in which it can be resumed.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use prediction_depth::train::Checkpoint;
use serde_json::{Value, json};
use walkdir::WalkDir;

use crate::files::{MadeFolders, PARTIAL, folder_of, follow, partial_of, sha256, sync_folder, write_whole};
use crate::finished_run::FinishedRun;
use crate::manifest::{MANIFEST, has_manifest, is_finished, manifest, manifest_bytes};
use crate::placing::{check, place};

/// Files in a partial folder that are not of the run: the lock of the running process, the claim, and the state of the
/// training.
const LOCK: &str = ".lock";
const CLAIM: &str = ".claim.json";
const STATE: &str = ".state.safetensors";

/// What a command wants a run folder for.
pub struct Claim<'a> {
    pub target: &'a Path,
    pub settings_hash: String,
    /// Description of the run.
    pub title: String,
    /// Hash of the settings of another run that this one may replace.
    pub replaces: Option<String>,
    /// Whether a stopped run is continued, and a finished one is kept.
    pub resume: bool,
    /// Names of the files that the command certainly writes.
    pub writes: &'a [&'a str],
}

/// A run folder under construction.
pub struct RunFolder {
    place: PathBuf,
    partial: PathBuf,
    /// The folders around it, if they were made.
    _made: MadeFolders,
    settings_hash: String,
    lock: Option<File>,
}

impl RunFolder {
    /// Claims the target before anything is computed. Returns `None` if the run is finished and is to be kept. An
    /// existing folder must hold a run with the same settings, or with those that the claim replaces.
    pub fn create(claim: &Claim) -> anyhow::Result<Option<Self>> {
        let target = claim.target.display();
        let place = follow(claim.target);
        let parent = folder_of(&place);
        let partial = partial_of(&place).with_context(|| format!("--out {target}: it does not name a folder"))?;
        let settled = complete(claim.target)?;
        if (claim.resume || settled) && is_finished(&place, &claim.settings_hash) {
            return Ok(None);
        }
        check_target(claim, &place)?;
        let no_folder = || format!("{}: no folder can be made here", parent.display());
        let made = MadeFolders::new(parent).with_context(no_folder)?;
        fs::create_dir_all(&partial).with_context(no_folder)?;
        let lock = Some(lock(&partial)?);
        let settings_hash = claim.settings_hash.clone();
        let folder = Self { place: place.clone(), partial, _made: made, settings_hash, lock };
        folder.take_over(claim)?;
        Ok(Some(folder))
    }

    /// Keeps or removes the files of an earlier attempt.
    fn take_over(&self, claim: &Claim) -> anyhow::Result<()> {
        let (name, target) = (self.partial.display(), claim.target.display());
        if self.can_be_resumed() {
            let of = earlier_claim(&self.partial);
            let same = of["settings_sha256"] == self.settings_hash;
            match (same, claim.resume) {
                (true, true) => return Ok(()),
                (true, false) => bail!(
                    "--out {target}: a run with these settings was stopped; add --resume to continue it, or delete {name}"
                ),
                (false, true) => bail!(
                    "--out {target}: a stopped run with other settings is in {name}; without --resume this run replaces it"
                ),
                (false, false) => {
                    let title = of["title"].as_str().unwrap_or("other settings");
                    eprintln!("{target}: this run replaces the training of a stopped run: {title}");
                }
            }
        }
        for entry in fs::read_dir(&self.partial)?.filter_map(Result::ok).filter(|entry| entry.file_name() != LOCK) {
            let path = entry.path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }?;
        }
        let own = json!({"settings_sha256": self.settings_hash, "replaces": claim.replaces, "title": claim.title});
        write_whole(&self.partial.join(CLAIM), own.to_string().as_bytes())
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

    /// Copies a file of another run.
    pub fn copy(&self, from: &FinishedRun, name: &str) -> anyhow::Result<()> {
        self.write(name, &from.read(name)?)
    }

    /// Returns the last saved state of the training, if there is one.
    pub fn state(&self) -> anyhow::Result<Option<Checkpoint>> {
        let path = self.partial.join(STATE);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let partial = self.partial.display();
        let remedy = || {
            let path = path.display();
            format!(
                "{path}: the saved training cannot be continued; delete {partial}, then the same command trains again"
            )
        };
        Ok(Some(Checkpoint::from_bytes(&bytes).with_context(remedy)?))
    }

    /// Returns whether a state of the training is saved, from which `--resume` continues.
    pub fn can_be_resumed(&self) -> bool {
        self.partial.join(STATE).exists()
    }

    /// Saves the state of the training.
    pub fn save_state(&self, bytes: &[u8]) -> anyhow::Result<()> {
        write_whole(&self.partial.join(STATE), bytes)
    }

    /// Removes the saved state, so that the run cannot be resumed.
    pub fn forget(&self) {
        let _ = fs::remove_file(self.partial.join(STATE));
    }

    /// Writes the manifest, which makes the partial folder complete, and puts the run into its place.
    pub fn finish(mut self, about: Value) -> anyhow::Result<()> {
        self.write(MANIFEST, &manifest_bytes(&self.settings_hash, about, self.hashes()?)?)?;
        put(&self.partial, &self.place)?;
        self.lock.take();
        Ok(())
    }

    /// Returns the hash of each file of the run, by name.
    fn hashes(&self) -> anyhow::Result<Value> {
        let mut hashes = serde_json::Map::new();
        for entry in WalkDir::new(&self.partial).sort_by_file_name() {
            let entry = entry?;
            let name = entry.path().strip_prefix(&self.partial)?.to_string_lossy().replace('\\', "/");
            if entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with(PARTIAL) {
                fs::remove_file(entry.path())?; // of a write that was killed
            } else if entry.file_type().is_file() && ![LOCK, CLAIM, STATE].contains(&name.as_str()) {
                hashes.insert(name, sha256(entry.path())?.into());
            }
        }
        Ok(hashes.into())
    }
}

/// A failed run leaves nothing behind, including the folders around it that it made. A run that can be resumed, or that
/// is complete, keeps its partial folder.
impl Drop for RunFolder {
    fn drop(&mut self) {
        if self.lock.is_none() || self.can_be_resumed() || self.partial.join(MANIFEST).exists() {
            return;
        }
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// Puts a complete run into its place: the whole folder if there is none yet, else its files.
fn put(partial: &Path, folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        // A complete run needs no state of its training; left behind, it would look like a run that was stopped.
        let _ = fs::remove_file(partial.join(STATE));
        return place(partial, folder);
    }
    for name in [STATE, CLAIM, LOCK] {
        let _ = fs::remove_file(partial.join(name));
    }
    fs::rename(partial, folder).with_context(|| folder.display().to_string())?;
    sync_folder(folder_of(folder));
    Ok(())
}

/// Completes a run that was stopped while its files were put into place, and says so. Returns whether there was one.
pub fn complete(target: &Path) -> anyhow::Result<bool> {
    let place = follow(target);
    let Some(partial) = partial_of(&place).filter(|partial| partial.join(MANIFEST).exists()) else { return Ok(false) };
    settle(&partial, &place)?;
    eprintln!("{}: completed the run that was stopped while its files were put into place", target.display());
    Ok(true)
}

/// Puts a run into its place that was complete when the program ended, if the folder still holds what it was made for.
fn settle(partial: &Path, folder: &Path) -> anyhow::Result<()> {
    let _lock = lock(partial)?;
    let (new, claim) = (manifest(partial)?, earlier_claim(partial));
    if let Ok(there) = manifest(folder) {
        let of = there["settings_sha256"].as_str();
        if of.is_none() || of != new["settings_sha256"].as_str() && of != claim["replaces"].as_str() {
            bail!("{}: it now holds another run than the one that {} is of", folder.display(), partial.display());
        }
    }
    put(partial, folder)
}

/// Returns the claim for which a partial folder was made.
fn earlier_claim(partial: &Path) -> Value {
    let bytes = fs::read(partial.join(CLAIM)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
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

fn check_target(claim: &Claim, place: &Path) -> anyhow::Result<()> {
    let target = claim.target.display();
    if !place.exists() {
        return Ok(());
    }
    if !place.is_dir() {
        bail!("--out {target}: a file is in the way; choose another folder");
    }
    if fs::read_dir(place)?.next().is_none() {
        return Ok(());
    }
    let hashes = [Some(claim.settings_hash.as_str()), claim.replaces.as_deref()];
    if !has_manifest(place) {
        bail!("--out {target}: the folder is not empty and holds no run; choose another folder");
    }
    let found = manifest(place)?;
    if !hashes.contains(&found["settings_sha256"].as_str()) {
        bail!("--out {target}: it holds a run with other settings; choose another folder");
    }
    check(place, claim.writes)
}
