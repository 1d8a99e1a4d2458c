//! The resolved settings of `pdepth depth`: everything that determines its result, and nothing else. Written as
//! `config.toml`.

use prediction_depth::activations::{RecordingsSummary, repeated_splits};
use prediction_depth::experiment::MeasureOptions;
use prediction_depth::pooling::Pooling;
use prediction_depth::study::Study;
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
    /// `read` is what was read; `hashes` are those of the splits in order, each with that of its neighbours.
    pub fn new(
        title: String,
        read: &RecordingsSummary,
        hashes: Vec<(String, Option<String>)>,
        pooling: Pooling,
        measuring: MeasureOptions,
    ) -> Self {
        let splits = read.splits.iter().zip(hashes);
        let activations = splits.map(|(size, (sha256, neighbors_sha256))| SplitSettings {
            split: size.split.clone(),
            examples: size.examples,
            sha256,
            neighbors_sha256,
        });
        Self { title, activations: activations.collect(), pooling, measuring }
    }

    /// Returns the warnings about the splits and those about the study.
    pub fn warnings(&self, study: &Study) -> Vec<String> {
        [self.warnings_of_splits(), study.warnings()].concat()
    }

    /// Returns the warnings about the splits, which are known before anything is measured.
    pub fn warnings_of_splits(&self) -> Vec<String> {
        let splits = self.activations.iter().map(|split| (split.split.as_str(), split.sha256.as_str()));
        repeated_splits(&splits.collect::<Vec<_>>())
    }
}

impl FolderSettings for DepthSettings {
    const COMMAND: &'static str = "depth";

    fn title(&self) -> &str {
        &self.title
    }
}
