//! The options that make the network.

use clap::{Args, ValueEnum};
use prediction_depth::nets::{Norm, Taps};

use super::positive;

#[derive(Args, Clone)]
pub struct NetArgs {
    /// The network: a perceptron; a VGG of 4 convolutions or a ResNet of 3 blocks, for small images; VGG-16 or ResNet-18
    #[arg(long, value_enum, default_value_t = NetArg::Mlp)]
    pub net: NetArg,
    /// So many times as many units or maps in each layer
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = positive)]
    pub width: f64,
    /// Units of each hidden layer of the perceptron [default: 64,64,64,64,64; seven times 2048 with --preset paper]
    #[arg(long, value_delimiter = ',', value_name = "N,N,...")]
    pub hidden: Option<Vec<usize>>,
    /// What is normalised after convolutions: groups of an image's maps (a ResNet has that unless said otherwise), each map over the batch
    /// (a ResNet or a VGG), or nothing (a VGG)
    #[arg(long, value_enum)]
    pub norm: Option<NormArg>,
    /// Where layers are probed [default: before the ReLU of a ResNet's sums, after any other]
    #[arg(long, value_enum)]
    pub taps: Option<TapsArg>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NetArg {
    Mlp,
    VggSmall,
    ResnetSmall,
    Vgg16,
    Resnet18,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum NormArg {
    Group,
    Batch,
    None,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum TapsArg {
    BeforeRelu,
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
