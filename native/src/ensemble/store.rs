//! The folder of an ensemble. Each model has a file, named by the hash of its settings.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use prediction_depth::ensemble::Record;
use prediction_depth::study::Study;

use super::damage::{Damage, Inconsistent, is_damage};
use super::plan::{Models, Plan};
use crate::files::{PARTIAL, write_whole};
use crate::own_files::OwnFiles;

const MODELS: &str = "models";
const PLAN: &str = "plan.json";
/// Extension of the file that stands for a failed model.
const FAILED: &str = "failed";

/// A model that failed, and why.
#[derive(serde::Serialize)]
pub struct Failure {
    pub seed: u64,
    pub reason: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the model of seed {} failed: {}", self.seed, self.reason)
    }
}

/// The models of a plan in a folder.
pub struct Store<'a> {
    folder: PathBuf,
    models: &'a Models,
    hash: String,
}

impl<'a> Store<'a> {
    pub fn new(out: &Path, plan: &'a Plan) -> anyhow::Result<Self> {
        Ok(Self { folder: out.to_owned(), models: &plan.models, hash: plan.models.hash()? })
    }

    /// Assigns the folder to this plan.
    pub fn claim(&self, plan: &Plan) -> anyhow::Result<()> {
        let models = self.folder.join(MODELS);
        fs::create_dir_all(&models).with_context(|| models.display().to_string())?;
        let path = self.folder.join(PLAN);
        if path.exists() {
            return self.check();
        }
        write_whole(&path, plan.to_json()?.as_bytes())
    }

    /// Refuses the folder of another plan, and files of models that are not in the plan.
    pub fn check(&self) -> anyhow::Result<()> {
        let path = self.folder.join(PLAN);
        let there = Plan::read(&path).with_context(|| format!("--out {}", self.folder.display()))?;
        if there.models.hash()? != self.hash {
            bail!("--out {}: it holds the models of another plan; choose another folder", self.folder.display());
        }
        let expected =
            self.models.all().into_iter().map(|seed| self.record_path(seed)).collect::<Result<Vec<_>, _>>()?;
        for entry in fs::read_dir(self.folder.join(MODELS)).with_context(|| path.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("seed-") && name.ends_with(".safetensors") && !expected.contains(&path) {
                bail!("{}: it belongs to no model of this plan; move it elsewhere", path.display());
            }
        }
        Ok(())
    }

    /// Plans that share a model use the same file name; the file contains the plan's hash.
    fn record_path(&self, seed: u64) -> anyhow::Result<PathBuf> {
        let hash = self.models.settings(seed).hash()?;
        Ok(self.folder.join(MODELS).join(format!("seed-{seed:05}-{}.safetensors", &hash[..16])))
    }

    /// Path of the first model's study; the merged study contains its network.
    fn study_path(&self) -> PathBuf {
        self.folder.join(MODELS).join("first-study.safetensors")
    }

    pub fn has(&self, seed: u64) -> anyhow::Result<bool> {
        Ok(self.record_path(seed)?.exists() && (seed != self.models.first.seed || self.study_path().exists()))
    }

    /// Returns the file of a model that cannot be used, and why; `None` if all are sound, or not there.
    fn damaged_file(&self, seed: u64) -> anyhow::Result<Option<Damage>> {
        if !self.has(seed)? {
            return Ok(None);
        }
        let record = match self.record(seed) {
            Ok(record) => record,
            Err(error) if is_damage(&error) => return Ok(Some(Damage::new(self.record_path(seed)?, &error))),
            Err(_) => return Ok(None), // such as a diverged model, of which the merge tells
        };
        if seed != self.models.first.seed {
            return Ok(None);
        }
        match self.first_study(&record) {
            Err(error) if is_damage(&error) => Ok(Some(Damage::new(self.study_path(), &error))),
            _ => Ok(None),
        }
    }

    /// Returns the models that are to be made again, in the order of the plan.
    pub fn damaged(&self) -> anyhow::Result<Vec<Failure>> {
        let mut damaged = Vec::new();
        for seed in self.models.all() {
            damaged.extend(self.damaged_file(seed)?.map(|damage| Failure { seed, reason: damage.to_string() }));
        }
        Ok(damaged)
    }

    /// Renames the damaged file of a model, so that the model counts as missing. Returns what to tell.
    pub fn set_aside(&self, seed: u64) -> anyhow::Result<Option<String>> {
        let Some(damage) = self.damaged_file(seed)? else { return Ok(None) };
        let Some(_lock) = self.lock(seed)? else { return Ok(None) };
        damage.set_aside().map(Some)
    }

    /// Marks a model as failed: a text file in the place of its record says why.
    pub fn mark_failed(&self, seed: u64, reason: &str) -> anyhow::Result<()> {
        write_whole(&self.failure_path(seed)?, format!("{reason}\n").as_bytes())
    }

    fn failure_path(&self, seed: u64) -> anyhow::Result<PathBuf> {
        Ok(self.record_path(seed)?.with_extension(FAILED))
    }

    /// Returns why a model failed, if it did. It fails again each time, so `run` skips it until its file is removed.
    pub fn failure(&self, seed: u64) -> anyhow::Result<Option<String>> {
        let path = self.failure_path(seed)?;
        if self.has(seed)? || !path.exists() {
            return Ok(None);
        }
        let reason = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok(Some(reason.trim_end().to_owned()))
    }

    /// Returns the models that failed, in the order of the plan. They are among the missing.
    pub fn failures(&self) -> anyhow::Result<Vec<Failure>> {
        let mut failures = Vec::new();
        for seed in self.models.all() {
            failures.extend(self.failure(seed)?.map(|reason| Failure { seed, reason }));
        }
        Ok(failures)
    }

    /// Returns the seeds of the missing models, in the order of the plan.
    pub fn missing(&self) -> anyhow::Result<Vec<u64>> {
        let mut missing = Vec::new();
        for seed in self.models.all() {
            if !self.has(seed)? {
                missing.push(seed);
            }
        }
        Ok(missing)
    }

    /// Locks a model while the returned file is open. Returns `None` if another process holds the lock.
    pub fn lock(&self, seed: u64) -> anyhow::Result<Option<File>> {
        let path = self.folder.join(MODELS).join(format!(".lock-{seed:05}"));
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            // The file system has no locks. At worst, a model is made twice, with the same bytes.
            Err(fs::TryLockError::Error(_)) => Ok(Some(file)),
        }
    }

    /// Stores a model's record. The first model's study is written before its record, so that the record implies the
    /// study.
    pub fn keep(&self, record: &Record, study: Option<&Study>) -> anyhow::Result<()> {
        if let Some(study) = study {
            write_whole(&self.study_path(), &study.to_bytes()?)?;
        }
        write_whole(&self.record_path(record.seed)?, &record.to_bytes()?)?;
        let _ = fs::remove_file(self.folder.join(MODELS).join(format!(".lock-{:05}", record.seed)));
        Ok(())
    }

    pub fn record(&self, seed: u64) -> anyhow::Result<Record> {
        let path = self.record_path(seed)?;
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let record = Record::from_bytes(&bytes).with_context(|| path.display().to_string())?;
        if record.plan != self.hash {
            bail!("{}: it belongs to another plan; move it elsewhere", path.display());
        }
        if record.seed != seed {
            let found = record.seed;
            bail!(Inconsistent(format!("{}: it is the record of seed {found}, not of seed {seed}", path.display())));
        }
        Ok(record)
    }

    /// Reads the study of the first model, which must be of the same measurement as its record.
    pub fn first_study(&self, record: &Record) -> anyhow::Result<Option<Study>> {
        let path = self.study_path();
        if !path.exists() {
            return Ok(None);
        }
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let study = Study::from_bytes(&bytes).with_context(|| path.display().to_string())?;
        let same = (&study.measured.probes, &study.measured.predictions, &study.splits)
            == (&record.measured.probes, &record.measured.predictions, &record.splits);
        if !same {
            bail!(Inconsistent(format!("{}: it is not the study of the first model's record", path.display())));
        }
        Ok(Some(study))
    }

    /// Returns the files of the merged result. Refuses files of these names that the program did not write.
    pub fn own_files(&self, names: &[&str]) -> anyhow::Result<OwnFiles> {
        OwnFiles::open(&self.folder, names)
    }

    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Removes partial files of interrupted writes.
    pub fn remove_partial(&self) {
        let entries = fs::read_dir(self.folder.join(MODELS)).into_iter().flatten().filter_map(Result::ok);
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PARTIAL)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns the ranges of consecutive numbers as [first, last].
pub fn ranges(sorted: &[u64]) -> Vec<[u64; 2]> {
    let mut ranges: Vec<[u64; 2]> = Vec::new();
    for &number in sorted {
        match ranges.last_mut() {
            Some([_, last]) if *last + 1 == number => *last = number,
            _ => ranges.push([number, number]),
        }
    }
    ranges
}

/// Formats ranges, such as `0-2, 7, 9-11`.
pub fn in_words(ranges: &[[u64; 2]]) -> String {
    let words = ranges.iter().map(|[first, last]| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_in_ranges() {
        let ranges = ranges(&[0, 1, 2, 7, 9, 10]);
        assert_eq!(ranges, [[0, 2], [7, 7], [9, 10]]);
        assert_eq!(in_words(&ranges), "0-2, 7, 9-10");
        assert_eq!(in_words(&super::ranges(&[])), "");
    }
}
