//! What the readers make of files.

use crate::data::Images;

/// Images and the names of their classes.
pub type NamedImages = (Images, Vec<String>);

/// What a reader makes of files.
pub struct ReadFiles {
    pub training: NamedImages,
    pub test: Option<NamedImages>,
    /// All classes in their order, where the files name them.
    pub classes: Option<Vec<String>>,
    /// What was done to the data, as it goes on after their name.
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

/// Whether a file's name has this extension, before `.gz` if it has that too.
pub fn ends(name: &str, extension: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.trim_end_matches(".gz").ends_with(&format!(".{extension}"))
}
