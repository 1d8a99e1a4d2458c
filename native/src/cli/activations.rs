//! The options of `depth`: activations of anybody's network.

use std::path::PathBuf;

use clap::Args;

use super::{Common, DATA, MeasuringArgs, OUTPUT};

#[derive(Args)]
pub struct ActivationsArgs {
    /// Activations of the training split: a folder, or one .npz or .safetensors file
    ///
    /// A folder holds layer0.npy, layer1.npy, ... (.npz and .safetensors, too), [examples, ...] each, first to last layer; or
    /// layers of any name and order.txt, a name a line. Beside them labels.npy or labels.txt; predictions.npy or
    /// logits.npy of the network; and if there are some, classes.txt, ids.txt or ids.npy, and one of images.npy, texts.txt
    /// and table.csv to show. docs/activations.md describes every file.
    #[arg(long, value_name = "DIR", help_heading = DATA)]
    pub train: PathBuf,
    /// Activations of a held-out split and its name, such as test=DIR; may be repeated
    #[arg(long, value_name = "NAME=DIR", value_parser = held_out, help_heading = DATA)]
    pub held_out: Vec<HeldOut>,
    /// Folder of neighbours that were found elsewhere: no search, and the splits need no layers
    ///
    /// DIR/train and DIR/NAME for each held-out split hold a graph for each layer, called and ordered as layers are:
    /// layer0.npz, ..., written by scipy.sparse.save_npz as csr, each row sorted by distance.
    #[arg(long, value_name = "DIR", help_heading = DATA, conflicts_with_all = ["representations", "depth_only"])]
    pub neighbors: Option<PathBuf>,
    /// Title of the result [default: the name of the folder]
    #[arg(long, value_name = "TEXT", help_heading = OUTPUT)]
    pub title: Option<String>,
    /// Run folder to write [default: a folder in runs/, named by title and settings]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub measuring: MeasuringArgs,
    #[command(flatten)]
    pub common: Common,
}

/// A held-out split.
#[derive(Clone)]
pub struct HeldOut {
    pub name: String,
    pub path: PathBuf,
}

fn held_out(text: &str) -> Result<HeldOut, String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok(HeldOut { name: name.into(), path: path.into() })
        }
        _ => Err("must be a name and a folder, such as test=activations/test".into()),
    }
}
