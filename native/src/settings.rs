//! The resolved settings of a run: everything that determines its result, and nothing else. Written as `config.toml`.

use prediction_depth::data::{Dataset, NoiseSettings, Split, split};
use prediction_depth::experiment::{Experiment, MeasureOptions};
use prediction_depth::nets::{Architecture, Net};
use prediction_depth::train::Recipe;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::accelerator::accelerator;
use crate::cli::{MeasuringArgs, ModelArgs};
use crate::files::{hash_of, hex};
use crate::machine::check_network;
use crate::preset;

/// Maximum length of a data set's name in the name of a folder, in characters: file systems allow 255 bytes.
const LONGEST_NAME: usize = 50;

/// The settings of a run. Device and memory are not included, since they do not change the results.
#[derive(Clone, Serialize, Deserialize)]
pub struct Settings {
    pub seed: u64,
    pub data: DataSettings,
    pub network: Architecture,
    pub training: Recipe,
    /// SHA-256 of weights that come from elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights_sha256: Option<String>,
    /// `None` for a run that was only trained.
    #[serde(flatten)]
    pub measuring: Option<MeasureOptions>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct DataSettings {
    pub name: String,
    pub training_images: usize,
    /// Seed that selected the training images, if not all were used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_seed: Option<u64>,
    /// Number of images of the data set's own validation split, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_images: Option<usize>,
    pub test_images: usize,
    pub sha256: String,
    #[serde(flatten)]
    pub noise: NoiseSettings,
}

impl Settings {
    /// Resolves the settings of a run that trains, and also measures if `measuring` is given.
    pub fn new(model: &ModelArgs, measuring: Option<MeasureOptions>, dataset: &Dataset) -> anyhow::Result<Self> {
        let data = DataSettings {
            sample_seed: model.data.examples.map(|_| model.data.sample_seed),
            noise: NoiseSettings {
                label_noise: model.data.label_noise,
                noise: preset::noise(model),
                noise_seed: model.data.noise_seed,
            },
            ..DataSettings::from_dataset(dataset)
        };
        let training = split(dataset, model.seed)?.iter().filter(|split| **split == Split::Train).count();
        Ok(Self {
            seed: model.seed,
            data,
            network: preset::network(&model.net, model.training.preset)?,
            training: preset::recipe(model, training)?,
            weights_sha256: None,
            measuring,
        })
    }

    /// Creates the experiment of this run. Fails before a long training if something after it would fail.
    pub fn experiment(&self, dataset: &Dataset) -> anyhow::Result<Experiment> {
        let (shape, classes) = (dataset.images.shape(), dataset.classes.len());
        check_network(&self.network, shape, classes)?;
        let experiment = Experiment::new(dataset.clone(), &self.data.noise, self.seed)?;
        experiment.check_sense(&self.network, self.training.augmentation)?;
        self.training.check()?;
        self.training.check_length(experiment.examples(Split::Train).len())?;
        self.training.augmentation.check([shape[1], shape[2]])?;
        if let Some(measuring) = &self.measuring {
            experiment.check_probing(&measuring.probing)?;
        }
        Ok(experiment)
    }

    /// Creates the untrained network.
    pub fn new_network(&self, experiment: &Experiment) -> anyhow::Result<Net> {
        Ok(experiment.network(&self.network, self.seed, &accelerator())?)
    }

    pub fn to_toml(&self) -> anyhow::Result<String> {
        Ok(toml::to_string(self)?)
    }

    /// Returns a hash that is equal for runs with equal results.
    pub fn hash(&self) -> anyhow::Result<String> {
        Ok(hash_of(self.to_toml()?.as_bytes()))
    }

    /// Returns a one-line description.
    pub fn title(&self) -> String {
        let noise = match (self.data.noise.label_noise, self.data.noise.noise_seed) {
            (0.0, _) => String::new(),
            (noise, 0) => format!(", {} % of the training labels flipped", percentage(noise)),
            (noise, seed) => format!(", {} % of the training labels flipped by seed {seed}", percentage(noise)),
        };
        format!("{} on {} data{noise}, seed {}", self.network, self.data.name, self.seed)
    }

    /// Returns a name for the run's folder.
    pub fn name(&self) -> anyhow::Result<String> {
        Ok(format!("{}-{}-{}", part_of_name(&self.data.name), self.network.kind(), &self.hash()?[..10]))
    }
}

/// Returns a fraction as a percentage without the errors of binary fractions: 0.07 as 7.
fn percentage(fraction: f64) -> f64 {
    (fraction * 1e8).round() / 1e6
}

/// Returns a text as a part of a folder's name: it is no hidden folder, leads nowhere else, and is not too long.
pub fn part_of_name(text: &str) -> String {
    let kept = |letter: char| if letter.is_alphanumeric() || "._".contains(letter) { letter } else { '-' };
    let name: String = text.chars().map(kept).take(LONGEST_NAME).collect();
    match name.trim_matches(['.', '-']) {
        "" => "data".into(),
        name => name.into(),
    }
}

impl From<&MeasuringArgs> for MeasureOptions {
    fn from(arguments: &MeasuringArgs) -> Self {
        let (depth_only, representations) = (arguments.depth_only, arguments.representations);
        Self { probing: arguments.probing(), depth_only, representations }
    }
}

impl DataSettings {
    /// Draws the training images of these settings from the whole data set.
    pub fn sample(&self, dataset: Dataset) -> anyhow::Result<Dataset> {
        Ok(dataset.sample(self.training_images, self.sample_seed.unwrap_or_default())?)
    }

    /// Describes a data set without noise.
    pub fn from_dataset(dataset: &Dataset) -> Self {
        Self {
            name: dataset.name.clone(),
            training_images: dataset.training,
            sample_seed: None,
            validation_images: (dataset.validation > 0).then_some(dataset.validation),
            test_images: dataset.labels.len() - dataset.training - dataset.validation,
            sha256: hash_of_data(dataset),
            noise: NoiseSettings::default(),
        }
    }
}

fn hash_of_data(dataset: &Dataset) -> String {
    let mut hash = Sha256::new();
    for side in dataset.images.shape() {
        hash.update((side as u64).to_le_bytes());
    }
    hash.update(dataset.images.pixels());
    for label in &dataset.labels {
        hash.update(label.to_le_bytes());
    }
    hash.update(dataset.classes.join("\n"));
    if dataset.validation > 0 {
        hash.update((dataset.validation as u64).to_le_bytes());
    }
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_run_stays_in_its_folder() {
        let names = ["fashion-mnist", "..", ".hidden", "a/b\\c", "my data\n.csv", "Hüte.csv", "", "-x-"];
        let wanted = ["fashion-mnist", "data", "hidden", "a-b-c", "my-data-.csv", "Hüte.csv", "data", "x"];
        assert_eq!(names.map(part_of_name), wanted);
        assert!(part_of_name(&"字".repeat(1000)).len() <= 200);
    }

    #[test]
    fn percentages_are_round() {
        assert_eq!([0.07, 0.05, 0.4, 1.0 / 3.0].map(percentage), [7.0, 5.0, 40.0, 33.333_333]);
    }
}
