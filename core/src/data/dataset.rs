//! A data set: images, labels and class names.

use super::images::{Images, Labeled};
use super::noise::{NoiseSettings, flip_labels};
use crate::class::Class;
use crate::error::{Error, Result, same_length};

/// A labelled data set in a fixed order: training images first, then the data set's own test images. The position of an
/// example is its `id`.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Name of the data set.
    pub name: String,
    /// Description and origin.
    pub source: String,
    /// All images, `[examples, channels, height, width]`.
    pub images: Images,
    /// All labels, `[examples]`.
    pub labels: Vec<Class>,
    /// Number of training images.
    pub training: usize,
    /// Names of the classes, `[classes]`.
    pub classes: Vec<String>,
}

impl Dataset {
    /// Joins training and test images.
    ///
    /// # Errors
    /// [`Error::Empty`] without training images, [`Error::Mismatch`] if the images differ in shape.
    pub fn new(name: &str, source: &str, training: Labeled, test: Labeled, classes: Vec<String>) -> Result<Self> {
        if training.labels.is_empty() {
            return Err(Error::Empty { what: "the set of training images".into() });
        }
        for (side, [of_training, of_test]) in
            ["channels", "rows", "columns"].iter().zip(training.images.sides(&test.images))
        {
            same_length(&format!("{side} of the test images, as of the training images"), of_training, of_test)?;
        }
        let count = training.labels.len();
        let labels = [training.labels, test.labels].concat();
        let images = Images::new([training.images.pixels(), test.images.pixels()].concat(), training.images.shape())?;
        Ok(Self { name: name.into(), source: source.into(), images, labels, training: count, classes })
    }

    /// Returns the given labels, `[examples]`: the labels of training images with noise; test images keep theirs.
    ///
    /// # Errors
    /// Any error of [`flip_labels`].
    pub fn given_labels(&self, noise: &NoiseSettings) -> Result<Vec<Class>> {
        let (training, test) = self.labels.split_at(self.training);
        let NoiseSettings { label_noise, noise, noise_seed } = *noise;
        Ok([&flip_labels(training, noise, label_noise, self.classes.len(), noise_seed)?, test].concat())
    }

    /// Keeps the first `count` training images and all test images.
    ///
    /// # Errors
    /// [`Error::Setting`] if `count` is 0 or larger than the number of training images.
    pub fn first(mut self, count: usize) -> Result<Self> {
        if count == 0 || count > self.training {
            let remedy = format!("choose from 1 to {}, the number of training images", self.training);
            return Err(Error::Setting { name: "examples", value: count.to_string(), remedy });
        }
        let kept: Vec<usize> = (0..count).chain(self.training..self.labels.len()).collect();
        self.labels = kept.iter().map(|&id| self.labels[id]).collect();
        self.images = self.images.select(&kept)?;
        self.training = count;
        Ok(self)
    }
}
