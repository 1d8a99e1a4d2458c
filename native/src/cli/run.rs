//! The options of `run`, of its halves `train` and `measure`, in the groups that they share.

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Args, ValueEnum};
use prediction_depth::measurement::{Probing, Support};
use prediction_depth::metric::Metric;
use prediction_depth::probe::Ties;

use super::{Common, DATA, ModelArgs, NETWORK, ONNX, OUTPUT, OnnxArgs, PROBES, RESOURCES, at_least_one, size};

/// What an ONNX file does not take: its network is trained already.
const OF_TRAINING: [&str; 22] = [
    "net",
    "width",
    "hidden",
    "norm",
    "label_noise",
    "noise",
    "noise_seed",
    "preset",
    "epochs",
    "steps",
    "batch",
    "learning_rate",
    "momentum",
    "weight_decay",
    "schedule",
    "drops",
    "drop_factor",
    "crop",
    "flip",
    "seed",
    "resume",
    "checkpoints",
];

#[derive(Args)]
pub struct RunArgs {
    /// ONNX file with a trained network: it is measured on --data, and nothing is trained
    ///
    /// Its training split is all training images of --data. The files of values that some networks have lie beside it.
    #[arg(
        id = "onnx_model",
        long = "model",
        value_name = "FILE",
        conflicts_with_all = OF_TRAINING,
        help_heading = ONNX
    )]
    pub onnx_model: Option<PathBuf>,
    #[command(flatten)]
    pub onnx: OnnxArgs,
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
    /// Run folder with the trained network
    #[arg(required_unless_present = "onnx_model")]
    pub run: Option<PathBuf>,
    /// ONNX file with a trained network, instead of a run folder: `pdepth run --model` has more options for its data
    #[arg(id = "onnx_model", long = "model", value_name = "FILE", conflicts_with = "run", help_heading = ONNX)]
    pub onnx_model: Option<PathBuf>,
    /// Values of the file that are probed: auto, all, names separated by commas, or re:PATTERN
    #[arg(long, value_name = "TAPS", default_value = "auto", requires = "onnx_model", help_heading = ONNX)]
    pub taps: String,
    #[command(flatten)]
    pub onnx: OnnxArgs,
    #[command(flatten)]
    pub data: RunDataArgs,
    /// File with other weights for the network of the run: .safetensors, .pth of PyTorch, or .onnx
    ///
    /// The names of the weights must be those of the run's network. Only the weights of an .onnx file are read; --model
    /// runs its graph.
    #[arg(long, value_name = "FILE", conflicts_with = "onnx_model", help_heading = NETWORK)]
    pub weights: Option<PathBuf>,
    /// Run folder to write [default: the folder of the run, if it holds no measurement yet]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub measuring: MeasuringArgs,
    #[command(flatten)]
    pub common: Common,
}

/// Where the data of a finished run are.
#[derive(Args)]
#[command(next_help_heading = DATA)]
pub struct RunDataArgs {
    /// Training data, if they have moved since the training [default: as given then]
    #[arg(long, value_name = "D")]
    pub data: Option<String>,
    /// Folder to search first for named data sets
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

#[derive(Args)]
pub struct MeasuringArgs {
    /// Number of neighbours that vote at each layer
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = at_least_one, help_heading = PROBES)]
    pub k: usize,
    /// Count a training example among its own neighbours [default: it is left out]
    #[arg(long, help_heading = PROBES)]
    pub include_self: bool,
    /// Which class wins a tied vote
    #[arg(long, value_enum, default_value_t = TiesArg::Lowest, help_heading = PROBES)]
    pub ties: TiesArg,
    /// Distance by which neighbours are near
    #[arg(long, value_enum, default_value_t = MetricArg::Euclidean, help_heading = PROBES)]
    pub metric: MetricArg,
    #[command(flatten)]
    pub support: SupportArgs,
    /// Compute only the depths: the same depths with less work
    ///
    /// The layers are probed from last to first, and an example is not probed further once its depth is known. Probes
    /// that were skipped are empty cells in depth.csv, and there are no probe accuracies.
    #[arg(long, help_heading = PROBES)]
    pub depth_only: bool,
    /// Also write each layer's representations into study.safetensors
    #[arg(long, help_heading = OUTPUT)]
    pub representations: bool,
    #[command(flatten)]
    pub memory: MemoryArgs,
}

/// Which training examples vote.
#[derive(Args)]
#[command(next_help_heading = PROBES)]
pub struct SupportArgs {
    /// Let only N training examples vote, drawn at random [default: all]
    ///
    /// All training examples are probed; one that does not vote has nothing to leave out.
    #[arg(long, value_name = "N", value_parser = at_least_one, group = "voting")]
    pub support: Option<usize>,
    /// Let only N training examples of each class vote, drawn at random, so that no class has more votes than another
    #[arg(long, value_name = "N", value_parser = at_least_one, group = "voting")]
    pub support_per_class: Option<usize>,
    /// Seed that draws the examples that vote
    #[arg(long, value_name = "N", default_value_t = 0, requires = "voting")]
    pub support_seed: u64,
}

impl SupportArgs {
    fn support(&self) -> Support {
        let seed = self.support_seed;
        match (self.support, self.support_per_class) {
            (Some(examples), _) => Support::Random { examples, seed },
            (None, Some(examples)) => Support::PerClass { examples, seed },
            (None, None) => Support::All,
        }
    }
}

#[derive(Args)]
#[command(next_help_heading = RESOURCES)]
pub struct MemoryArgs {
    /// Memory for a measurement: 2GiB, 500MB, or a number of bytes
    ///
    /// One half is for layers, one half for the search. A layer that does not fit is written to a scratch file. The
    /// images and the network are not counted.
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = size)]
    pub memory: ByteSize,
    /// Folder for scratch files [default: the system's folder for temporary files]
    ///
    /// If layers do not fit in memory together, they take several passes through the network. With this option, they
    /// take one pass, and are written to the folder.
    #[arg(long, value_name = "DIR")]
    pub scratch: Option<PathBuf>,
}

#[derive(Args)]
#[command(next_help_heading = OUTPUT)]
pub struct FolderArgs {
    /// Run folder to write [default: a folder in runs/, named by the settings]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Continue a stopped or killed run with the same settings; a finished run is not repeated
    #[arg(long)]
    pub resume: bool,
    /// Which weights to keep in the run folder
    #[arg(long, value_enum, default_value_t = CheckpointsArg::Early)]
    pub checkpoints: CheckpointsArg,
}

impl MeasuringArgs {
    pub fn probing(&self) -> Probing {
        Probing {
            k: self.k,
            ties: self.ties.into(),
            include_self: self.include_self,
            metric: self.metric.into(),
            support: self.support.support(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckpointsArg {
    /// The weights at steps 0, 1, 2, 3, 4, 6, 8, 12, 16, ... and at the end
    Early,
    /// Only the final weights
    Final,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum MetricArg {
    /// Euclidean distance, as in the paper
    Euclidean,
    /// Cosine distance, exactly: Euclidean distance of rows scaled to unit length
    Cosine,
    /// Sum of absolute differences: many times slower, since its search has no fast filter, and always on the processor
    Manhattan,
}

impl From<MetricArg> for Metric {
    fn from(metric: MetricArg) -> Self {
        match metric {
            MetricArg::Euclidean => Self::Euclidean,
            MetricArg::Cosine => Self::Cosine,
            MetricArg::Manhattan => Self::Manhattan,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum TiesArg {
    /// The class with the lowest number, as in scikit-learn
    Lowest,
    /// The class of the nearest neighbour among the tied classes
    Nearest,
}

impl From<TiesArg> for Ties {
    fn from(ties: TiesArg) -> Self {
        match ties {
            TiesArg::Lowest => Self::Lowest,
            TiesArg::Nearest => Self::Nearest,
        }
    }
}
