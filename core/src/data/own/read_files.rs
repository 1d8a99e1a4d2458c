//! The data in files, before the classes are numbered.

use crate::data::{Images, ReadReport};

/// Images, the names of their classes, and the user's names of the examples (empty if there are none).
pub struct NamedImages {
    pub images: Images,
    /// `[examples]`
    pub labels: Vec<String>,
    /// `[examples]`, or empty
    pub names: Vec<String>,
}

impl NamedImages {
    /// Images without names of their own.
    pub fn new(images: Images, labels: Vec<String>) -> Self {
        Self { images, labels, names: Vec::new() }
    }
}

/// The result of a reader.
pub struct ReadFiles {
    pub training: NamedImages,
    pub validation: Option<NamedImages>,
    pub test: Option<NamedImages>,
    /// All classes in order, if the files name them.
    pub classes: Option<Vec<String>>,
    /// Description of changes to the data, appended to their name.
    pub note: &'static str,
    /// Whether the images are rows of a table.
    pub features: bool,
    pub report: ReadReport,
}

impl From<(NamedImages, Option<NamedImages>)> for ReadFiles {
    fn from((training, test): (NamedImages, Option<NamedImages>)) -> Self {
        let report = ReadReport::default();
        Self { training, validation: None, test, classes: None, note: "", features: false, report }
    }
}

impl From<NamedImages> for ReadFiles {
    fn from(training: NamedImages) -> Self {
        (training, None).into()
    }
}

/// Returns a file's own name, without its folders.
pub fn own_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Returns whether a file name has this extension, optionally followed by `.gz`.
pub fn ends(name: &str, extension: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.trim_end_matches(".gz").ends_with(&format!(".{extension}"))
}
