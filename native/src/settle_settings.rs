//! The resolved settings of `pdepth settle`: everything that determines its result, and nothing else. Written as
//! `config.toml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finish_depth::FolderSettings;
use crate::settings::part_of_name;

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

impl SettleSettings {
    /// Returns a name for the run's folder.
    pub fn name(&self) -> anyhow::Result<String> {
        Ok(format!("{}-settle-{}", part_of_name(&self.title), &self.hash()?[..10]))
    }
}

impl FolderSettings for SettleSettings {
    fn title(&self) -> &str {
        &self.title
    }

    fn to_toml(&self) -> anyhow::Result<String> {
        Ok(toml::to_string(self)?)
    }
}
