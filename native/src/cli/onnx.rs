//! The options of `run` and `measure` for a network from an ONNX file.

use clap::Args;
use prediction_depth::nets::onnx::{AskedScale, ChannelPlace};

use super::{ChannelsArg, ONNX};

#[derive(Args)]
#[command(next_help_heading = ONNX)]
pub struct OnnxArgs {
    /// Name of the input that takes the examples [default: the only one]
    #[arg(long, value_name = "NAME", requires = "onnx_model")]
    pub input: Option<String>,
    /// Name of the output that holds the classes [default: the only one]
    #[arg(long, value_name = "NAME", requires = "onnx_model")]
    pub output: Option<String>,
    /// What is subtracted from pixels times --scale: one number, or one for each channel [default: what the file says, else
    /// 0]
    ///
    /// If neither the file nor --mean, --std or --scale says which values the network expects, it is guessed by the
    /// network's accuracy on training images, and said.
    #[arg(long, value_name = "F,F,...", value_delimiter = ',', requires = "onnx_model")]
    pub mean: Option<Vec<f64>>,
    /// What pixels are divided by, after --scale and --mean [default: what the file says, else 1]
    #[arg(long, value_name = "F,F,...", value_delimiter = ',', requires = "onnx_model")]
    pub std: Option<Vec<f64>>,
    /// What pixels, 0 to 255, are multiplied by: a number, or a fraction such as 1/255 [default: what the file says, else
    /// 1/255]
    #[arg(long, value_name = "F", value_parser = scale, requires = "onnx_model")]
    pub scale: Option<f64>,
    /// Where the input has the channels of an image [default: what its dimensions tell]
    #[arg(long, value_enum, requires = "onnx_model")]
    pub channels: Option<ChannelsArg>,
}

impl OnnxArgs {
    pub fn asked_scale(&self) -> AskedScale {
        AskedScale { scale: self.scale, mean: self.mean.clone(), std: self.std.clone() }
    }

    pub fn channel_place(&self) -> Option<ChannelPlace> {
        self.channels.map(|channels| match channels {
            ChannelsArg::First => ChannelPlace::First,
            ChannelsArg::Last => ChannelPlace::Last,
        })
    }
}

fn scale(text: &str) -> Result<f64, String> {
    let (number, parts) = text.split_once('/').unwrap_or((text, "1"));
    let scale = number.parse::<f64>().ok().zip(parts.parse::<f64>().ok()).map(|(number, parts)| number / parts);
    let wanted = "must be a number above 0, or a fraction such as 1/255";
    scale.filter(|scale| *scale > 0.0 && scale.is_finite()).ok_or_else(|| wanted.into())
}

#[cfg(test)]
mod tests {
    use super::scale;

    #[test]
    fn a_scale_is_a_number_or_a_fraction() {
        assert_eq!(scale("1/255"), Ok(1.0 / 255.0));
        assert_eq!(scale("2"), Ok(2.0));
        assert!(["", "0", "-1", "1/0", "a", "inf"].iter().all(|text| scale(text).is_err()));
    }
}
