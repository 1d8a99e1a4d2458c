//! The data in files, before the classes are numbered.

use crate::data::Images;

/// Images and the names of their classes.
pub type NamedImages = (Images, Vec<String>);

/// The result of a reader.
pub struct ReadFiles {
    pub training: NamedImages,
    pub test: Option<NamedImages>,
    /// All classes in order, if the files name them.
    pub classes: Option<Vec<String>>,
    /// Description of changes to the data, appended to their name.
    pub note: &'static str,
}

impl From<(NamedImages, Option<NamedImages>)> for ReadFiles {
    fn from((training, test): (NamedImages, Option<NamedImages>)) -> Self {
        Self { training, test, classes: None, note: "" }
    }
}

impl From<NamedImages> for ReadFiles {
    fn from(training: NamedImages) -> Self {
        (training, None).into()
    }
}

/// Returns whether a file name has this extension, optionally followed by `.gz`.
pub fn ends(name: &str, extension: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.trim_end_matches(".gz").ends_with(&format!(".{extension}"))
}
