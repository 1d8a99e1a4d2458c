//! Damaged files of an ensemble: they are kept under another name, and their models are made again.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use prediction_depth::Error;

/// A file that does not fit to its place.
#[derive(Debug)]
pub struct Inconsistent(pub String);

impl fmt::Display for Inconsistent {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Inconsistent {}

/// Returns whether an error says that a file is damaged, so that making its model again helps.
pub fn is_damage(error: &anyhow::Error) -> bool {
    let of_core = error.chain().filter_map(|cause| cause.downcast_ref::<Error>()).any(Error::is_damage);
    of_core || error.is::<Inconsistent>()
}

/// A damaged file.
pub struct Damage {
    path: PathBuf,
    reason: String,
}

impl Damage {
    pub fn new(path: PathBuf, error: &anyhow::Error) -> Self {
        Self { path, reason: error.root_cause().to_string() }
    }

    /// Renames the file to `NAME.damaged`, or `NAME.damaged-2`, ..., and returns what to tell.
    pub fn set_aside(&self) -> anyhow::Result<String> {
        let numbers = ["".to_owned()].into_iter().chain((2..).map(|number: u32| format!("-{number}")));
        let name = |number: String| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".damaged{number}"));
            PathBuf::from(name)
        };
        let free = numbers.map(name).find(|path| !path.exists()).context("no name is free")?;
        fs::rename(&self.path, &free).with_context(|| self.path.display().to_string())?;
        Ok(format!("{self}; it is now {}, and its model is made again", free.display()))
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display().to_string();
        if self.reason.starts_with(&path) { to.write_str(&self.reason) } else { write!(to, "{path}: {}", self.reason) }
    }
}
