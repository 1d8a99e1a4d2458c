//! The resolved settings of `pdepth settle`: everything that determines its result, and nothing else. Written as
//! `config.toml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finish_depth::FolderSettings;

/// The settings.
#[derive(Serialize, Deserialize)]
pub struct SettleSettings {
    pub title: String,
    /// The largest distance at which a layer agrees with the network; without it classes are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_distance: Option<f64>,
    /// Hash of each file, by the name of its option.
    pub sha256: BTreeMap<String, String>,
}

impl FolderSettings for SettleSettings {
    const COMMAND: &'static str = "settle";

    fn title(&self) -> &str {
        &self.title
    }
}
