//! The options of `ensemble`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use prediction_depth::metrics::InputMargin;

use super::{Common, MeasuringArgs, ModelArgs, Shard, at_least_one, fraction, shard};

#[derive(Args)]
pub struct EnsembleArgs {
    #[command(subcommand)]
    pub what: EnsembleCommand,
}

#[derive(Subcommand)]
pub enum EnsembleCommand {
    /// Print a plan of many models, each with its own seed; `pdepth ensemble plan --runs 50 > plan.json`
    #[command(args_override_self = true)]
    Plan(Box<PlanArgs>),
    /// Train and measure the models of a plan, or a shard of them; what is there is skipped
    Run(EnsembleRunArgs),
    /// Say which models are still missing
    Status(EnsembleStatusArgs),
    /// Put the models together: the table of all examples, the study for the page, a report
    Merge(EnsembleMergeArgs),
}

#[derive(Args)]
pub struct PlanArgs {
    /// How many models; their seeds count from --seed
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub runs: usize,
    /// Examples whose input margin is computed, evenly spread over the data set; it takes the most time of all measures
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub margin_examples: usize,
    /// How the input margin is found: the linear estimate, or DeepFool's steps
    #[arg(long, value_enum, default_value_t = MarginArg::Linear)]
    pub margin: MarginArg,
    /// Ask the probes at each checkpoint, too: from which step on each layer's probe says what it says at the end
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
    /// What `ensemble plan` printed
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// The folder of the models, and of what is merged from them
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Args)]
pub struct EnsembleRunArgs {
    #[command(flatten)]
    pub planned: PlannedArgs,
    /// Only the models I, I + N, I + 2 N, ... of the plan, counted from 0
    #[arg(long, value_name = "I/N", default_value = "0/1", value_parser = shard)]
    pub shard: Shard,
    /// Models at a time; each has one thread, so that this changes no result [default: the number of cores]
    #[arg(long, value_name = "J", value_parser = at_least_one)]
    pub jobs: Option<usize>,
    /// What each model's layers and search may take (see `pdepth run --help`)
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
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct EnsembleMergeArgs {
    #[command(flatten)]
    pub planned: PlannedArgs,
    /// Merge what is there although models are missing
    #[arg(long)]
    pub partial: bool,
    /// The quantile of mean validation depth above which it is high
    #[arg(long, value_name = "Q", default_value_t = 0.75, value_parser = fraction)]
    pub validation_cut: f64,
    /// The quantile of mean training depth above which it is high
    #[arg(long, value_name = "Q", default_value_t = 0.75, value_parser = fraction)]
    pub training_cut: f64,
    /// Examples with right labels that choose the layer of better predictions; they are not predicted then
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = at_least_one)]
    pub clean_examples: usize,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum MarginArg {
    Linear,
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
