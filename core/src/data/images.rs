//! Images and their preprocessing.

use std::sync::Arc;

use crate::class::Class;
use crate::error::{Error, Result, same_length};
use crate::product::product;

/// Pixels 0..=255, [examples, channels, height, width]. Clones share the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    pixels: Arc<Vec<u8>>,
    shape: [usize; 3],
}

impl Images {
    /// Creates images of `shape` [channels, height, width] from their concatenated pixels.
    ///
    /// # Errors
    /// [`Error::Empty`] for a side of 0, [`Error::Mismatch`] if the last image is incomplete.
    pub fn new(pixels: Vec<u8>, shape: [usize; 3]) -> Result<Self> {
        let size = product(&shape).ok_or(Error::TooLarge { rows: shape[1], cols: shape[2] })?;
        if size == 0 {
            return Err(Error::Empty { what: "each image".into() });
        }
        same_length("bytes of whole images", pixels.len().next_multiple_of(size), pixels.len())?;
        Ok(Self { pixels: Arc::new(pixels), shape })
    }

    /// Returns the number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / self.size()
    }

    /// Returns whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Returns [channels, height, width].
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Returns the number of bytes of an image.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// Returns all pixels.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Returns all pixels, without a copy if no clone shares them.
    pub(super) fn into_pixels(self) -> Vec<u8> {
        Arc::try_unwrap(self.pixels).unwrap_or_else(|shared| shared.to_vec())
    }

    /// Returns the pixels of one image, `[channels, height, width]`.
    ///
    /// # Panics
    /// If `id` is out of range.
    pub fn image(&self, id: usize) -> &[u8] {
        &self.pixels[id * self.size()..(id + 1) * self.size()]
    }

    /// Returns these images, in this order.
    ///
    /// # Errors
    /// None in practice: the shape was checked when these images were created.
    pub fn select(&self, ids: &[usize]) -> Result<Self> {
        Self::new(ids.iter().flat_map(|&id| self.image(id)).copied().collect(), self.shape)
    }

    /// Returns the sides of both, in pairs.
    pub(super) fn sides(&self, other: &Self) -> [[usize; 2]; 3] {
        [0, 1, 2].map(|side| [self.shape[side], other.shape[side]])
    }
}

/// No images, of one pixel each.
impl Default for Images {
    fn default() -> Self {
        Self { pixels: Arc::default(), shape: [1, 1, 1] }
    }
}

/// Images and their labels.
#[derive(Clone, Debug)]
pub struct Labeled {
    /// `[examples, channels, height, width]`
    pub images: Images,
    /// `[examples]`
    pub labels: Vec<Class>,
    /// The user's names of the examples, `[examples]`: file names or keys. Empty if there are none.
    pub names: Vec<String>,
}

impl Labeled {
    /// Checks that each image has a label and each label is a class.
    ///
    /// # Errors
    /// [`Error::Mismatch`] or [`Error::BadLabel`].
    pub fn new(images: Images, labels: Vec<Class>, classes: usize) -> Result<Self> {
        same_length("labels, one for each image", images.len(), labels.len())?;
        check_labels(&labels, classes)?;
        Ok(Self { images, labels, names: Vec::new() })
    }

    /// Returns the same examples with the user's names for them, `[examples]`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there are names, but not one for each example.
    pub fn named(self, names: Vec<String>) -> Result<Self> {
        if !names.is_empty() {
            same_length("names, one for each example", self.labels.len(), names.len())?;
        }
        Ok(Self { names, ..self })
    }

    /// Returns whether the examples have names.
    pub(super) fn is_named(&self) -> bool {
        !self.names.is_empty()
    }

    /// Gives these examples empty names if they have none, but those of other parts are `named`.
    pub(super) fn fill_names(&mut self, named: bool) {
        if named && self.names.is_empty() {
            self.names = vec![String::new(); self.labels.len()];
        }
    }
}

pub(crate) fn check_labels(labels: &[Class], classes: usize) -> Result<()> {
    match labels.iter().position(|&label| label as usize >= classes) {
        Some(example) => Err(Error::BadLabel { example, label: labels[example].into(), classes }),
        None => Ok(()),
    }
}

/// Standardisation of pixels: (pixel / 255 - mean) / std, per channel. It is stored with the network, whose accuracy
/// depends on it: without it, a network with 99 % accuracy scored 94 %.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Preprocessing {
    /// `[channels]`
    pub mean: Vec<f32>,
    /// `[channels]`
    pub std: Vec<f32>,
}

impl Preprocessing {
    /// Computes mean and standard deviation of each channel over these images. A constant channel has standard
    /// deviation 1.
    pub fn from_images(images: &Images) -> Self {
        let [channels, height, width] = images.shape();
        let mut sums = vec![[0.0_f64; 2]; channels];
        for (place, plane) in images.pixels().chunks_exact(height * width).enumerate() {
            for &pixel in plane {
                let value = f64::from(pixel) / 255.0;
                sums[place % channels][0] += value;
                sums[place % channels][1] += value * value;
            }
        }
        let count = (images.len() * height * width).max(1) as f64;
        let mean: Vec<f64> = sums.iter().map(|[sum, _]| sum / count).collect();
        let std = sums.iter().zip(&mean).map(|([_, squares], mean)| (squares / count - mean * mean).max(0.0).sqrt());
        let std = std.map(|std| if std > 1e-6 { std as f32 } else { 1.0 }).collect();
        Self { mean: mean.iter().map(|&mean| mean as f32).collect(), std }
    }

    /// Returns the network's inputs for these images, `[images * channels * height * width]`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the number of channels differs.
    pub fn apply(&self, images: &Images) -> Result<Vec<f32>> {
        let [channels, height, width] = images.shape();
        same_length("channels of the images, as of the preprocessing", self.mean.len(), channels)?;
        same_length("deviations of the preprocessing", self.mean.len(), self.std.len())?;
        let planes = images.pixels().chunks_exact(height * width).enumerate();
        let values = planes.flat_map(|(place, plane)| {
            let (mean, std) = (self.mean[place % channels], self.std[place % channels]);
            plane.iter().map(move |&pixel| (f32::from(pixel) / 255.0 - mean) / std)
        });
        Ok(values.collect())
    }
}
