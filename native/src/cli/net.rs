//! The options that make the network.

use clap::{Args, ValueEnum};
use prediction_depth::nets::{Norm, Taps};

use super::{NETWORK, at_least_one, positive};

#[derive(Args, Clone)]
#[command(next_help_heading = NETWORK)]
pub struct NetArgs {
    /// Architecture of the network
    #[arg(long, value_enum, default_value_t = NetArg::Mlp)]
    pub net: NetArg,
    /// Multiplies the number of units or feature maps of every layer
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = positive)]
    pub width: f64,
    /// Number of units of each hidden layer, only of an mlp [default: 64,64,64,64,64; with --preset paper seven times 2048]
    #[arg(long, value_delimiter = ',', value_name = "N,N,...", value_parser = at_least_one)]
    pub hidden: Option<Vec<usize>>,
    /// Normalisation after each convolution [default: group for a ResNet, none for a VGG]
    ///
    /// A ResNet takes group or batch, a VGG batch or none.
    #[arg(long, value_enum)]
    pub norm: Option<NormArg>,
    /// Where layers are probed: before-relu or after-relu [default: before-relu for the blocks of a ResNet, else after-relu]
    ///
    /// With --model these are the values of the file that are probed: auto, all, names separated by commas, or re:PATTERN
    /// for the names that a regular expression finds [default: auto]. auto takes the sums that join two branches, as in
    /// residual blocks, if there are at least three; else the activations, such as ReLU; else products and convolutions.
    #[arg(long, value_name = "TAPS")]
    pub taps: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NetArg {
    /// Perceptron: fully connected layers with ReLU
    Mlp,
    /// VGG with 4 convolutions, for images of about 28 x 28
    VggSmall,
    /// ResNet with 3 blocks, for images of about 28 x 28
    ResnetSmall,
    /// VGG-16: 13 convolutions and one linear layer
    Vgg16,
    /// ResNet-18: 8 blocks
    Resnet18,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum NormArg {
    /// GroupNorm: over groups of feature maps of one image
    Group,
    /// BatchNorm: over each feature map of a batch
    Batch,
    /// No normalisation
    None,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum TapsArg {
    /// The values that go into the ReLU
    BeforeRelu,
    /// The values that come out of the ReLU
    AfterRelu,
}

impl From<NormArg> for Norm {
    fn from(norm: NormArg) -> Self {
        match norm {
            NormArg::Group => Self::Group,
            NormArg::Batch => Self::Batch,
            NormArg::None => Self::None,
        }
    }
}

impl From<TapsArg> for Taps {
    fn from(taps: TapsArg) -> Self {
        match taps {
            TapsArg::BeforeRelu => Self::BeforeRelu,
            TapsArg::AfterRelu => Self::AfterRelu,
        }
    }
}
