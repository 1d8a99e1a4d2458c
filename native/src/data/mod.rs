//! Opens the data set of `--data`: a name, a folder or a file.

mod known;
mod source;

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use prediction_depth::data::{Dataset, InputFile, ReadOptions, embedded, fashion_mnist_classes, read_own};
use walkdir::WalkDir;

pub use known::{KNOWN, Known};
pub use source::DataSource;

use crate::cli::DataArgs;
use crate::files::folder_of;

/// Names the classes of a folder, one on each line.
const CLASSES: &str = "classes.txt";
/// First bytes of a file, which tell its format.
const HEAD: u64 = 64;

impl DataSource {
    /// Opens the data set, all of it. Looks in `--data-dir` first.
    pub fn open(&self) -> anyhow::Result<Dataset> {
        let data = self.data.as_str();
        if let Some(known) = KNOWN.iter().find(|known| known.name == data) {
            let data_dir = self.data_dir.as_deref().map(|folder| self.place(folder));
            return by_name(known, &known.find(data_dir.as_deref())?);
        }
        let place = self.place(Path::new(data));
        match data {
            "embedded" => embedded().context("the embedded data"),
            _ if place.is_dir() => folder(&place, &self.options),
            _ if place.is_file() => one_file(&place, &self.options),
            _ => {
                let names: Vec<&str> = ["embedded"].into_iter().chain(KNOWN.iter().map(|known| known.name)).collect();
                let tried: Vec<String> = self
                    .places(Path::new(data))
                    .iter()
                    .skip(1)
                    .map(|place| format!(", nor {}", place.display()))
                    .collect();
                let names = names.join(", ");
                bail!("--data {data}: no such file or folder{}; the names of data sets are {names}", tried.concat())
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
    let mut files: Vec<DiskFile> = known.present(folder).into_iter().map(|path| DiskFile::new(&path, folder)).collect();
    let classes = match known.name {
        "fashion-mnist" => Some(fashion_mnist_classes().join("\n")),
        _ if known.classes.is_empty() || folder.join(CLASSES).is_file() => None,
        _ => Some(known.classes.replace(' ', "\n")),
    };
    if let Some(classes) = classes {
        files.retain(|file| file.name() != CLASSES);
        files.push(DiskFile { name: CLASSES.into(), content: Content::Given(classes.into_bytes()) });
    }
    let dataset = read_own(&files, &ReadOptions::default()).with_context(|| folder.display().to_string())?;
    let source = format!("{} ({})", known.name, known.publisher);
    Ok(Dataset { name: known.name.into(), source, ..dataset })
}

/// Reads a folder of files in one of the formats that the page also reads, or of images in one folder per class.
fn folder(folder: &Path, options: &ReadOptions) -> anyhow::Result<Dataset> {
    let (files, unreadable) = files_of(folder);
    let mut dataset = own(folder, &files, options)?;
    for (path, why) in unreadable {
        dataset.report.skip(name_below(&path, folder), why);
    }
    Ok(dataset)
}

/// Returns all files in a folder and its subfolders, also those to which links lead; and what cannot be read, with the
/// reason.
fn files_of(folder: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, String)>) {
    let (mut files, mut unreadable) = (Vec::new(), Vec::new());
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() => files.push(entry.into_path()),
            Ok(_) => {}
            Err(error) => {
                let why = match error.loop_ancestor() {
                    Some(_) => "link to a folder that holds it".to_owned(),
                    None if error.path().is_some_and(Path::is_symlink) => "link that leads nowhere".to_owned(),
                    None => error.io_error().map_or_else(|| error.to_string(), ToString::to_string),
                };
                unreadable.push((error.path().unwrap_or(folder).to_owned(), why));
            }
        }
    }
    (files, unreadable)
}

/// Reads files in one of the formats that the page also reads. The data set is called as the file or the folder is.
fn own(data: &Path, paths: &[PathBuf], options: &ReadOptions) -> anyhow::Result<Dataset> {
    let base = data.parent().unwrap_or(Path::new(""));
    let files: Vec<DiskFile> = paths.iter().map(|path| DiskFile::new(path, base)).collect();
    let dataset = read_own(&files, options).with_context(|| data.display().to_string())?;
    let note = dataset.source.strip_prefix(&dataset.name).unwrap_or_default();
    let name = data.file_name().unwrap_or(data.as_os_str()).to_string_lossy();
    Ok(Dataset { source: format!("{}{note}", data.display()), name: name.into(), ..dataset })
}

/// Reads one file. IDX images have their labels and the names of their classes beside them.
fn one_file(path: &Path, options: &ReadOptions) -> anyhow::Result<Dataset> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some((stem, _)) = name.split_once("images-idx3").or_else(|| name.split_once("images.idx3")) else {
        return own(path, &[path.to_owned()], options);
    };
    let of_set = |name: &str| {
        let mapping = name.strip_suffix("-mapping.txt").is_some_and(|set| stem.starts_with(set));
        name == CLASSES || mapping || name.strip_prefix(stem).is_some_and(|rest| rest.starts_with("labels"))
    };
    let mut files = vec![path.to_owned()];
    for entry in fs::read_dir(folder_of(path))? {
        let entry = entry?.path();
        if entry.is_file() && of_set(&entry.file_name().unwrap_or_default().to_string_lossy()) {
            files.push(entry);
        }
    }
    own(path, &files, options)
}

/// A file that is read when its bytes are needed.
struct DiskFile {
    name: String,
    content: Content,
}

enum Content {
    At(PathBuf),
    Given(Vec<u8>),
}

impl DiskFile {
    /// Its name is its path below `base`.
    fn new(path: &Path, base: &Path) -> Self {
        Self { name: name_below(path, base), content: Content::At(path.to_owned()) }
    }
}

/// Returns the path below `base`, with `/` between folders. Bytes that are no text are written as `\xNN`, so that
/// different files keep different names.
fn name_below(path: &Path, base: &Path) -> String {
    let parts = path.strip_prefix(base).unwrap_or(path).components().map(|part| part.as_os_str().as_encoded_bytes());
    let text = |part: &[u8]| -> String {
        let chunks = part.utf8_chunks().map(|chunk| {
            let invalid: String = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")).collect();
            chunk.valid().to_owned() + &invalid
        });
        chunks.collect()
    };
    parts.map(text).collect::<Vec<_>>().join("/")
}

impl InputFile for DiskFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn head(&self) -> prediction_depth::Result<Vec<u8>> {
        let Content::At(path) = &self.content else { return self.bytes().map(Cow::into_owned) };
        let mut head = Vec::new();
        let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
        read.map(|_| head).map_err(|error| unreadable(path, error))
    }

    fn bytes(&self) -> prediction_depth::Result<Cow<'_, [u8]>> {
        match &self.content {
            Content::Given(bytes) => Ok(bytes.into()),
            Content::At(path) => fs::read(path).map(Cow::Owned).map_err(|error| unreadable(path, error)),
        }
    }
}

fn unreadable(path: &Path, error: io::Error) -> prediction_depth::Error {
    let problem = format!("{}: {error}", path.display());
    prediction_depth::Error::Format { format: "file", byte: None, problem, source: Some(error.into()) }
}
