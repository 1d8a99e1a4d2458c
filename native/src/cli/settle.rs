//! The options of `settle`: what each layer predicts already.

use std::path::PathBuf;

use clap::Args;

use super::{DATA, OUTPUT, PROBES, fraction};

#[derive(Args)]
pub struct SettleArgs {
    /// What each layer predicts: a .npy, .npz or .safetensors file, or a folder with a file for each layer
    ///
    /// Classes are integers, [layers, examples], numbered from 0. Distributions or logits are floats,
    /// [layers, examples, classes]. A folder holds layer0.npy, layer1.npy, ..., each without the first dimension, or files
    /// of any name and order.txt. docs/settle.md has an example for a language model.
    #[arg(long, value_name = "PATH", help_heading = DATA)]
    pub layers: PathBuf,
    /// What the network predicts in the end: classes [examples], or distributions or logits [examples, classes]
    #[arg(long = "final", value_name = "FILE", help_heading = DATA)]
    pub last: PathBuf,
    /// Labels, for accuracies: class numbers or texts, .npy or a line each
    #[arg(long, value_name = "FILE", help_heading = DATA)]
    pub labels: Option<PathBuf>,
    /// Your names of the examples, such as keys: .npy or a line each
    #[arg(long, value_name = "FILE", help_heading = DATA)]
    pub ids: Option<PathBuf>,
    /// Names of the classes in the order of their numbers: .npy or a line each
    #[arg(long, value_name = "FILE", help_heading = DATA)]
    pub classes: Option<PathBuf>,
    /// Texts to show, one for each example: .npy or a line each
    #[arg(long, value_name = "FILE", help_heading = DATA)]
    pub texts: Option<PathBuf>,
    /// Images to show: .npy, unsigned bytes [n, h, w], [n, c, h, w] or [n, h, w, c]
    #[arg(long, value_name = "FILE", help_heading = DATA)]
    pub images: Option<PathBuf>,
    /// Compare distributions, not classes: the largest distance, from 0 to 1, at which a layer agrees with the network
    ///
    /// The distance is the Jensen-Shannon distance, base 2, of the layer's distribution to the final one: 0 if they are
    /// equal, 1 if they have nothing in common. Both files must hold distributions, no logits.
    #[arg(long, value_name = "D", value_parser = fraction, help_heading = PROBES)]
    pub until_distance: Option<f64>,
    /// Title of the result [default: the name of the layers' file or folder]
    #[arg(long, value_name = "TEXT", help_heading = OUTPUT)]
    pub title: Option<String>,
    /// Run folder to write [default: a folder in runs/, named by title and settings]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub out: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
    /// Show no progress; the result and errors are still printed
    #[arg(long, help_heading = OUTPUT)]
    pub quiet: bool,
}
