//! The options of `pdepth checkpoints`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use prediction_depth::data::Split;

use super::{Common, DATA, MemoryArgs, OUTPUT, RunDataArgs, at_least_one};

#[derive(Args)]
pub struct OverTrainingArgs {
    /// Run folder with the checkpoints of a training
    pub run: PathBuf,
    #[command(flatten)]
    pub data: RunDataArgs,
    /// Splits to measure [default: all]
    #[arg(long, value_enum, value_name = "SPLIT,...", value_delimiter = ',', help_heading = DATA)]
    pub split: Vec<SplitArg>,
    /// Measure only N examples of each split, drawn at random with the same share of every class [default: all]
    ///
    /// Their depths are those of the whole measurement: all training examples vote.
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = DATA)]
    pub examples: Option<usize>,
    /// Seed that selects the examples of --examples
    #[arg(long, value_name = "N", default_value_t = 0, requires = "examples", help_heading = DATA)]
    pub sample_seed: u64,
    /// Folder for checkpoints.csv, depths.csv and checkpoints.html [default: the folder of the run]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub memory: MemoryArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SplitArg {
    /// The examples that the network was trained on
    Train,
    /// The examples that were held out from training
    Validation,
    /// The data set's own test examples
    Test,
}

impl From<SplitArg> for Split {
    fn from(split: SplitArg) -> Self {
        match split {
            SplitArg::Train => Self::Train,
            SplitArg::Validation => Self::Validation,
            SplitArg::Test => Self::Test,
        }
    }
}
