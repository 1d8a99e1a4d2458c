//! The command line, as users meet it. Usage errors exit with 2, by clap.

mod bench;
mod ensemble;
mod run;

pub use bench::{Bench, BenchArgs, DepthArgs, SearchArgs};
pub use ensemble::*;
pub use run::*;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use prediction_depth::search::DeviceChoice;

/// How hard an example is for a neural network: the layer from which its neighbours agree with the network.
///
/// Without a command: trains a small network on the embedded data, measures the prediction depth of every example and
/// writes a report, as `pdepth run` does.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true, args_override_self = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub run: RunArgs,
}

#[derive(Subcommand)]
pub enum Command {
    /// Train a network, measure prediction depth, write a run folder with a report
    #[command(args_override_self = true)]
    Run(Box<RunArgs>),
    /// Train a network and keep it in a run folder, for `measure`
    #[command(args_override_self = true)]
    Train(Box<TrainArgs>),
    /// Measure prediction depth with a network that `train` left
    #[command(args_override_self = true)]
    Measure(Box<MeasureArgs>),
    /// Many models: every measure of every example, seen and unseen
    Ensemble(EnsembleArgs),
    /// Rank the examples whose labels are likely wrong, with the class that they might have
    Issues(IssuesArgs),
    /// Write a run's study for the page, or the page itself with a study inside, as one file
    Export(ExportArgs),
    /// Say which data sets are found where, and what the others need
    Datasets(DatasetsArgs),
    /// Say what this machine can compute with
    Doctor(DoctorArgs),
    /// Time the search and the measurement on this machine
    Bench(BenchArgs),
}

#[derive(Args)]
pub struct ExportArgs {
    /// A run's folder, or the file of a study; with --page, if left out, the study of the page
    pub run: Option<PathBuf>,
    /// The folder of a built page (`trunk build --release` writes `dist`): the page becomes one file that needs no server
    #[arg(long, value_name = "DIR")]
    pub page: Option<PathBuf>,
    /// The file to write [default: study.safetensors.gz; prediction-depth.html with --page]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub struct IssuesArgs {
    /// The folder of an ensemble or of a run, or the file of a study
    pub run: PathBuf,
    /// Examples to show with their images
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = at_least_one)]
    pub top: usize,
    /// Where issues.csv and issues.html go [default: the folder itself]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct DatasetsArgs {
    /// A folder in which they are looked for first (DIR/fashion-mnist, ...)
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Print JSON, an object for each
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct DoctorArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What every computing command takes.
#[derive(Args)]
pub struct Common {
    /// What computes the neighbours: a real GPU where there is one, else the CPU
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub device: DeviceArg,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// No progress
    #[arg(long)]
    pub quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum DeviceArg {
    Auto,
    Gpu,
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

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1 is needed".into()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

fn number(text: &str, fits: impl Fn(f64) -> bool, wanted: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("not a number: {wanted}"))?;
    if fits(number) { Ok(number) } else { Err(wanted.into()) }
}

fn fraction(text: &str) -> Result<f64, String> {
    number(text, |number| (0.0..=1.0).contains(&number), "a number from 0 to 1 is needed")
}

fn positive(text: &str) -> Result<f64, String> {
    number(text, |number| number > 0.0 && number.is_finite(), "a number above 0 is needed")
}
