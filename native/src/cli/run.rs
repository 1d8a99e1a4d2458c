//! The options of `run`, of its halves `train` and `measure`, in the groups that they share.

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Args, ValueEnum};
use prediction_depth::data::Noise;
use prediction_depth::measurement::Probing;
use prediction_depth::probe::Ties;

use super::{Common, NetArgs, at_least_one, fraction, positive};

#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub measuring: MeasuringArgs,
    #[command(flatten)]
    pub folder: FolderArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct TrainArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub folder: FolderArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct MeasureArgs {
    /// The folder of a run that was trained
    pub run: PathBuf,
    /// The data it was trained on, where they are not found as they were then
    #[arg(long, value_name = "D")]
    pub data: Option<String>,
    /// A folder in which named data sets are looked for first
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Other weights for the run's network, by its names: a .safetensors, a .pth that PyTorch wrote, or an .onnx
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// The run folder to write [default: the run's own, where it holds no measurement yet]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub measuring: MeasuringArgs,
    #[command(flatten)]
    pub common: Common,
}

/// Data, network, training: what decides the weights.
#[derive(Args, Clone)]
pub struct ModelArgs {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub net: NetArgs,
    #[command(flatten)]
    pub training: TrainingArgs,
    /// The split, the first weights and the order of the examples
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}

#[derive(Args, Clone)]
pub struct DataArgs {
    /// `embedded`, `fashion-mnist`, `mnist`, `cifar10`, `cifar100`, `svhn` (`pdepth datasets` says what is there), a folder
    /// with the files of one of these, a folder of IDX files (train-images-idx3-ubyte[.gz], ...; optionally classes.txt, a
    /// name a line), one IDX file of images with its labels beside it, a .csv with a column `label` and pixels or features, an
    /// .npz or a .safetensors with `images` and `labels`, .parquet as on the Hugging Face hub (one file or a folder; if built
    /// with it), or a folder of .png or .jpg images in a folder for each class
    #[arg(long, value_name = "D", default_value = "embedded")]
    pub data: String,
    /// A folder in which named data sets are looked for first (DIR/fashion-mnist, ...)
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Use only the first N training images
    #[arg(long, value_name = "N")]
    pub examples: Option<usize>,
    /// Make this fraction of the training labels wrong
    #[arg(long, value_name = "F", default_value_t = 0.0, value_parser = fraction)]
    pub label_noise: f64,
    /// Where those labels go [default: other, and any with --preset paper]
    #[arg(long, value_enum)]
    pub noise: Option<NoiseArg>,
    /// Which labels that are
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub noise_seed: u64,
}

#[derive(Args, Clone)]
pub struct TrainingArgs {
    /// Where the other options of training begin: `quick` trains in seconds to minutes, `paper` is the paper's protocol as far as
    /// it is known
    #[arg(long, value_enum, default_value_t = PresetArg::Quick)]
    pub preset: PresetArg,
    /// Passes over the training split [quick: 100, or fewer that make 4,000 steps]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub epochs: Option<usize>,
    /// Training steps, instead of epochs [paper: 15,000; 30,000 for a ResNet]
    #[arg(long, value_name = "N", value_parser = at_least_one, conflicts_with = "epochs")]
    pub steps: Option<usize>,
    /// Examples a training step
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = at_least_one)]
    pub batch: usize,
    /// Step size at the start [quick: 0.02, paper: 0.04]
    #[arg(long, value_name = "F", value_parser = positive)]
    pub learning_rate: Option<f64>,
    /// Momentum of SGD [0.9; paper: 0.95 for a ResNet]
    #[arg(long, value_name = "F", value_parser = fraction)]
    pub momentum: Option<f64>,
    /// What the gradient gets of the weights, as PyTorch has it
    #[arg(long, value_name = "F", default_value_t = 0.0, value_parser = fraction)]
    pub weight_decay: f64,
    /// How the step size changes: not, at --drops, or as half a cosine wave
    #[arg(long, value_enum, default_value_t = ScheduleArg::Step)]
    pub schedule: ScheduleArg,
    /// When the step size drops: below 1 a fraction of the training, from 1 on a number of steps
    /// [quick: 0.75; paper: 1250,4000,12000 for a perceptron, 1000,5000 for a VGG, 7000 for a ResNet]
    #[arg(long, value_delimiter = ',', value_name = "F,F,...")]
    pub drops: Option<Vec<f64>>,
    /// What it is multiplied by at each drop
    #[arg(long, value_name = "F", default_value_t = 0.2, value_parser = positive)]
    pub drop_factor: f64,
    /// Crop each image at random from itself with so many pixels of padding, anew at each step
    #[arg(long, value_name = "PIXELS", default_value_t = 0)]
    pub crop: usize,
    /// Mirror every second image, left to right, anew at each step
    #[arg(long)]
    pub flip: bool,
}

#[derive(Args)]
pub struct MeasuringArgs {
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
    #[command(flatten)]
    pub memory: MemoryArgs,
}

#[derive(Args)]
pub struct MemoryArgs {
    /// What layers and the search may take, half each: 2GiB, 500MB, or bytes. A layer that does not fit goes to a scratch
    /// file. The images and the network are not counted
    #[arg(long, value_name = "SIZE", default_value = "2GiB")]
    pub memory: ByteSize,
    /// Where scratch files go [default: the system's folder for temporary files]
    #[arg(long, value_name = "DIR")]
    pub scratch: Option<PathBuf>,
}

#[derive(Args)]
pub struct FolderArgs {
    /// The run folder to write [default: runs/ and a name made from the settings]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on where a run with these settings was stopped or killed; a finished one is not made again
    #[arg(long)]
    pub resume: bool,
    /// Weights to keep on the way: those at steps that are dense early, or the last ones only
    #[arg(long, value_enum, default_value_t = CheckpointsArg::Early)]
    pub checkpoints: CheckpointsArg,
}

impl MeasuringArgs {
    pub fn probing(&self) -> Probing {
        Probing { k: self.k, ties: self.ties.into(), include_self: self.include_self }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PresetArg {
    Quick,
    Paper,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum ScheduleArg {
    Constant,
    Step,
    Cosine,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum NoiseArg {
    /// To another class, drawn uniformly
    Other,
    /// To a class drawn uniformly from all of them, its own included
    Any,
    /// To the class after it
    Next,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckpointsArg {
    Early,
    Final,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum TiesArg {
    Lowest,
    Nearest,
}

impl From<NoiseArg> for Noise {
    fn from(noise: NoiseArg) -> Self {
        match noise {
            NoiseArg::Other => Self::Other,
            NoiseArg::Any => Self::Any,
            NoiseArg::Next => Self::Next,
        }
    }
}

impl From<TiesArg> for Ties {
    fn from(ties: TiesArg) -> Self {
        match ties {
            TiesArg::Lowest => Self::Lowest,
            TiesArg::Nearest => Self::Nearest,
        }
    }
}
