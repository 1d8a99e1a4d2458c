//! The resolved settings of a run: what decides its result, and nothing else. Written as `config.toml`.

use prediction_depth::data::Dataset;
use prediction_depth::measure::Probing;
use prediction_depth::nets::Architecture;
use prediction_depth::train::Recipe;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::cli::{NetArg, RunArgs};

/// All settings of a run. The device and the memory are not among them: the neighbours are the same with all of them.
#[derive(Serialize)]
pub struct Settings {
    pub seed: u64,
    pub data: DataSettings,
    pub network: Architecture,
    pub training: Recipe,
    pub probing: Probing,
    pub depth_only: bool,
    pub representations: bool,
}

#[derive(Serialize)]
pub struct DataSettings {
    pub name: String,
    pub training_images: usize,
    pub test_images: usize,
    pub sha256: String,
    pub label_noise: f64,
    pub noise_seed: u64,
}

impl Settings {
    pub fn new(arguments: &RunArgs, dataset: &Dataset) -> anyhow::Result<Self> {
        Ok(Self {
            seed: arguments.seed,
            data: DataSettings {
                name: dataset.name.clone(),
                training_images: dataset.training,
                test_images: dataset.labels.len() - dataset.training,
                sha256: hash_of_data(dataset),
                label_noise: arguments.label_noise,
                noise_seed: arguments.noise_seed,
            },
            network: match arguments.net {
                NetArg::Mlp => Architecture::Mlp { hidden: scaled(&arguments.hidden, arguments.width) },
                NetArg::VggSmall => Architecture::vgg_small(arguments.width)?,
                NetArg::ResnetSmall => Architecture::resnet_small(arguments.width)?,
                NetArg::Resnet18 => Architecture::resnet18(arguments.width)?,
                NetArg::Vgg16 => Architecture::vgg16(arguments.width)?,
            },
            training: Recipe {
                epochs: arguments.epochs,
                batch: arguments.batch,
                learning_rate: arguments.learning_rate,
                momentum: arguments.momentum,
                seed: arguments.seed,
            },
            probing: Probing { k: arguments.k, ties: arguments.ties.into(), include_self: arguments.include_self },
            depth_only: arguments.depth_only,
            representations: arguments.representations,
        })
    }

    pub fn to_toml(&self) -> anyhow::Result<String> {
        Ok(toml::to_string(self)?)
    }

    /// Equal for runs that must come out equal.
    pub fn hash(&self) -> anyhow::Result<String> {
        Ok(hex(&Sha256::digest(self.to_toml()?)))
    }

    /// A line for people.
    pub fn title(&self) -> String {
        let noise = match self.data.label_noise {
            0.0 => String::new(),
            noise => format!(", {} % of the training labels flipped", 100.0 * noise),
        };
        format!("{} on {} data{noise}, seed {}", self.network, self.data.name, self.seed)
    }

    /// A name for the run's folder.
    pub fn name(&self) -> anyhow::Result<String> {
        Ok(format!("{}-{}-{}", self.data.name, self.network.kind(), &self.hash()?[..10]))
    }
}

fn scaled(widths: &[usize], factor: f64) -> Vec<usize> {
    widths.iter().map(|&width| (width as f64 * factor).round() as usize).collect()
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
    hex(&hash.finalize())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
