//! The options of `search`.

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Args, Subcommand};

use super::{Common, OUTPUT, RESOURCES, Shard, at_least_one, shard};

#[derive(Args)]
pub struct SearchPartsArgs {
    #[command(subcommand)]
    pub what: SearchParts,
}

#[derive(Subcommand)]
pub enum SearchParts {
    /// Finds, for each query, the k nearest rows of one part of the support
    #[command(args_override_self = true)]
    Shard(ShardArgs),
    /// Merges all shards of a search into the k nearest rows of the whole support
    ///
    /// The result is the same, byte for byte, as that of one search without shards.
    Merge(ShardMergeArgs),
}

#[derive(Args)]
pub struct ShardArgs {
    /// Rows to search in: .npy, float32 [support, dims]; only the rows of the shard are read into memory
    #[arg(long, value_name = "FILE")]
    pub support: PathBuf,
    /// Rows to search for: .npy, float32 [queries, dims]
    #[arg(long, value_name = "FILE", required_unless_present = "leave_one_out")]
    pub queries: Option<PathBuf>,
    /// Search for the rows of the support itself; no row is its own neighbour
    ///
    /// Replaces --queries.
    #[arg(long)]
    pub leave_one_out: bool,
    /// Number of neighbours
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = at_least_one)]
    pub k: usize,
    /// Search only part I of the N equal parts of the support; I counts from 0
    #[arg(long, value_name = "I/N", default_value = "0/1", value_parser = shard)]
    pub shard: Shard,
    /// File to write, .safetensors
    ///
    /// It holds `indices` (rows of the whole support) and `distances` (squared, float64), both [queries, k], or
    /// [queries, rows] if the shard has fewer rows than k.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Memory for the search, without the rows themselves: 2GiB, 500MB, or a number of bytes
    #[arg(long, value_name = "SIZE", default_value = "1GiB", help_heading = RESOURCES)]
    pub memory: ByteSize,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct ShardMergeArgs {
    /// Files written by `pdepth search shard`: all shards of one search, in any order
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// File to write, .safetensors: the same file that `pdepth search shard --shard 0/1` writes
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Print one JSON object
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
}
