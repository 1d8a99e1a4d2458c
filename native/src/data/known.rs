//! The data sets with a name: their files, folders and formats.

use std::path::{Path, PathBuf};

use anyhow::Context;
use prediction_depth::data::{CIFAR10_FILES, CIFAR100_FILES, SVHN_FILES};

/// Folder of Debian's data set packages, such as dataset-fashion-mnist.
pub const SYSTEM_FOLDER: &str = "/usr/share/datasets";

const IDX: &[&str] =
    &["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// A data set with a name.
pub struct Known {
    pub name: &'static str,
    pub publisher: &'static str,
    /// File names; each file may also end in `.gz`.
    pub files: &'static [&'static str],
    /// Additional advice on obtaining it.
    hint: &'static str,
    /// Names of the classes, separated by spaces; if empty, the reader knows them or they are numbers.
    pub classes: &'static str,
}

pub const KNOWN: [Known; 5] = [
    Known {
        name: "fashion-mnist",
        publisher: "Zalando Research",
        files: IDX,
        hint: ", or on Debian install the package dataset-fashion-mnist",
        classes: "",
    },
    Known {
        name: "mnist",
        publisher: "Yann LeCun, Corinna Cortes and Christopher Burges",
        files: IDX,
        hint: "",
        classes: "0 1 2 3 4 5 6 7 8 9",
    },
    Known {
        name: "cifar10",
        publisher: "Alex Krizhevsky, University of Toronto; the binary version",
        files: &CIFAR10_FILES,
        hint: "",
        classes: "",
    },
    Known {
        name: "cifar100",
        publisher: "Alex Krizhevsky, University of Toronto; the binary version",
        files: &CIFAR100_FILES,
        hint: "",
        classes: "",
    },
    Known {
        name: "svhn",
        publisher: "Yuval Netzer and others, Stanford University; the cropped digits",
        files: &SVHN_FILES,
        hint: "",
        classes: "",
    },
];

impl Known {
    /// Returns its possible folders, in the order of search.
    pub fn folders(&self, data_dir: Option<&Path>) -> Vec<PathBuf> {
        data_dir.into_iter().chain([Path::new(SYSTEM_FOLDER)]).map(|dir| dir.join(self.name)).collect()
    }

    /// The folder that has all its files.
    ///
    /// # Errors
    /// Says that there is none, and the remedy.
    pub fn find(&self, data_dir: Option<&Path>) -> anyhow::Result<PathBuf> {
        let whole = self.folders(data_dir).into_iter().find(|folder| self.missing(folder).is_empty());
        whole.with_context(|| format!("{} was not found; {}", self.name, self.remedy(data_dir)))
    }

    /// Which files to put where, and who publishes them.
    pub fn remedy(&self, data_dir: Option<&Path>) -> String {
        let folders = self.folders(data_dir);
        let part = folders.iter().find(|folder| folder.is_dir());
        let missing = part.map_or(self.files.to_vec(), |folder| self.missing(folder));
        let places: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let place = part.map_or(places.join(" or "), |folder| folder.display().to_string());
        let (files, publisher) = (missing.join(", "), self.publisher);
        format!("put {files} into {place}, each plain or as .gz{}; publisher: {publisher}", self.hint)
    }

    /// Returns the paths of its files in a folder, and of files that name the classes.
    pub fn present(&self, folder: &Path) -> Vec<PathBuf> {
        let names = ["classes.txt", "batches.meta.txt", "fine_label_names.txt"];
        self.files.iter().chain(&names).filter_map(|file| path_of(folder, file)).collect()
    }

    /// Returns the files that a folder lacks.
    fn missing(&self, folder: &Path) -> Vec<&'static str> {
        self.files.iter().filter(|file| path_of(folder, file).is_none()).copied().collect()
    }
}

/// Returns the path of a file, with or without `.gz`.
fn path_of(folder: &Path, file: &str) -> Option<PathBuf> {
    [file.to_owned(), format!("{file}.gz")].map(|name| folder.join(name)).into_iter().find(|path| path.is_file())
}
