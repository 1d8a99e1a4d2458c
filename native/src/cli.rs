//! The command line, as users meet it. Usage errors exit with 2, by clap.

mod bench;

pub use bench::{Bench, BenchArgs, DepthArgs, SearchArgs};

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Args, Parser, Subcommand, ValueEnum};
use prediction_depth::probe::Ties;
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
pub struct RunArgs {
    /// `embedded`, `fashion-mnist`, `mnist`, `cifar10`, `cifar100`, `svhn` (`pdepth datasets` says what is there), a folder
    /// with the files of one of these, a folder of IDX files (train-images-idx3-ubyte[.gz], ...; optionally classes.txt, a
    /// name a line), one IDX file of images with its labels beside it, a .csv with a column `label` and pixels or features, an
    /// .npz or a .safetensors with `images` and `labels`, .parquet as on the Hugging Face hub (one file or a folder; if built with it),
    /// or a folder of .png or .jpg images in a folder for each class
    #[arg(long, value_name = "D", default_value = "embedded")]
    pub data: String,
    /// A folder in which named data sets are looked for first (DIR/fashion-mnist, ...)
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Use only the first N training images
    #[arg(long, value_name = "N")]
    pub examples: Option<usize>,
    /// The network: a perceptron; a VGG of 4 convolutions or a ResNet of 3 blocks, for small images; VGG-16 or ResNet-18
    #[arg(long, value_enum, default_value_t = NetArg::Mlp)]
    pub net: NetArg,
    /// So many times as many units or maps in each layer
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = positive)]
    pub width: f64,
    /// Units of each hidden layer of the perceptron
    #[arg(long, value_delimiter = ',', default_value = "64,64,64,64,64", value_name = "N,N,...")]
    pub hidden: Vec<usize>,
    /// Passes over the training split
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = at_least_one)]
    pub epochs: usize,
    /// Examples a training step
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = at_least_one)]
    pub batch: usize,
    /// Step size at the start; a fifth of it in the last quarter
    #[arg(long, value_name = "F", default_value_t = 0.02, value_parser = positive)]
    pub learning_rate: f64,
    /// Momentum of SGD
    #[arg(long, value_name = "F", default_value_t = 0.9, value_parser = fraction)]
    pub momentum: f64,
    /// Move this fraction of the training labels to another class
    #[arg(long, value_name = "F", default_value_t = 0.0, value_parser = fraction)]
    pub label_noise: f64,
    /// Which labels that are
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub noise_seed: u64,
    /// The split, the first weights and the order of the examples
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Neighbours that vote at each layer
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = at_least_one)]
    pub k: usize,
    /// Let a training example vote for itself (default: leave it out, by index)
    #[arg(long)]
    pub include_self: bool,
    /// Who wins a tied vote: the lowest class, or the class of the nearest neighbour among the tied
    #[arg(long, value_enum, default_value_t = TiesArg::Lowest)]
    pub ties: TiesArg,
    /// Only the depths: from the last layer backwards, an example leaves once its depth is known. The same depths, less
    /// work; what earlier probes would say stays unknown
    #[arg(long)]
    pub depth_only: bool,
    /// Keep each layer's representations in study.safetensors
    #[arg(long)]
    pub representations: bool,
    /// What layers and the search may take, half each: 2GiB, 500MB, or bytes. A layer that does not fit goes to a scratch
    /// file. The images and the network are not counted
    #[arg(long, value_name = "SIZE", default_value = "2GiB")]
    pub memory: ByteSize,
    /// Where scratch files go [default: the system's folder for temporary files]
    #[arg(long, value_name = "DIR")]
    pub scratch: Option<PathBuf>,
    /// The run folder to write [default: runs/ and a name made from the settings]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub common: Common,
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
pub enum NetArg {
    Mlp,
    VggSmall,
    ResnetSmall,
    Vgg16,
    Resnet18,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum TiesArg {
    Lowest,
    Nearest,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum DeviceArg {
    Auto,
    Gpu,
    Cpu,
}

impl From<TiesArg> for Ties {
    fn from(ties: TiesArg) -> Self {
        match ties {
            TiesArg::Lowest => Self::Lowest,
            TiesArg::Nearest => Self::Nearest,
        }
    }
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
