//! CIFAR and SVHN in the publishers' formats.

use std::path::Path;

use anyhow::Context;
use prediction_depth::Class;
use prediction_depth::data::{Dataset, Images, Labeled, Parts, read_cifar, read_svhn};

use super::known::{KNOWN, PublishedFormat, path_of};
use super::{class_names, dataset, read};

/// Reads the data set of this kind from a folder. Its last file is the test set.
pub fn published(folder: &Path, kind: PublishedFormat) -> anyhow::Result<Dataset> {
    let known = KNOWN.iter().find(|known| known.kind == kind).context("a known kind")?;
    let classes = classes(folder, kind, known.classes)?;
    let mut parts = Vec::new();
    for file in known.files {
        let path =
            path_of(folder, file).with_context(|| format!("{}: the file {file} is missing", folder.display()))?;
        let bytes = read(&path)?;
        let read = match kind {
            PublishedFormat::Svhn => read_svhn(&bytes),
            PublishedFormat::Cifar100 => read_cifar(&bytes, 2),
            _ => read_cifar(&bytes, 1),
        };
        let labeled = read.and_then(|(images, labels)| Labeled::new(images, labels, classes.len()));
        parts.push(labeled.with_context(|| path.display().to_string())?);
    }
    let test = parts.pop().context("a test set")?;
    let shape = test.images.shape();
    let pixels = parts.iter().flat_map(|part| part.images.pixels()).copied().collect();
    let labels: Vec<Class> = parts.into_iter().flat_map(|part| part.labels).collect();
    let training = Labeled::new(Images::new(pixels, shape)?, labels, classes.len())?;
    dataset(folder, Parts { training, validation: None, test: Some(test) }, classes)
}

/// Returns the class names: from the publisher's file, if there is one, else the built-in names.
fn classes(folder: &Path, kind: PublishedFormat, words: &str) -> anyhow::Result<Vec<String>> {
    let file = if kind == PublishedFormat::Cifar100 { "fine_label_names.txt" } else { "classes.txt" };
    let path = folder.join(file);
    if path.is_file() {
        return class_names(&path);
    }
    Ok(match kind {
        PublishedFormat::Cifar100 => (0..100).map(|class| class.to_string()).collect(),
        _ => words.split(' ').map(String::from).collect(),
    })
}
