//! The options of `depth`: activations of anybody's network.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use prediction_depth::pooling::{Channels, Pooling};

use super::{Common, DATA, MeasuringArgs, OUTPUT, PROBES, RESOURCES, Shard, shard};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub struct ActivationsArgs {
    #[command(subcommand)]
    pub what: Option<DepthCommand>,
    /// Activations of the training split: a folder, or one .npz or .safetensors file
    ///
    /// A folder holds layer0.npy, layer1.npy, ... (.npz and .safetensors, too), [examples, ...] each, first to last layer; or
    /// layers of any name and order.txt, a name a line. Beside them labels.npy or labels.txt; predictions.npy or
    /// logits.npy of the network; and if there are some, classes.txt, ids.txt or ids.npy, and one of images.npy, texts.txt
    /// and table.csv to show. docs/activations.md describes every file.
    #[arg(long, value_name = "DIR", required = true, help_heading = DATA)]
    pub train: Option<PathBuf>,
    /// Activations of a held-out split and its name, such as test=DIR; may be repeated
    #[arg(long, value_name = "NAME=DIR", value_parser = held_out, help_heading = DATA)]
    pub held_out: Vec<HeldOut>,
    /// Folder of neighbours that were found elsewhere: no search, and the splits need no layers
    ///
    /// DIR/train and DIR/NAME for each held-out split hold a graph for each layer, called and ordered as layers are:
    /// layer0.npz, ..., written by scipy.sparse.save_npz as csr, each row sorted by distance.
    #[arg(long, value_name = "DIR", help_heading = DATA, conflicts_with_all = ["representations", "depth_only"])]
    pub neighbors: Option<PathBuf>,
    /// Keep fewer values of each example: none, average:N, or of sequences first, last or mean
    ///
    /// average:N averages over parts of the positions, so that at most N values are left; layers that have no more stay as
    /// they are. first, last and mean take one position of sequences [examples, positions, dims], or their mean; mask.npy
    /// [examples, positions] beside the layers says which positions count.
    #[arg(long, value_name = "P", default_value = "none", value_parser = pool, help_heading = PROBES, conflicts_with = "neighbors")]
    pub pool: Pooling,
    /// Which dimension of an example is no position, for --pool average:N
    #[arg(long, value_enum, help_heading = PROBES)]
    pub channels: Option<ChannelsArg>,
    /// Title of the result [default: the name of the folder]
    #[arg(long, value_name = "TEXT", help_heading = OUTPUT)]
    pub title: Option<String>,
    /// Run folder to write [default: a folder in runs/, named by title and settings]
    ///
    /// With --shard: the file to write, .safetensors, or a folder for shard-I-of-N.safetensors.
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub out: Option<PathBuf>,
    /// Measure only part I of N equal parts of every split; I counts from 0
    ///
    /// Each part is searched in the whole training split. `pdepth depth merge` puts the parts together. A part that is
    /// there already is kept. docs/cluster.md shows how to use many machines.
    #[arg(
        long,
        value_name = "I/N",
        value_parser = shard,
        requires = "out",
        conflicts_with = "neighbors",
        help_heading = RESOURCES
    )]
    pub shard: Option<Shard>,
    #[command(flatten)]
    pub measuring: MeasuringArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Subcommand)]
pub enum DepthCommand {
    /// Merges all shards of a measurement into one run folder
    ///
    /// Its files are the same, byte for byte, as those of a measurement without shards. The manifest has other times.
    Merge(DepthMergeArgs),
}

#[derive(Args)]
pub struct DepthMergeArgs {
    /// Files written by `pdepth depth --shard`: all shards of one measurement, in any order
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Run folder to write [default: a folder in runs/, named by title and settings]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub out: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
}

/// A held-out split.
#[derive(Clone)]
pub struct HeldOut {
    pub name: String,
    pub path: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum ChannelsArg {
    /// The first: [channels, height, width] or [channels, length], as in PyTorch
    First,
    /// The last: [height, width, channels] or [positions, dims], as in JAX, Keras, and for sequences
    Last,
}

impl ActivationsArgs {
    /// Returns how layers are pooled.
    pub fn pooling(&self) -> anyhow::Result<Pooling> {
        let channels = self.channels.map(|channels| match channels {
            ChannelsArg::First => Channels::First,
            ChannelsArg::Last => Channels::Last,
        });
        match self.pool {
            Pooling::Average { values, .. } => Ok(Pooling::Average { values, channels }),
            other if channels.is_none() => Ok(other),
            _ => bail!("--channels is only for --pool average:N"),
        }
    }
}

fn pool(text: &str) -> Result<Pooling, String> {
    let average = |values: usize| Pooling::Average { values, channels: None };
    match (text, text.strip_prefix("average:").map(str::parse)) {
        ("none", _) => Ok(Pooling::None),
        ("first", _) => Ok(Pooling::First),
        ("last", _) => Ok(Pooling::Last),
        ("mean", _) => Ok(Pooling::Mean),
        (_, Some(Ok(values))) if values > 0 => Ok(average(values)),
        _ => Err("must be none, average:N (such as average:4096), first, last or mean".into()),
    }
}

fn held_out(text: &str) -> Result<HeldOut, String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok(HeldOut { name: name.into(), path: path.into() })
        }
        _ => Err("must be a name and a folder, such as test=activations/test".into()),
    }
}
