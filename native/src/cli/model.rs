//! The options that decide the weights: data, network, training.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use prediction_depth::data::Noise;

use super::{DATA, NetArgs, ReadArgs, TRAINING, at_least_one, fraction, positive};

/// Data, network, training: what decides the weights.
#[derive(Args, Clone)]
pub struct ModelArgs {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub net: NetArgs,
    #[command(flatten)]
    pub training: TrainingArgs,
    /// Seed of the split into training and validation images, the first weights and the order of the images
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = TRAINING)]
    pub seed: u64,
}

#[derive(Args, Clone)]
#[command(next_help_heading = DATA)]
pub struct DataArgs {
    /// Data set: a name, a folder or a file
    ///
    /// Names: embedded, fashion-mnist, mnist, cifar10, cifar100, svhn. `pdepth datasets` shows which of them are here.
    ///
    /// Folders: the files of one of these data sets, CIFAR's also in the version for Python; IDX files
    /// (train-images-idx3-ubyte[.gz], ...; classes.txt may name the classes, one a line); .npy files of arrays; train.csv,
    /// val.csv and test.csv; or images, one folder for each class, in folders `train`, `val` and `test` if there are splits.
    ///
    /// Files: .npz, .safetensors or .pkl with arrays `images` and `labels`, or `x_train` and `y_train`, and the same with
    /// `val` and `test` (rows [n, features] are features, unless --layout says that they are images); .csv or .tsv with a
    /// column `label`, the other columns features (pixels if they are called pixel0, ...); an IDX file of images, with
    /// its labels beside it.
    ///
    /// A program built with the feature `parquet` also reads .parquet, a file or a folder, with the columns `image` and
    /// `label`, or with features and `label`.
    #[arg(long, value_name = "D", default_value = "embedded")]
    pub data: String,
    /// Folder to search first for named data sets, such as DIR/cifar10
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Use only N training images, drawn at random with the same share of every class [default: all]
    #[arg(long, value_name = "N")]
    pub examples: Option<usize>,
    /// Seed that selects the training images of --examples
    #[arg(long, value_name = "N", default_value_t = 0, requires = "examples")]
    pub sample_seed: u64,
    #[command(flatten)]
    pub reading: ReadArgs,
    /// Fraction of the training labels to change, from 0 to 1: round(F x images) labels
    #[arg(long, value_name = "F", default_value_t = 0.0, value_parser = fraction)]
    pub label_noise: f64,
    /// How a label is changed [default: other; with --preset paper any]
    #[arg(long, value_enum, requires = "label_noise")]
    pub noise: Option<NoiseArg>,
    /// Seed that selects which labels are changed
    #[arg(long, value_name = "N", default_value_t = 0, requires = "label_noise")]
    pub noise_seed: u64,
}

#[derive(Args, Clone)]
#[command(next_help_heading = TRAINING)]
pub struct TrainingArgs {
    /// Defaults of the training options
    #[arg(long, value_enum, default_value_t = PresetArg::Quick)]
    pub preset: PresetArg,
    /// Number of passes over the training split [default: quick 100, or fewer to stay within 4,000 steps]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub epochs: Option<usize>,
    /// Number of training steps, instead of --epochs [default: paper 15,000, for a ResNet 30,000]
    #[arg(long, value_name = "N", value_parser = at_least_one, conflicts_with = "epochs")]
    pub steps: Option<usize>,
    /// Number of examples in each training step
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = at_least_one)]
    pub batch: usize,
    /// Learning rate at the start [default: quick 0.02, paper 0.04]
    #[arg(long, value_name = "F", value_parser = positive)]
    pub learning_rate: Option<f64>,
    /// Momentum of SGD [default: 0.9; with --preset paper 0.95 for a ResNet]
    #[arg(long, value_name = "F", value_parser = fraction)]
    pub momentum: Option<f64>,
    /// Weight decay: F x the weights is added to their gradient, as in PyTorch's SGD
    #[arg(long, value_name = "F", default_value_t = 0.0, value_parser = fraction)]
    pub weight_decay: f64,
    /// How the learning rate changes during training
    #[arg(long, value_enum, default_value_t = ScheduleArg::Step)]
    pub schedule: ScheduleArg,
    /// When the learning rate drops, with --schedule step [default: quick 0.75; paper: see --help]
    ///
    /// A value below 1 is a fraction of the training, other values are steps. The paper's steps are 1250,4000,12000
    /// for an mlp, 1000,5000 for a VGG and 7000 for a ResNet.
    #[arg(long, value_delimiter = ',', value_name = "F,F,...", value_parser = positive)]
    pub drops: Option<Vec<f64>>,
    /// Factor by which the learning rate is multiplied at each drop [default: 0.2]
    #[arg(long, value_name = "F", value_parser = positive)]
    pub drop_factor: Option<f64>,
    /// Random crops: pad each image by this many pixels on every side, then crop it at random; 0 for none
    #[arg(long, value_name = "PIXELS", default_value_t = 0)]
    pub crop: usize,
    /// Random mirror images: swap left and right of each image with probability 1/2
    #[arg(long)]
    pub flip: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PresetArg {
    /// Trains in seconds to minutes
    Quick,
    /// The paper's protocol, as far as it is known
    Paper,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScheduleArg {
    /// It stays the same
    Constant,
    /// It drops at --drops
    Step,
    /// It falls to 0 along half a cosine wave
    Cosine,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum NoiseArg {
    /// To another class, drawn uniformly
    Other,
    /// To a class drawn uniformly from all classes, its own included
    Any,
    /// To the next class, and from the last class to the first
    Next,
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
