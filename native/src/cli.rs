//! The command line, as users meet it. Usage errors exit with 2, by clap.

mod activations;
mod bench;
mod checkpoints;
mod ensemble;
mod model;
mod net;
mod onnx;
mod reading;
mod run;
mod search;
mod settle;
mod shard;

#[cfg(test)]
mod options_page;

pub use activations::*;
pub use bench::{Bench, BenchArgs, DepthArgs, SearchArgs, TimingArgs};
pub use checkpoints::*;
pub use ensemble::*;
pub use model::*;
pub use net::*;
pub use onnx::*;
pub use reading::*;
pub use run::*;
pub use search::*;
pub use settle::*;
pub use shard::*;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

use bytesize::ByteSize;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use prediction_depth::search::DeviceChoice;

/// Measures prediction depth: how hard each example is for a neural network.
///
/// The prediction depth of an example is the first layer from which its nearest neighbours predict the same class as
/// the network, at that layer and at all later ones.
///
/// Without a command, `pdepth` does what `pdepth run` does: it trains a small network on the embedded images, measures
/// the depth of every example and writes a report.
#[derive(Parser)]
#[command(name = "pdepth", version, args_conflicts_with_subcommands = true, args_override_self = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub run: RunArgs,
}

// The groups into which `--help` sorts the options that several commands share.
const DATA: &str = "Data";
const NETWORK: &str = "Network";
const ONNX: &str = "Network from an ONNX file";
const TRAINING: &str = "Training";
const PROBES: &str = "Probes";
const RESOURCES: &str = "Device and memory";
const OUTPUT: &str = "Output";

#[derive(Subcommand)]
pub enum Command {
    /// Trains a network, measures prediction depth and writes a run folder with a report
    #[command(args_override_self = true)]
    Run(Box<RunArgs>),
    /// Trains a network and keeps it in a run folder for `pdepth measure`
    #[command(args_override_self = true)]
    Train(Box<TrainArgs>),
    /// Measures prediction depth with the network that `pdepth train` made
    #[command(args_override_self = true)]
    Measure(Box<MeasureArgs>),
    /// Measures depth at every checkpoint of a run: how the layers settle while the network learns
    #[command(args_override_self = true)]
    Checkpoints(Box<OverTrainingArgs>),
    /// Measures prediction depth of anybody's network from its recorded activations
    #[command(args_override_self = true)]
    Depth(Box<ActivationsArgs>),
    /// Computes depths from what each layer predicts already: logit lens, early exits, probes of your own
    #[command(args_override_self = true)]
    Settle(Box<SettleArgs>),
    /// Trains many models and averages each example's measures over them
    Ensemble(EnsembleArgs),
    /// Ranks the examples whose labels are probably wrong and suggests a class for each
    Issues(IssuesArgs),
    /// Splits one neighbour search into shards, for one machine or many
    Search(SearchPartsArgs),
    /// Writes one file: a run's study for the page, or the page with a study inside
    Export(ExportArgs),
    /// Lists the named data sets: where each was found, or which files are missing
    Datasets(DatasetsArgs),
    /// Shows what this machine can compute with: processor, GPUs, drivers
    Doctor(DoctorArgs),
    /// Times the search and the measurement on this machine
    Bench(BenchArgs),
}

#[derive(Args)]
pub struct ExportArgs {
    /// Run folder or study file to export
    ///
    /// May be left out with --page: the page then shows its embedded study.
    pub run: Option<PathBuf>,
    /// Folder of a built page: writes the page as one HTML file that needs no server
    ///
    /// `trunk build --release` builds the page into `dist`.
    #[arg(long, value_name = "DIR")]
    pub page: Option<PathBuf>,
    /// File to write [default: study.safetensors.gz, or prediction-depth.html with --page]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub struct IssuesArgs {
    /// Run folder, ensemble folder or study file
    pub run: PathBuf,
    /// Number of examples shown in issues.html and printed by --json
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = at_least_one)]
    pub top: usize,
    /// Folder for issues.csv and issues.html [default: the folder of the run]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
    /// Show no progress; the result and errors are still printed
    #[arg(long, help_heading = OUTPUT)]
    pub quiet: bool,
}

#[derive(Args)]
pub struct DatasetsArgs {
    /// Folder to search first; it holds one folder for each data set, such as DIR/cifar10
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Print a JSON array with one object for each data set
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct DoctorArgs {
    /// Print one JSON object
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
}

/// What every computing command takes.
#[derive(Args)]
pub struct Common {
    /// What computes the neighbours; every device finds the same ones
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto, help_heading = RESOURCES)]
    pub device: DeviceArg,
    /// Print one JSON object
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
    /// Show no progress; the result and errors are still printed
    #[arg(long, help_heading = OUTPUT)]
    pub quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum DeviceArg {
    /// A GPU if there is one, else the CPU
    Auto,
    /// A GPU, or a software adapter if there is no other; an error if there is neither
    Gpu,
    /// The processor
    Cpu,
}

impl From<DeviceArg> for DeviceChoice {
    fn from(device: DeviceArg) -> Self {
        match device {
            DeviceArg::Auto => Self::Auto,
            DeviceArg::Gpu => Self::Gpu,
            DeviceArg::Cpu => Self::Cpu,
        }
    }
}

/// The words of the command line.
static GIVEN: OnceLock<Vec<OsString>> = OnceLock::new();

/// Returns the words of the command line, the first of which is the program's name.
pub fn given() -> &'static [OsString] {
    GIVEN.get().map_or(&[], Vec::as_slice)
}

/// Parses the command line; ends the program after a usage error.
pub fn parse(words: Vec<OsString>) -> Cli {
    let words = GIVEN.get_or_init(|| words);
    let parsed = Cli::from_arg_matches(&taking_numbers(Cli::command()).get_matches_from(words));
    parsed.unwrap_or_else(|error| error.exit())
}

/// Lets every option take a negative number, so that its own message says what is wrong with it.
fn taking_numbers(command: clap::Command) -> clap::Command {
    let taking = |option: clap::Arg| {
        let takes = option.get_action().takes_values() && !option.is_positional();
        if takes { option.allow_negative_numbers(true) } else { option }
    };
    command.mut_args(taking).mut_subcommands(taking_numbers)
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| "must be a whole number, at least 1".into())
}

fn size(text: &str) -> Result<ByteSize, String> {
    text.parse().map_err(|_| "must be a size such as 2GiB or 500MB, or a number of bytes".into())
}

fn number(text: &str, fits: impl Fn(f64) -> bool, wanted: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("not a number; it {wanted}"))?;
    if fits(number) { Ok(number) } else { Err(wanted.into()) }
}

fn fraction(text: &str) -> Result<f64, String> {
    number(text, |number| (0.0..=1.0).contains(&number), "must be a number from 0 to 1")
}

fn positive(text: &str) -> Result<f64, String> {
    number(text, |number| number > 0.0 && number.is_finite(), "must be a number above 0")
}
