//! The resolved settings of `pdepth depth`: everything that determines its result, and nothing else. Written as
//! `config.toml`.

use prediction_depth::activations::Recordings;
use prediction_depth::experiment::MeasureOptions;
use prediction_depth::pooling::Pooling;
use serde::{Deserialize, Serialize};

use crate::finish_depth::FolderSettings;

/// The settings. Device and memory are not included, since they do not change the result.
#[derive(Serialize, Deserialize)]
pub struct DepthSettings {
    pub title: String,
    /// The splits, the training split first.
    pub activations: Vec<SplitSettings>,
    #[serde(default, skip_serializing_if = "Pooling::is_none")]
    pub pooling: Pooling,
    #[serde(flatten)]
    pub measuring: MeasureOptions,
}

/// A split.
#[derive(Serialize, Deserialize)]
pub struct SplitSettings {
    pub split: String,
    pub examples: usize,
    pub sha256: String,
    /// Hash of the neighbours, if they were found elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub neighbors_sha256: Option<String>,
}

impl DepthSettings {
    /// `hashes` are those of the splits in order, each with that of its neighbours.
    pub fn new(
        title: String,
        recordings: &Recordings,
        hashes: Vec<(String, Option<String>)>,
        measuring: MeasureOptions,
    ) -> Self {
        let splits = recordings.summary().splits.into_iter().zip(hashes);
        let activations = splits.map(|(size, (sha256, neighbors_sha256))| SplitSettings {
            split: size.split,
            examples: size.examples,
            sha256,
            neighbors_sha256,
        });
        Self { title, activations: activations.collect(), pooling: recordings.pooling(), measuring }
    }
}

impl FolderSettings for DepthSettings {
    const COMMAND: &'static str = "depth";

    fn title(&self) -> &str {
        &self.title
    }

    fn to_toml(&self) -> anyhow::Result<String> {
        Ok(toml::to_string(self)?)
    }
}
