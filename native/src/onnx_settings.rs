//! The resolved settings of a measurement of an ONNX file: everything that determines its result, and nothing else.
//! Written as `config.toml`.

use prediction_depth::data::Preprocessing;
use prediction_depth::experiment::MeasureOptions;
use prediction_depth::nets::onnx::ChannelPlace;
use serde::{Deserialize, Serialize};

use crate::finish_depth::FolderSettings;
use crate::settings::DataSettings;

/// The settings. Device and memory are not included, since they do not change the result.
#[derive(Serialize, Deserialize)]
pub struct OnnxSettings {
    pub title: String,
    pub data: DataSettings,
    pub onnx: OnnxModelSettings,
    pub preprocessing: Preprocessing,
    #[serde(flatten)]
    pub measuring: MeasureOptions,
}

/// The network.
#[derive(Serialize, Deserialize)]
pub struct OnnxModelSettings {
    /// Hash of the file, and of what lies beside it.
    pub sha256: String,
    /// Input, taps, softmax.
    pub layers: Vec<String>,
    pub channels: ChannelPlace,
    /// Name of the output, if it was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

impl FolderSettings for OnnxSettings {
    const COMMAND: &'static str = "onnx";

    fn title(&self) -> &str {
        &self.title
    }
}
