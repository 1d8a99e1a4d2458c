//! The options of `search`.

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Args, Subcommand};

use super::{Common, Shard, at_least_one, shard};

#[derive(Args)]
pub struct SearchPartsArgs {
    #[command(subcommand)]
    pub what: SearchParts,
}

#[derive(Subcommand)]
pub enum SearchParts {
    /// Search a part of the support: for each query the k nearest rows of that part
    #[command(args_override_self = true)]
    Shard(ShardArgs),
    /// Merge all shards of a search: the k nearest rows of the whole support, as one search without shards finds them
    Merge(ShardMergeArgs),
}

#[derive(Args)]
pub struct ShardArgs {
    /// The rows to search in, [support, dims], float32, .npy; only the shard's rows are read into memory
    #[arg(long, value_name = "FILE")]
    pub support: PathBuf,
    /// The rows to search for, [queries, dims], float32, .npy
    #[arg(long, value_name = "FILE", required_unless_present = "leave_one_out")]
    pub queries: Option<PathBuf>,
    /// Search for the support's own rows, each left out of its own neighbours; --queries may then be left out
    #[arg(long)]
    pub leave_one_out: bool,
    /// Neighbours
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = at_least_one)]
    pub k: usize,
    /// Only the rows from I/N to (I + 1)/N of the support, counted from 0
    #[arg(long, value_name = "I/N", default_value = "0/1", value_parser = shard)]
    pub shard: Shard,
    /// The file to write, .safetensors: `indices` (rows of the whole support) and `distances` (squared, float64), both
    /// [queries, k] or, where the shard has fewer rows than k, [queries, rows]
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// What the search may take beside the rows themselves: 2GiB, 500MB, or bytes
    #[arg(long, value_name = "SIZE", default_value = "1GiB")]
    pub memory: ByteSize,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Args)]
pub struct ShardMergeArgs {
    /// What `search shard` wrote: every shard of one search, in any order
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The file to write, .safetensors: equal to that of `search shard --shard 0/1`
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
