//! The options of `pdepth bench`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use prediction_depth::search::{Format, Kernel};

use super::{Common, OUTPUT, at_least_one};

#[derive(Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    pub what: Bench,
}

#[derive(Subcommand)]
pub enum Bench {
    /// Times the neighbour search on a built-in table of sizes, or on arrays of your own
    #[command(args_override_self = true)]
    Search(SearchArgs),
    /// Times a whole measurement: all layers, training and validation split
    #[command(args_override_self = true)]
    Depth(DepthArgs),
    /// Measures the highest rate of float32 multiply-adds that the processor reaches
    #[command(args_override_self = true)]
    Peak(PeakArgs),
}

#[derive(Args)]
pub struct SearchArgs {
    /// Rows to search in: .npy, float32 [support, dims]
    ///
    /// Without this option the built-in table is timed.
    #[arg(long, value_name = "FILE", requires = "asked")]
    pub support: Option<PathBuf>,
    /// Rows to search for: .npy, float32 [queries, dims]
    #[arg(long, value_name = "FILE", requires = "support", group = "asked")]
    pub queries: Option<PathBuf>,
    /// Search for the rows of the support itself; no row is its own neighbour
    #[arg(long, requires = "support", group = "asked")]
    pub leave_one_out: bool,
    /// Labels of the support: .npy, integers [support]; only the winning class of each query is computed
    #[arg(long, value_name = "FILE", requires = "support")]
    pub votes: Option<PathBuf>,
    /// Folder for the answer: indices.npy and distances.npy [queries, k]; with --votes classes.npy [queries]
    #[arg(long, value_name = "DIR", requires = "support")]
    pub out: Option<PathBuf>,
    /// Use smaller sizes in the built-in table
    #[arg(long, conflicts_with = "support")]
    pub quick: bool,
    #[command(flatten)]
    pub timing: TimingArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct DepthArgs {
    /// Folder with the activations, in the subfolders `train` and `validation`
    ///
    /// Each subfolder holds layer0.npy, layer1.npy, ... [examples, dims] and predictions.npy [examples]; `train` also
    /// holds labels.npy [examples].
    #[arg(long, value_name = "DIR")]
    pub activations: PathBuf,
    /// Folder for the depths: train.npy and validation.npy [examples]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub timing: TimingArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct PeakArgs {
    /// Number of threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub threads: Option<usize>,
    /// Instructions to measure [default: the fastest this processor has]
    #[arg(long, value_name = "NAME", value_parser = kernel)]
    pub kernel: Option<Kernel>,
    /// Print one JSON object
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
}

#[derive(Args)]
pub struct TimingArgs {
    /// Number of neighbours
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = at_least_one)]
    pub k: usize,
    /// Number of timed runs, after one untimed run; the median is printed
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = at_least_one)]
    pub runs: usize,
    /// Number of threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub threads: Option<usize>,
    /// Instructions: portable, neon, avx2, avx2-vnni, avx512 or avx512-vnni [default: the fastest this processor has]
    #[arg(long, value_name = "NAME", value_parser = kernel)]
    pub kernel: Option<Kernel>,
    /// Number format of the filter: f32, int16 or int8 [default: for each layer the one that a trial finds the fastest]
    #[arg(long, value_name = "NAME", value_parser = format)]
    pub format: Option<Format>,
    /// Run once for each line read from stdin and print {"ms": ...} each time, instead of --runs
    ///
    /// A script can so let this program and another one take turns.
    #[arg(long)]
    pub each_line: bool,
}

/// Most threads (our choice): more than any processor has cores, and few enough to start.
const MOST_THREADS: usize = 4096;

fn threads(text: &str) -> Result<usize, String> {
    let threads = at_least_one(text)?;
    if threads <= MOST_THREADS { Ok(threads) } else { Err(format!("must be at most {MOST_THREADS}")) }
}

fn format(name: &str) -> Result<Format, String> {
    let found = Format::ALL.into_iter().find(|format| format.name() == name);
    found.ok_or_else(|| format!("the formats are {}", Format::ALL.map(Format::name).join(", ")))
}

fn kernel(name: &str) -> Result<Kernel, String> {
    let found = Kernel::ALL.into_iter().find(|kernel| kernel.name() == name);
    found.ok_or_else(|| format!("the kernels are {}", Kernel::ALL.map(Kernel::name).join(", ")))
}
