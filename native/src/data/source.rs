//! Where the data of a run come from. A run folder and a plan remember it, so that `measure` and `merge` find the data again.

use std::path::PathBuf;

use prediction_depth::data::ReadOptions;
use serde::{Deserialize, Serialize};

use crate::cli::DataArgs;

/// The options that select the data. Only the content of the data matters, not their place.
#[derive(Clone, Serialize, Deserialize)]
pub struct DataSource {
    /// A name, a folder or a file.
    pub data: String,
    /// Folder to search first for named data sets.
    pub data_dir: Option<PathBuf>,
    /// The user's answers where files have several readings.
    #[serde(flatten)]
    pub options: ReadOptions,
}

impl From<&DataArgs> for DataSource {
    fn from(arguments: &DataArgs) -> Self {
        Self {
            data: arguments.data.clone(),
            data_dir: arguments.data_dir.clone(),
            options: (&arguments.reading).into(),
        }
    }
}
