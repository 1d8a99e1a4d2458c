//! Opens the data set of `--data`: a name, a folder or a file.

mod known;
mod published;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use prediction_depth::Class;
use prediction_depth::data::{
    Dataset, Labeled, Parts, ReadOptions, embedded, fashion_mnist_classes, read_images, read_labels, read_own,
};
use walkdir::WalkDir;

pub use known::{KNOWN, Known};
use known::{PublishedFormat, kind_of};
use published::published;
pub use source::DataSource;

use crate::cli::DataArgs;

/// Number of classes of IDX files without class names.
const DIGITS: usize = 10;

impl DataSource {
    /// Opens the data set, all of it. Looks in `--data-dir` first.
    pub fn open(&self) -> anyhow::Result<Dataset> {
        let data = self.data.as_str();
        if let Some(known) = KNOWN.iter().find(|known| known.name == data) {
            return by_name(known, &known.find(self.data_dir.as_deref())?);
        }
        match data {
            "embedded" => embedded().context("the embedded data"),
            _ if Path::new(data).is_dir() => folder(Path::new(data), &self.options),
            _ if Path::new(data).is_file() => one_file(Path::new(data), &self.options),
            _ => {
                let names: Vec<&str> = ["embedded"].into_iter().chain(KNOWN.iter().map(|known| known.name)).collect();
                bail!("--data {data}: no such file or folder; the names of data sets are {}", names.join(", "))
            }
        }
    }
}

/// Opens the data set of the options, reduced to the given number of examples.
pub fn chosen(arguments: &DataArgs) -> anyhow::Result<Dataset> {
    let dataset = DataSource::from(arguments).open()?;
    match arguments.examples {
        Some(count) => Ok(dataset.sample(count, arguments.sample_seed)?),
        None => Ok(dataset),
    }
}

fn by_name(known: &Known, folder: &Path) -> anyhow::Result<Dataset> {
    let classes = (known.name == "fashion-mnist").then(fashion_mnist_classes);
    let dataset = match known.kind {
        PublishedFormat::Idx => folder_of_idx(folder, classes)?,
        kind => published(folder, kind)?,
    };
    let source = format!("{} ({})", known.name, known.publisher);
    Ok(Dataset { name: known.name.into(), source, ..dataset })
}

/// Reads a folder of IDX, CIFAR, SVHN or Parquet files, or of images in one folder per class.
fn folder(folder: &Path, options: &ReadOptions) -> anyhow::Result<Dataset> {
    if let Some(kind) = kind_of(folder) {
        return published(folder, kind);
    }
    let parquet = files_of(folder)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "parquet"));
    let parquet: Vec<PathBuf> = parquet.collect();
    if !parquet.is_empty() {
        return own(folder, &parquet, options);
    }
    let idx = find(folder, "train-images");
    let classes = fs::read_dir(folder)?.filter_map(Result::ok).any(|entry| entry.path().is_dir());
    match idx {
        Err(_) if classes => own(folder, &files_of(folder)?, options),
        _ => folder_of_idx(folder, None),
    }
}

/// Returns all files in a folder and its subfolders.
fn files_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries: Vec<_> = WalkDir::new(folder).into_iter().collect::<Result<_, _>>()?;
    let files = entries.into_iter().filter(|entry| entry.file_type().is_file());
    Ok(files.map(walkdir::DirEntry::into_path).collect())
}

/// Reads files in one of the formats that the page also reads.
fn own(data: &Path, paths: &[PathBuf], options: &ReadOptions) -> anyhow::Result<Dataset> {
    let base = data.parent().unwrap_or(Path::new(""));
    let name = |path: &Path| path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let files: Vec<(String, Vec<u8>)> =
        paths.iter().map(|path| Ok((name(path), read(path)?))).collect::<anyhow::Result<_>>()?;
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let dataset = read_own(&files, options).with_context(|| data.display().to_string())?;
    let note = dataset.source.strip_prefix(&dataset.name).unwrap_or_default();
    Ok(Dataset { source: format!("{}{note}", data.display()), ..dataset })
}

/// Reads a folder with the four files of MNIST and similar data sets. Both test files may be missing.
fn folder_of_idx(folder: &Path, classes: Option<Vec<String>>) -> anyhow::Result<Dataset> {
    let classes = classes.map_or_else(|| classes_of(folder), Ok)?;
    let training = labeled(&find(folder, "train-images")?, &find(folder, "train-labels")?, &classes)?;
    let test = match (find(folder, "t10k-images"), find(folder, "t10k-labels")) {
        (Ok(images), Ok(labels)) => Some(labeled(&images, &labels, &classes)?),
        (Err(_), Err(_)) => None,
        (Err(missing), _) | (_, Err(missing)) => return Err(missing),
    };
    dataset(folder, Parts { training, validation: None, test }, classes)
}

/// Reads one file: a table, an archive, tensors, or IDX images with their labels in a second file, all of them training
/// images.
fn one_file(images: &Path, options: &ReadOptions) -> anyhow::Result<Dataset> {
    let name = images.file_name().unwrap_or_default().to_string_lossy();
    if !name.contains("images-idx3") {
        return own(images, &[images.to_owned()], options);
    }
    let folder = images.parent().unwrap_or(Path::new("."));
    let classes = classes_of(folder)?;
    let stem = name.split("images-idx3").next().unwrap_or_default();
    let training = labeled(images, &find(folder, &format!("{stem}labels"))?, &classes)?;
    dataset(images, Parts { training, validation: None, test: None }, classes)
}

fn dataset(source: &Path, parts: Parts, classes: Vec<String>) -> anyhow::Result<Dataset> {
    let name = source.file_name().unwrap_or(source.as_os_str()).to_string_lossy();
    Dataset::new(&name, &source.display().to_string(), parts, classes).with_context(|| source.display().to_string())
}

/// Finds an IDX file such as `train-images-idx3-ubyte.gz`, with or without `.gz`, with `-` or `.` before `idx`.
fn find(folder: &Path, part: &str) -> anyhow::Result<PathBuf> {
    let sides = if part.ends_with("images") { 3 } else { 1 };
    let names = ["-", "."].map(|dash| format!("{part}{dash}idx{sides}-ubyte"));
    let found = names.iter().flat_map(|name| [format!("{name}.gz"), name.clone()]).map(|name| folder.join(name));
    let missing = || format!("{}: {}, or the same with .gz, is missing", folder.display(), names[0]);
    found.into_iter().find(|path| path.is_file()).with_context(missing)
}

fn labeled(images: &Path, labels: &Path, classes: &[String]) -> anyhow::Result<Labeled> {
    let pixels = read_images(&read(images)?).with_context(|| images.display().to_string())?;
    let given: Vec<Class> = read_labels(&read(labels)?).with_context(|| labels.display().to_string())?;
    Labeled::new(pixels, given, classes.len()).with_context(|| labels.display().to_string())
}

/// Returns the lines of `classes.txt`, or 0 to 9.
fn classes_of(folder: &Path) -> anyhow::Result<Vec<String>> {
    let path = folder.join("classes.txt");
    if path.is_file() { class_names(&path) } else { Ok((0..DIGITS).map(|class| class.to_string()).collect()) }
}

/// Returns the lines of a file of class names.
fn class_names(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = String::from_utf8(read(path)?).with_context(|| path.display().to_string())?;
    let names: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(String::from).collect();
    if names.is_empty() {
        bail!("{}: it is empty; put the name of one class on each line", path.display());
    }
    Ok(names)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}
