//! What a file says about the values that its network expects.

use rten_onnx::onnx::ModelProto;

use super::nodes::wrong;
use crate::data::Preprocessing;
use crate::error::Result;

/// Conversion of pixels, 0 to 255, into the input of a network: (pixel * scale - mean) / std, for each channel.
#[derive(Clone, Debug, PartialEq)]
pub struct InputScale {
    /// What pixels are multiplied by.
    pub scale: f64,
    /// For each channel, or one for all.
    pub mean: Vec<f64>,
    /// For each channel, or one for all.
    pub std: Vec<f64>,
}

/// What the user says of it; the rest is as the file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AskedScale {
    /// See [`InputScale::scale`].
    pub scale: Option<f64>,
    /// See [`InputScale::mean`].
    pub mean: Option<Vec<f64>>,
    /// See [`InputScale::std`].
    pub std: Option<Vec<f64>>,
}

impl AskedScale {
    /// Returns whether the user says something.
    pub fn is_some(&self) -> bool {
        *self != Self::default()
    }

    /// Returns what is asked, in place of what the file says; `None` if neither says anything.
    pub fn over(&self, said: Option<InputScale>) -> Option<InputScale> {
        let known = said.is_some() || self.is_some();
        let InputScale { scale, mean, std } = said.unwrap_or_else(InputScale::fractions);
        known.then(|| InputScale {
            scale: self.scale.unwrap_or(scale),
            mean: self.mean.clone().unwrap_or(mean),
            std: self.std.clone().unwrap_or(std),
        })
    }
}

impl InputScale {
    /// Returns fractions from 0 to 1.
    pub fn fractions() -> Self {
        Self { scale: 1.0 / 255.0, mean: vec![0.0], std: vec![1.0] }
    }

    /// Returns this for a number of channels.
    ///
    /// # Errors
    /// [`Error::Graph`](crate::Error::Graph) for another number of channels, or a value that makes no number.
    pub fn of_channels(&self, channels: usize) -> Result<Preprocessing> {
        let for_each = |name: &str, values: &[f64]| match values {
            [one] => Ok(vec![*one; channels]),
            all if all.len() == channels => Ok(all.to_vec()),
            all => {
                let problem = format!(
                    "it has {} values, and images have {channels} channels: give one for each, or one",
                    all.len()
                );
                Err(wrong(name, problem))
            }
        };
        let (mean, std) = (for_each("mean", &self.mean)?, for_each("std", &self.std)?);
        let usable = self.scale.is_finite() && self.scale > 0.0 && mean.iter().all(|mean| mean.is_finite());
        if !usable || !std.iter().all(|std| std.is_finite() && *std > 0.0) {
            return Err(wrong("mean, std, scale", "they must be finite numbers, std and scale above 0"));
        }
        // `Preprocessing` takes pixels as fractions of 255.
        let unit = 255.0 * self.scale;
        Ok(Preprocessing {
            mean: mean.iter().map(|mean| (mean / unit) as f32).collect(),
            std: std.iter().map(|std| (std / unit) as f32).collect(),
        })
    }

    /// Reads what the file says: `mean`, `std` and `scale` as numbers, or the range of pixels as ONNX defines it for
    /// images.
    pub(super) fn from_file(proto: &ModelProto) -> Result<Option<Self>> {
        let text = |key: &str| {
            let found = proto.metadata_props.iter().find(|entry| entry.key.as_deref() == Some(key));
            found.and_then(|entry| entry.value.as_deref())
        };
        let numbers = |key: &str| {
            let Some(text) = text(key) else { return Ok(None) };
            let parts = text.trim_matches(['[', ']', '(', ')', ' ']).split([',', ' ']).filter(|part| !part.is_empty());
            let numbers: Result<Vec<f64>, _> = parts.map(str::parse).collect();
            let refused =
                || wrong(format!("metadata {key:?}"), format!("{text:?} is no list of numbers: give --{key}"));
            numbers.ok().filter(|numbers| !numbers.is_empty()).map(Some).ok_or_else(refused)
        };
        let (mean, std, scale) = (numbers("mean")?, numbers("std")?, numbers("scale")?);
        if mean.is_some() || std.is_some() || scale.is_some() {
            let plain = Self::fractions();
            let scale = scale.and_then(|scale| scale.first().copied()).unwrap_or(plain.scale);
            return Ok(Some(Self { scale, mean: mean.unwrap_or(plain.mean), std: std.unwrap_or(plain.std) }));
        }
        if let Some(order) = text("Image.BitmapPixelFormat").filter(|order| order.starts_with("Bgr")) {
            let problem =
                format!("the network takes {order}, blue first, and images are read red first: export it for Rgb8");
            return Err(wrong("metadata \"Image.BitmapPixelFormat\"", problem));
        }
        Ok(match text("Image.NominalPixelRange") {
            Some("NominalRange_0_255") => Some(Self { scale: 1.0, ..Self::fractions() }),
            Some("Normalized_0_1") => Some(Self::fractions()),
            Some("Normalized_1_1") => Some(Self { mean: vec![0.5], std: vec![0.5], ..Self::fractions() }),
            _ => None,
        })
    }
}
