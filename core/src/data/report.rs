//! What a reader did with the files of a data set.

use serde::{Deserialize, Serialize};

/// What was left out and what was decided while reading. Every reader fills it, so that nothing is skipped silently.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadReport {
    /// Files, rows or columns that are not part of the data set.
    pub skipped: Vec<Skipped>,
    /// Decisions that change the data, a sentence each: how values were scaled, images resized, layouts understood.
    pub notes: Vec<String>,
}

/// A file, row or column that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its name, as the user knows it: a path, or `row 12`.
    pub name: String,
    /// Why it was left out, such as `hidden file`. Equal reasons are counted together.
    pub reason: String,
}

impl ReadReport {
    /// Adds something that was left out.
    pub fn skip(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push(Skipped { name: name.into(), reason: reason.into() });
    }

    /// Adds a decision.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}
