//! The errors of this crate, with the values that locate the problem.

mod context;

use std::error::Error as Cause;
use std::ops::Range;

use crate::listed::listed;

/// Every error of this crate. It names positions (byte, row, layer); the caller, who knows the file, adds its name.
///
/// The message includes that of the underlying error, which [`source`](Cause::source) also returns. When printing the
/// whole chain, omit what the message already contains.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Lengths that must agree differ.
    #[error("{what}: expected {expected}, found {found}")]
    Mismatch {
        /// What was compared.
        what: String,
        /// The required length or size.
        expected: usize,
        /// The actual length or size.
        found: usize,
    },
    /// Something that needs at least one element is empty.
    #[error("{what} is empty")]
    Empty {
        /// What is empty.
        what: String,
    },
    /// `rows * cols` is more than this machine can address.
    #[error("a matrix of {rows} x {cols} values is more than this machine can address")]
    TooLarge {
        /// The requested number of rows.
        rows: usize,
        /// The requested number of columns.
        cols: usize,
    },
    /// NaN or infinity among the representations, for which distances are undefined.
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
    /// A row of zeros, which has no direction: cosine distance is undefined.
    #[error(
        "row {row} of {what} is zero everywhere, so cosine distance has no direction: leave it out, or take another metric"
    )]
    NoDirection {
        /// Support or queries; in a measurement, layer and split.
        what: String,
        /// Row, counted from 0.
        row: usize,
    },
    /// k is larger than the number of candidates.
    #[error("{}", bad_k(*k, *candidates))]
    BadK {
        /// The requested number of neighbours.
        k: usize,
        /// Number of support rows that may be neighbours of a query.
        candidates: usize,
    },
    /// A label that is not a class.
    #[error("label {label} at example {example}, but the classes are 0 to {last}", last = classes.saturating_sub(1))]
    BadLabel {
        /// Example, counted from 0.
        example: usize,
        /// The label found.
        label: u64,
        /// Number of classes.
        classes: usize,
    },
    /// The bytes do not follow the format.
    #[error("not a valid {format}: {problem}{}", byte.map(|byte| format!(" (at byte {byte})")).unwrap_or_default())]
    Format {
        /// The format that was expected.
        format: &'static str,
        /// Position of the problem, if known.
        byte: Option<usize>,
        /// Description of the problem.
        problem: String,
        /// The underlying error of a library, if there is one.
        source: Option<Box<dyn Cause + Send + Sync>>,
    },
    /// A file of a version that this program does not support.
    #[error(
        "this {what} has version {found}, and this program reads up to version {known}: update the program, or make the {what} again"
    )]
    Version {
        /// Content of the file, such as a study or a record.
        what: &'static str,
        /// The version found.
        found: String,
        /// The newest version that this crate reads.
        known: u32,
    },
    /// A record of another ensemble.
    #[error(
        "the record of seed {seed} belongs to plan {found}, and this merge is of plan {expected}: merge the records of one plan"
    )]
    OtherPlan {
        /// The record's seed.
        seed: u64,
        /// The hash of the plan that is being merged.
        expected: String,
        /// The hash in the record.
        found: String,
    },
    /// Two records of the same model.
    #[error("there are two records of seed {seed}: merge each model once")]
    SameSeed {
        /// The seed of both records.
        seed: u64,
    },
    /// A shard of another search.
    #[error("it is a shard of another search, whose {what} is {found}, not {expected}: merge the shards of one search")]
    OtherSearch {
        /// The property that differs.
        what: &'static str,
        /// Its value in the search that is being merged.
        expected: String,
        /// Its value in the shard.
        found: String,
    },
    /// A shard of another measurement.
    #[error(
        "it is a shard of another measurement, whose {what} is {found}, not {expected}: merge the shards of one measurement"
    )]
    OtherMeasurement {
        /// The setting that differs.
        what: String,
        /// Its value in the measurement that is being merged.
        expected: String,
        /// Its value in the shard.
        found: String,
    },
    /// The same shard twice.
    #[error("shard {shard}/{shards} is there twice: merge each shard once")]
    SameShard {
        /// The shard, counted from 0.
        shard: usize,
        /// Number of all shards.
        shards: usize,
    },
    /// Shards are missing.
    #[error("of {shards} shards, these are missing: {}", missing_shards(missing))]
    MissingShards {
        /// The missing shards, counted from 0, as ranges of their indices.
        missing: Vec<Range<usize>>,
        /// Number of all shards.
        shards: usize,
    },
    /// Activations recorded elsewhere that cannot be used.
    #[error("{place}: {problem}")]
    Activations {
        /// The file as the user knows it, with an array, a value or a line in it.
        place: String,
        /// Description of the problem, with its remedy.
        problem: String,
    },
    /// A network from a file that cannot run, or cannot be probed as asked.
    #[error("{place}: {problem}")]
    Graph {
        /// The node with its operator, the input, the output or the option.
        place: String,
        /// Description of the problem, with its remedy.
        problem: String,
    },
    /// A study whose labels cannot be judged.
    #[error("{why}: {remedy}")]
    NoRanking {
        /// What the study lacks.
        why: &'static str,
        /// How to make one that has it.
        remedy: &'static str,
    },
    /// A study that does not hold its network.
    #[error("the study does not hold its network, only what was recorded of it")]
    NoNetwork,
    /// A setting outside its range.
    #[error("{name} = {value}: {remedy}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// Advice on valid values.
        remedy: String,
    },
    /// The loss became infinite, NaN, or so large that the network knows nothing.
    #[error(
        "the training diverged: the loss became {loss} at step {step}; choose a smaller learning rate (--learning-rate)"
    )]
    Diverged {
        /// The step of the loss.
        step: usize,
        /// The loss at this step.
        loss: f32,
    },
    /// NaN or infinity among the weights or logits of a network.
    #[error("{}", unusable(tensor, *place, *value, *step))]
    Unusable {
        /// The network's name for the first tensor with such a value; `logits` for the network's output.
        tensor: String,
        /// Position of the value in the tensor, row-major, counted from 0.
        place: usize,
        /// The value found.
        value: f32,
        /// Steps of the training so far; `None` for weights that were read.
        step: Option<usize>,
    },
    /// Weights that are not those of the network.
    #[error("{}", other_weights(missing, unexpected))]
    OtherWeights {
        /// Names and shapes of the network's weights that are not there.
        missing: Vec<String>,
        /// Names and shapes of weights that the network does not have.
        unexpected: Vec<String>,
    },
    /// The caller's [`Progress`](crate::Progress) asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// Reading or writing representations outside of memory failed.
    #[error("representations outside of memory: {0}")]
    Storage(#[source] std::io::Error),
    /// The GPU or its driver failed. The CPU can be used instead.
    #[error("the GPU failed: {0}")]
    Gpu(String),
    /// A tensor operation of the network failed.
    #[error("the network failed: {0}")]
    Network(#[source] Box<dyn Cause + Send + Sync>),
}

/// Returns the message of [`Error::BadK`].
fn bad_k(k: usize, candidates: usize) -> String {
    match candidates {
        0 => format!("k = {k}, but a query has no candidates: it needs rows beside its own"),
        _ => format!("k = {k}, but each query has only {candidates} candidates: choose k from 1 to {candidates}"),
    }
}

/// Returns the message of [`Error::MissingShards`], without the number of all shards.
fn missing_shards(missing: &[Range<usize>]) -> String {
    let range = |range: &Range<usize>| match range.len() {
        1 => range.start.to_string(),
        _ => format!("{} to {}", range.start, range.end.saturating_sub(1)),
    };
    listed(missing.iter().map(range), RANGES)
}

/// Returns the message of [`Error::Unusable`].
fn unusable(tensor: &str, place: usize, value: f32, step: Option<usize>) -> String {
    let remedy = "choose a smaller learning rate (--learning-rate)";
    let holds = if tensor == "logits" { "the logits hold".to_owned() } else { format!("{tensor} holds") };
    match step {
        Some(step) => {
            format!("the training diverged: {holds} {value} after step {step} (value {place}); {remedy}")
        }
        None => format!(
            "{holds} {value} (value {place}), and a network needs finite numbers: take weights from before its \
             training diverged, or train it again; there, {remedy}"
        ),
    }
}

/// Number of names in a message.
const NAMED: usize = 8;
/// Number of ranges of shards in a message.
const RANGES: usize = 20;

/// Returns the message of [`Error::OtherWeights`].
fn other_weights(missing: &[String], unexpected: &[String]) -> String {
    let (missing, unexpected) = match (listed(missing, NAMED), listed(unexpected, NAMED)) {
        (missing, none) if none.is_empty() => (missing, "nothing else".into()),
        (none, unexpected) if none.is_empty() => ("nothing".into(), unexpected),
        both => both,
    };
    format!(
        "these are not the weights of this network: it lacks {missing}; there is {unexpected}, which it does not have; \
         name and shape the weights as this network does, and leave others out"
    )
}

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Returns [`Error::Mismatch`] if the lengths differ.
pub(crate) fn same_length(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Mismatch { what: what.into(), expected, found })
}
