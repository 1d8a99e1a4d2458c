//! Files that a command adds to a folder, such as `issues.csv`. The program replaces only what it wrote itself: a record
//! in the folder names its files and their hashes. What else is there stays.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::files::{MadeFolders, folder_of, follow, hash_of, sha256, stage, sync_folder, write_whole};

pub const RECORD: &str = ".pdepth-files.json";

/// Returns the hashes that one of the program's own files may have; `None` if it wrote none of this name here.
pub fn hashes(folder: &Path, name: &str) -> anyhow::Result<Option<Vec<String>>> {
    Ok(OwnFiles::open(folder, &[])?.record.remove(name))
}

/// The program's own files in a folder.
pub struct OwnFiles {
    folder: PathBuf,
    /// Hashes of each file, by name: its own, and that of the file that it replaces or replaced.
    record: BTreeMap<String, Vec<String>>,
}

impl OwnFiles {
    /// Reads the folder's record. Refuses files of these names that the program did not write, or that were changed
    /// since. The folder need not be there yet.
    pub fn open(folder: &Path, names: &[&str]) -> anyhow::Result<Self> {
        let path = folder.join(RECORD);
        let record = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?,
            Err(_) => BTreeMap::new(),
        };
        let own = Self { folder: folder.to_owned(), record };
        for name in names {
            own.hash_of(name)?;
        }
        Ok(own)
    }

    /// Returns the hash of one of the program's files, if it is there.
    fn hash_of(&self, name: &str) -> anyhow::Result<Option<String>> {
        let path = self.folder.join(name);
        if !path.exists() {
            return Ok(None);
        }
        let hash = sha256(&path)?;
        match self.record.get(name) {
            Some(own) if own.contains(&hash) => Ok(Some(hash)),
            Some(_) => {
                bail!("{}: it was changed after pdepth wrote it; move it elsewhere, or delete it", path.display())
            }
            None => bail!("{}: pdepth did not write it; move it elsewhere, or choose another folder", path.display()),
        }
    }

    /// Writes files, after all of them are complete. The record knows old and new ones before the first is replaced, so
    /// that the program recognises its files wherever it was stopped.
    pub fn write(mut self, files: &[(&str, Vec<u8>)]) -> anyhow::Result<()> {
        let context = || self.folder.display().to_string();
        let _made = MadeFolders::new(&self.folder).with_context(context)?;
        let mut staged = Vec::new();
        for (name, bytes) in files {
            let place = follow(&self.folder.join(name));
            staged.push((stage(folder_of(&place), bytes).with_context(context)?, place));
        }
        for (name, bytes) in files {
            let mut hashes: Vec<String> = self.hash_of(name)?.into_iter().collect();
            let new = hash_of(bytes);
            if !hashes.contains(&new) {
                hashes.push(new);
            }
            self.record.insert((*name).to_owned(), hashes);
        }
        write_whole(&self.folder.join(RECORD), serde_json::to_string_pretty(&self.record)?.as_bytes())?;
        for (file, place) in staged {
            file.persist(&place).with_context(|| place.display().to_string())?;
            sync_folder(folder_of(&place));
        }
        Ok(())
    }
}
