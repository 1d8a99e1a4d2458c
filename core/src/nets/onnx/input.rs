//! The input of a graph: which dimension of the examples goes where.

use rten::Value;
use rten_onnx::onnx::{DataType, ValueInfoProto};
use rten_tensor::Tensor;

use super::nodes::{dims, element, name_of, wrong};
use crate::error::Result;

/// Where a network's input has the channels of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelPlace {
    /// [examples, channels, height, width], as in PyTorch.
    First,
    /// [examples, height, width, channels], as in TensorFlow.
    Last,
}

/// How an example becomes the input of a graph.
pub(super) struct InputPlan {
    /// The dimensions of an example in the graph.
    pub sides: Vec<usize>,
    /// Number of examples, if the file fixes it.
    pub batch: Option<usize>,
    pub channels: ChannelPlace,
    kind: DataType,
    /// Channels, and pixels of each.
    image: [usize; 2],
}

impl InputPlan {
    /// Plans the input for examples of `shape` [channels, height, width].
    pub fn new(input: &ValueInfoProto, shape: [usize; 3], asked: Option<ChannelPlace>) -> Result<Self> {
        let place = format!("input {:?}", name_of(input));
        let kind = element(input).unwrap_or(DataType(0));
        let kinds =
            [DataType::FLOAT, DataType::FLOAT16, DataType::DOUBLE, DataType::INT32, DataType::INT64, DataType::UINT8];
        if !kinds.contains(&kind) {
            let kind = kind.name().unwrap_or("of an unknown type");
            return Err(wrong(place, format!("its values are {kind}; float32 or whole numbers can be given")));
        }
        let wanted = dims(input).filter(|wanted| !wanted.is_empty());
        let wanted = wanted.ok_or_else(|| wrong(&place, "the file does not say its dimensions: export it again"))?;
        let [channels, height, width] = shape;
        let one = channels == 1;
        let first =
            [(vec![channels, height, width], true), (vec![height, width], one), (vec![width], one && height == 1)];
        let flat = (vec![shape.iter().product()], true);
        let last = (vec![height, width, channels], true);
        let fits = |(sides, possible): &(Vec<usize>, bool)| {
            let all = wanted[1..].iter().zip(sides);
            *possible
                && wanted.len() == sides.len() + 1
                && all.clone().all(|(wanted, side)| wanted.is_none_or(|wanted| wanted == *side))
        };
        let found_first = first.into_iter().find(&fits);
        let found_last = Some(last).filter(|last| fits(last));
        let (sides, channels_at) = match (asked, found_first, found_last) {
            (Some(ChannelPlace::Last), _, Some((sides, _))) => (sides, ChannelPlace::Last),
            (None, None, Some((sides, _))) => (sides, ChannelPlace::Last),
            (None, Some((sides, _)), Some(_)) if channels > 1 => {
                // Free dimensions fit both; so does an image as high as it has channels.
                if wanted[1..].iter().any(Option::is_some)
                    && wanted.get(1) == Some(&Some(channels))
                    && wanted.get(3) != Some(&Some(channels))
                {
                    (sides, ChannelPlace::First)
                } else {
                    let problem =
                        "images fit it with their channels first and last: say which (--channels first or last)";
                    return Err(wrong(place, problem));
                }
            }
            (None | Some(ChannelPlace::First), Some((sides, _)), _) => (sides, ChannelPlace::First),
            (None | Some(ChannelPlace::First), None, _) if fits(&flat) => (flat.0, ChannelPlace::First),
            _ => {
                let side = |side: &Option<usize>| side.map_or("free".to_owned(), |side| side.to_string());
                let wanted: Vec<String> = wanted.iter().map(side).collect();
                let problem = format!(
                    "it is [{}], examples first, and the examples are {channels} x {height} x {width} (channels, height, \
                     width): bring the data to the size that the network takes (--image-size, for a folder of images)",
                    wanted.join(", ")
                );
                return Err(wrong(place, problem));
            }
        };
        let batch = match wanted[0] {
            Some(0) => return Err(wrong(place, "its batch size is 0: export the network again")),
            batch => batch,
        };
        Ok(Self { sides, batch, channels: channels_at, kind, image: [channels, height * width] })
    }

    /// Returns whether the input holds whole numbers, such as token ids.
    pub fn is_whole(&self) -> bool {
        ![DataType::FLOAT, DataType::FLOAT16, DataType::DOUBLE].contains(&self.kind)
    }

    /// Returns the input of the graph for examples [channels * height * width], one after another.
    pub fn value(&self, values: Vec<f32>) -> Value {
        let [channels, pixels] = self.image;
        let examples = values.len() / (channels * pixels).max(1);
        let values = if self.channels == ChannelPlace::Last && channels > 1 {
            let images = values.chunks_exact(channels * pixels);
            let turned =
                images.flat_map(|image| (0..channels * pixels).map(|at| image[at % channels * pixels + at / channels]));
            turned.collect()
        } else {
            values
        };
        let shape: Vec<usize> = [examples].iter().chain(&self.sides).copied().collect();
        match self.kind {
            DataType::UINT8 => {
                let bytes: Vec<u8> = values.into_iter().map(|value| value.round() as u8).collect();
                Tensor::from_data(&shape[..], bytes).into()
            }
            DataType::INT32 | DataType::INT64 => {
                let wholes: Vec<i32> = values.into_iter().map(|value| value.round() as i32).collect();
                Tensor::from_data(&shape[..], wholes).into()
            }
            _ => Tensor::from_data(&shape[..], values).into(),
        }
    }
}
