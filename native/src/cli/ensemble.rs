//! The options of `ensemble`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use prediction_depth::metrics::InputMargin;

use super::{Common, MeasuringArgs, ModelArgs, OUTPUT, Shard, at_least_one, fraction, shard};

#[derive(Args)]
pub struct EnsembleArgs {
    #[command(subcommand)]
    pub what: EnsembleCommand,
}

#[derive(Subcommand)]
pub enum EnsembleCommand {
    /// Prints a plan for many models: `pdepth ensemble plan --runs 50 > plan.json`
    ///
    /// The models differ only in their seed.
    #[command(args_override_self = true)]
    Plan(Box<PlanArgs>),
    /// Trains and measures the models of a plan, or a shard of them, and skips those already made
    Run(EnsembleRunArgs),
    /// Shows which models are missing
    Status(EnsembleStatusArgs),
    /// Combines the models into a table of all examples, a study for the page and a report
    Merge(EnsembleMergeArgs),
}

#[derive(Args)]
pub struct PlanArgs {
    /// Number of models; their seeds are --seed, --seed + 1, ...
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub runs: usize,
    /// Number of examples whose input margin is computed; they are spread evenly over the data set
    ///
    /// The input margin takes more time than all other measures.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub margin_examples: usize,
    /// How the input margin is computed
    #[arg(long, value_enum, default_value_t = MarginArg::Linear)]
    pub margin: MarginArg,
    /// Also measure the probes at each checkpoint, to find the step at which each layer settles
    #[arg(long)]
    pub probe_checkpoints: bool,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub measuring: MeasuringArgs,
}

/// A plan, and the folder of its models.
#[derive(Args)]
pub struct PlannedArgs {
    /// Plan file, as printed by `pdepth ensemble plan`
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// Ensemble folder: holds the models and the merged result
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Args)]
pub struct EnsembleRunArgs {
    #[command(flatten)]
    pub planned: PlannedArgs,
    /// Make only the models I, I + N, I + 2 N, ... of the plan; I counts from 0
    #[arg(long, value_name = "I/N", default_value = "0/1", value_parser = shard)]
    pub shard: Shard,
    /// Number of models made at the same time, one thread each [default: the number of cores]
    ///
    /// The result does not depend on it. Each model may use --memory.
    #[arg(long, value_name = "J", value_parser = at_least_one)]
    pub jobs: Option<usize>,
    #[command(flatten)]
    pub memory: super::MemoryArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct EnsembleStatusArgs {
    #[command(flatten)]
    pub planned: PlannedArgs,
    /// Print one JSON object
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
}

#[derive(Args)]
pub struct EnsembleMergeArgs {
    #[command(flatten)]
    pub planned: PlannedArgs,
    /// Merge although models are missing
    #[arg(long)]
    pub partial: bool,
    /// Quantile of the mean validation depths above which a validation depth counts as high
    #[arg(long, value_name = "Q", default_value_t = 0.75, value_parser = fraction)]
    pub validation_cut: f64,
    /// Quantile of the mean training depths above which a training depth counts as high
    #[arg(long, value_name = "Q", default_value_t = 0.75, value_parser = fraction)]
    pub training_cut: f64,
    /// Number of correctly labelled examples that choose the layer for better predictions
    ///
    /// These examples are left out when the better predictions are evaluated.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = at_least_one)]
    pub clean_examples: usize,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum MarginArg {
    /// Linear estimate: difference of two logits / length of its gradient
    Linear,
    /// Iterative estimate by DeepFool
    Deepfool,
}

impl From<MarginArg> for InputMargin {
    fn from(margin: MarginArg) -> Self {
        match margin {
            MarginArg::Linear => Self::Linear,
            MarginArg::Deepfool => Self::DeepFool,
        }
    }
}
