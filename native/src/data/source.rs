//! Where the data of a run come from. A run folder and a plan remember it, so that `measure` and `merge` find the data again.

use std::env;
use std::path::{Path, PathBuf};

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
    /// Folder in which the options were given, if a relative path may be among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given_in: Option<PathBuf>,
    /// The user's answers where files have several readings.
    #[serde(flatten)]
    pub options: ReadOptions,
}

impl DataSource {
    /// Returns data that are named by options given in the current folder.
    pub fn given(data: String, data_dir: Option<PathBuf>, options: ReadOptions) -> Self {
        let relative = |path: &Path| path.is_relative() && path.exists();
        let may_be_relative = relative(Path::new(&data)) || data_dir.as_deref().is_some_and(relative);
        let given_in = may_be_relative.then(env::current_dir).and_then(Result::ok);
        Self { data, data_dir, given_in, options }
    }

    /// Returns the same data with another, absolute folder to search first.
    pub fn with_data_dir(self, folder: PathBuf) -> Self {
        Self { data_dir: Some(folder), ..self }
    }

    /// Returns the places of a path: as given, and seen from the folder in which it was given.
    pub fn places(&self, path: &Path) -> Vec<PathBuf> {
        let before = self.given_in.as_ref().map(|folder| folder.join(path));
        [Some(path.to_owned()), before].into_iter().flatten().collect()
    }

    /// Returns the first place of a path where something is; without one, the path as given.
    pub fn place(&self, path: &Path) -> PathBuf {
        self.places(path).into_iter().find(|place| place.exists()).unwrap_or_else(|| path.to_owned())
    }
}

impl From<&DataArgs> for DataSource {
    fn from(arguments: &DataArgs) -> Self {
        Self::given(arguments.data.clone(), arguments.data_dir.clone(), (&arguments.reading).into())
    }
}
