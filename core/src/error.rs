//! What can go wrong, with the values that show where.

use std::error::Error as Cause;
use std::fmt::Display;

/// Everything this crate refuses, and why. It names places (byte, row, layer); the caller, who knows the file, adds its name.
///
/// Its words are complete: they hold those of the error behind it, which [`source`](Cause::source) gives. So whoever prints the
/// whole chain leaves out what was said already.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Lengths that must agree do not.
    #[error("{what}: expected {expected}, found {found}")]
    Mismatch {
        /// What was compared.
        what: String,
        /// The length or size that was needed.
        expected: usize,
        /// The one that was there.
        found: usize,
    },
    /// Something that needs at least one element has none.
    #[error("{what} is empty")]
    Empty {
        /// What is empty.
        what: String,
    },
    /// `rows * cols` is more than this machine can address.
    #[error("a matrix of {rows} x {cols} values is more than this machine can address")]
    TooLarge {
        /// Rows asked for.
        rows: usize,
        /// Columns asked for.
        cols: usize,
    },
    /// NaN or infinity among the representations: distances to it have no meaning.
    #[error("{value} in {what}, row {row}, column {col}: distances need finite numbers")]
    NotFinite {
        /// Support or queries.
        what: &'static str,
        /// Row, counted from 0.
        row: usize,
        /// Column, counted from 0.
        col: usize,
        /// The value found.
        value: f32,
    },
    /// More neighbours asked for than there are candidates.
    #[error("k = {k}, but each query has only {candidates} candidates: choose k from 1 to {candidates}")]
    BadK {
        /// Neighbours asked for.
        k: usize,
        /// Support examples a query may have as neighbours.
        candidates: usize,
    },
    /// A label that names no class.
    #[error("label {label} at example {example}, but the classes are 0 to {last}", last = classes.saturating_sub(1))]
    BadLabel {
        /// Example, counted from 0.
        example: usize,
        /// The label found.
        label: u64,
        /// How many classes there are.
        classes: usize,
    },
    /// The bytes are not what the format says.
    #[error("not a valid {format}: {problem}{}", byte.map(|byte| format!(" (at byte {byte})")).unwrap_or_default())]
    Format {
        /// The format that was expected.
        format: &'static str,
        /// Where it went wrong, where that is known.
        byte: Option<usize>,
        /// What is wrong there.
        problem: String,
        /// The error of the library that reads the format, where it comes from one.
        source: Option<Box<dyn Cause + Send + Sync>>,
    },
    /// A file of a version that this program does not know.
    #[error(
        "this {what} has version {found}, and this program reads version {known}: update the program, or make the {what} again"
    )]
    Version {
        /// What the file holds: a study, a record.
        what: &'static str,
        /// The version found.
        found: String,
        /// The version this crate writes and reads.
        known: u32,
    },
    /// A record of another ensemble than the one that is being merged.
    #[error(
        "the record of seed {seed} belongs to plan {found}, and this merge is of plan {expected}: merge the records of one plan"
    )]
    OtherPlan {
        /// The record's seed.
        seed: u64,
        /// The hash of the plan that is being merged.
        expected: String,
        /// The hash that the record has.
        found: String,
    },
    /// Two records of one model.
    #[error("there are two records of seed {seed}: merge each model once")]
    SameSeed {
        /// The seed of both.
        seed: u64,
    },
    /// A shard of another search than the one that is being merged.
    #[error("it is a shard of another search, whose {what} is {found}, not {expected}: merge the shards of one search")]
    OtherSearch {
        /// In what they differ.
        what: &'static str,
        /// How it is in the search that is being merged.
        expected: String,
        /// How it is in the shard's.
        found: String,
    },
    /// One shard twice.
    #[error("shard {shard}/{shards} is there twice: merge each shard once")]
    SameShard {
        /// The shard, counted from 0.
        shard: usize,
        /// How many shards the search has.
        shards: usize,
    },
    /// Shards that are needed for the whole.
    #[error("of {shards} shards, these are missing: {}", missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    MissingShards {
        /// Those that are not there, counted from 0.
        missing: Vec<usize>,
        /// How many shards the search has.
        shards: usize,
    },
    /// A setting outside its range.
    #[error("{name} = {value}: {remedy}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What to choose.
        remedy: String,
    },
    /// Training went to infinity or NaN.
    #[error("the loss became {loss} at step {step}: choose a smaller learning rate")]
    Diverged {
        /// The step at which it was seen.
        step: usize,
        /// The loss there.
        loss: f32,
    },
    /// The caller's [`Progress`](crate::Progress) asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// Representations could not be written to where they are kept outside of memory, or read from there.
    #[error("representations outside of memory: {0}")]
    Storage(#[source] std::io::Error),
    /// The GPU or its driver failed; the CPU can go on.
    #[error("the GPU failed: {0}")]
    Gpu(String),
    /// A tensor operation of the network failed.
    #[error("the network failed: {0}")]
    Network(#[source] Box<dyn Cause + Send + Sync>),
}

impl Error {
    /// Bytes that are not what the format says.
    pub(crate) fn format(format: &'static str, problem: impl Display) -> Self {
        Self::Format { format, byte: None, problem: problem.to_string(), source: None }
    }

    /// The same, found by a library.
    pub(crate) fn unreadable(format: &'static str, source: impl Cause + Send + Sync + 'static) -> Self {
        Self::Format { format, byte: None, problem: source.to_string(), source: Some(Box::new(source)) }
    }

    /// The same at a byte; no other error has one.
    pub(crate) fn at_byte(self, at: impl Into<Option<usize>>) -> Self {
        match self {
            Self::Format { format, problem, source, .. } => Self::Format { format, byte: at.into(), problem, source },
            other => other,
        }
    }

    /// The same in a part of the file, which the words begin with; no other error has one.
    pub(crate) fn within(self, part: impl Display) -> Self {
        match self {
            Self::Format { format, byte, problem, source } => {
                Self::Format { format, byte, problem: format!("{part}: {problem}"), source }
            }
            other => other,
        }
    }

    /// The same, and what to do about it; no other error has that.
    pub(crate) fn remedied(self, remedy: impl Display) -> Self {
        match self {
            Self::Format { format, byte, problem, source } => {
                Self::Format { format, byte, problem: format!("{problem}; {remedy}"), source }
            }
            other => other,
        }
    }
}

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// `Ok` where the lengths agree, else [`Error::Mismatch`].
pub(crate) fn same_length(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Mismatch { what: what.into(), expected, found })
}
