//! A data set: images, labels and class names.

use std::collections::HashSet;

use super::images::{Images, Labeled};
use super::noise::{NoiseSettings, flip_labels};
use super::report::ReadReport;
use super::sample::stratified;
use crate::class::Class;
use crate::error::{Error, Result, same_length};

/// A labelled data set in a fixed order: training images, then the images of its own validation split, then its own test
/// images. The position of an example is its `id`.
#[derive(Clone, Debug, Default)]
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
    /// Number of images of the data set's own validation split; if 0, a validation split is drawn from the training
    /// images.
    pub validation: usize,
    /// Names of the classes, `[classes]`.
    pub classes: Vec<String>,
    /// The user's names of the examples, `[examples]`: file names or keys. Empty if there are none.
    pub names: Vec<String>,
    /// Whether the images are rows of a table, so that neighbouring pixels have nothing in common.
    pub features: bool,
    /// What was left out and what was decided while reading.
    pub report: ReadReport,
}

/// The parts of a data set, before they are joined.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Training images.
    pub training: Labeled,
    /// The data set's own validation split, if it has one.
    pub validation: Option<Labeled>,
    /// The data set's own test images, if it has some.
    pub test: Option<Labeled>,
}

impl Dataset {
    /// Joins the parts of a data set.
    ///
    /// # Errors
    /// [`Error::Empty`] without training images, [`Error::Mismatch`] if the images differ in shape, [`Error::Setting`] if
    /// two classes have the same name.
    pub fn new(name: &str, source: &str, parts: Parts, classes: Vec<String>) -> Result<Self> {
        let Parts { training, validation, test } = parts;
        check_names(&classes)?;
        if training.labels.is_empty() {
            return Err(Error::Empty { what: "the set of training images".into() });
        }
        let (count, own) = (training.labels.len(), validation.as_ref().map_or(0, |part| part.labels.len()));
        let named = [Some(&training), validation.as_ref(), test.as_ref()].into_iter().flatten().any(Labeled::is_named);
        let mut joined = training;
        joined.fill_names(named);
        let shape = joined.images.shape();
        let mut pixels = std::mem::replace(&mut joined.images, Images::new(Vec::new(), shape)?).into_pixels();
        pixels.reserve_exact([&validation, &test].into_iter().flatten().map(|part| part.images.pixels().len()).sum());
        for (part, which) in [(validation, "validation"), (test, "test")] {
            let Some(mut part) = part else { continue };
            part.fill_names(named);
            for (side, [expected, found]) in
                ["channels", "rows", "columns"].iter().zip(joined.images.sides(&part.images))
            {
                same_length(&format!("{side} of the {which} images, as of the training images"), expected, found)?;
            }
            pixels.extend_from_slice(part.images.pixels());
            joined.names.extend(part.names);
            joined.labels.extend(part.labels);
        }
        Ok(Self {
            name: name.into(),
            source: source.into(),
            images: Images::new(pixels, shape)?,
            labels: joined.labels,
            training: count,
            validation: own,
            classes,
            names: joined.names,
            ..Self::default()
        })
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

    /// Keeps `count` training images, drawn by [`stratified`]; validation and test images stay. The order of the data set
    /// stays, too. The report says how many were drawn.
    ///
    /// # Errors
    /// [`Error::Setting`] if `count` is 0 or larger than the number of training images.
    pub fn sample(self, count: usize, seed: u64) -> Result<Self> {
        if count == 0 || count > self.training {
            let remedy = format!("choose from 1 to {}, the number of training images", self.training);
            return Err(Error::Setting { name: "examples", value: count.to_string(), remedy });
        }
        if count == self.training {
            return Ok(self);
        }
        let drawn = stratified(&self.labels[..self.training], self.classes.len(), count, seed);
        let kept: Vec<usize> = drawn.into_iter().chain(self.training..self.labels.len()).collect();
        let all = self.training;
        let mut drawn = self.only(&kept, count)?;
        drawn.report.note(format!("{count} of the {all} training examples were drawn, by class, sample seed {seed}"));
        Ok(drawn)
    }

    /// Keeps these examples, of which the first `training` are training images.
    fn only(self, kept: &[usize], training: usize) -> Result<Self> {
        let names = if self.names.is_empty() { &[][..] } else { kept };
        Ok(Self {
            labels: kept.iter().map(|&id| self.labels[id]).collect(),
            names: names.iter().map(|&id| self.names[id].clone()).collect(),
            images: self.images.select(kept)?,
            training,
            ..self
        })
    }
}

/// Refuses two classes with the same name: no table could tell them apart.
fn check_names(classes: &[String]) -> Result<()> {
    let mut seen = HashSet::new();
    match classes.iter().find(|name| !seen.insert(*name)) {
        Some(name) => {
            let remedy = "two classes have this name; give each its own".into();
            Err(Error::Setting { name: "class", value: name.clone(), remedy })
        }
        None => Ok(()),
    }
}
