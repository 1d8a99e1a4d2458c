//! The options of `pdepth bench`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use prediction_depth::search::Kernel;

use super::{Common, at_least_one};

#[derive(Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    pub what: Bench,
}

#[derive(Subcommand)]
pub enum Bench {
    /// Time the neighbour search: a built-in table of sizes, or arrays of your own
    #[command(args_override_self = true)]
    Search(SearchArgs),
    /// Time a whole depth measurement: all layers, training and validation split
    #[command(args_override_self = true)]
    Depth(DepthArgs),
    /// Measure how many multiply-adds the processor can do at best
    #[command(args_override_self = true)]
    Peak(PeakArgs),
}

#[derive(Args)]
pub struct SearchArgs {
    /// The rows to search in, [support, dims], float32, .npy; without it, the built-in table is timed
    #[arg(long, value_name = "FILE", requires = "asked")]
    pub support: Option<PathBuf>,
    /// The rows to search for, [queries, dims], float32, .npy
    #[arg(long, value_name = "FILE", requires = "support", group = "asked")]
    pub queries: Option<PathBuf>,
    /// Search for the support's own rows, each left out of its own neighbours
    #[arg(long, requires = "support", group = "asked")]
    pub leave_one_out: bool,
    /// Labels of the support, [support], integers, .npy: only the class of each query is asked for
    #[arg(long, value_name = "FILE", requires = "support")]
    pub votes: Option<PathBuf>,
    /// Write what was found: indices.npy and distances.npy [queries, k], or classes.npy [queries]
    #[arg(long, value_name = "DIR", requires = "support")]
    pub out: Option<PathBuf>,
    /// Smaller sizes in the built-in table
    #[arg(long, conflicts_with = "support")]
    pub quick: bool,
    #[command(flatten)]
    pub timing: TimingArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct DepthArgs {
    /// A folder with `train` and `validation`; in each layer0.npy, layer1.npy, ... [examples, dims] and predictions.npy
    /// [examples], in `train` labels.npy [examples]
    #[arg(long, value_name = "DIR")]
    pub activations: PathBuf,
    /// Write the depths that were found: train.npy and validation.npy [examples]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub timing: TimingArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct PeakArgs {
    /// Threads [default: all]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub threads: Option<usize>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct TimingArgs {
    /// Neighbours
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = at_least_one)]
    pub k: usize,
    /// Timed runs, after one that is not; the median counts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = at_least_one)]
    pub runs: usize,
    /// Threads [default: all]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub threads: Option<usize>,
    /// The processor's instructions: portable, avx2, avx512 or avx512-bf16 [default: the fastest it has]
    #[arg(long, value_name = "NAME", value_parser = kernel)]
    pub kernel: Option<Kernel>,
    /// Instead of --runs: run once for each line on stdin and print {"ms": ...} each time, so that a script can take turns
    /// with another program
    #[arg(long)]
    pub each_line: bool,
}

fn kernel(name: &str) -> Result<Kernel, String> {
    let found = Kernel::ALL.into_iter().find(|kernel| kernel.name() == name);
    found.ok_or_else(|| format!("the kernels are {}", Kernel::ALL.map(Kernel::name).join(", ")))
}
