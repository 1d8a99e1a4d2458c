//! Pickled dictionaries of arrays; and CIFAR-10 and CIFAR-100 in the publisher's version for Python.

use super::array_names::is_known;
use super::array_set::{ArraySet, read_arrays};
use super::arrays::{Array, Heading};
use super::class_names::numbered;
use super::pickle::{Pickle, is_pickle};
use super::read_files::{NamedImages, ReadFiles, ends};
use super::{InputFile, ReadOptions};
use crate::data::{Images, ReadReport};
use crate::error::{Error, Result};
use crate::gzip::gunzip;

const FORMAT: &str = "pickle";

/// Sides of CIFAR's images.
const SHAPE: [usize; 3] = [3, 32, 32];

/// Returns whether a file is a pickle by its ending.
pub(super) fn is_pickle_file(name: &str) -> bool {
    ["pkl", "pickle"].iter().any(|extension| ends(name, extension))
}

/// Reads a dictionary of arrays and lists by their names.
pub(super) fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let bytes = files[0].bytes()?;
    let bytes = gunzip(&bytes)?;
    let wrong = |problem: String| Error::format(FORMAT, problem);
    let pickle = Pickle::read(&bytes).map_err(wrong)?;
    let (mut set, mut report) = (ArraySet::default(), ReadReport::default());
    for (name, at) in pickle.entries().map_err(wrong)? {
        match pickle.array(&name, at, FORMAT)? {
            Some(array) => set.add(array.heading.clone(), move |_: Heading| Ok(array)),
            None if is_known(&name) => {
                return Err(wrong(format!("`{name}` is neither an array nor a list of whole numbers or texts")));
            }
            None => report.skip(name, "neither an array nor a list of whole numbers or texts"),
        }
    }
    read_arrays(set, FORMAT, options, report)
}

/// What the file name of a CIFAR pickle means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Training,
    Test,
    Names,
}

fn role(name: &str) -> Option<Role> {
    let last = name.rsplit('/').next().unwrap_or_default();
    let batch = last.strip_prefix("data_batch_").is_some_and(|number| number.parse::<u8>().is_ok());
    match last {
        _ if batch => Some(Role::Training),
        "train" => Some(Role::Training),
        "test_batch" | "test" => Some(Role::Test),
        "batches.meta" | "meta" => Some(Role::Names),
        _ => None,
    }
}

/// Returns whether these are CIFAR's files for Python: `data_batch_1` to `test_batch`, or `train` and `test`.
pub(super) fn is_cifar(files: &[&dyn InputFile]) -> bool {
    let pickled = |file: &dyn InputFile| file.bytes().is_ok_and(|bytes| is_pickle(&bytes));
    files.iter().any(|file| role(file.name()) == Some(Role::Training) && pickled(*file))
}

/// Reads CIFAR's files for Python: dictionaries with `data`, uint8 `[n, 3072]`, and `labels` or `fine_labels`.
pub(super) fn read_cifar(files: &[&dyn InputFile]) -> Result<ReadFiles> {
    let mut report = ReadReport::default();
    let mut sorted: Vec<(Role, &dyn InputFile)> = Vec::new();
    for file in files {
        match role(file.name()) {
            Some(role) => sorted.push((role, *file)),
            None => report.skip(file.name(), "no file of CIFAR"),
        }
    }
    sorted.sort_by_key(|(_, file)| file.name());
    let (mut sides, mut names) = ([Batch::default(), Batch::default()], None);
    for (role, file) in sorted {
        let mut read = || -> Result<()> {
            let bytes = file.bytes()?;
            let bytes = gunzip(&bytes)?;
            let pickle = Pickle::read(&bytes).map_err(|problem| Error::format(FORMAT, problem))?;
            match role {
                Role::Names => names = Some(class_names(&pickle)?),
                Role::Training => sides[0].add(&pickle)?,
                Role::Test => sides[1].add(&pickle)?,
            }
            Ok(())
        };
        read().map_err(|error| error.within(file.name()))?;
    }
    let mut labels: Vec<Vec<String>> = sides.iter_mut().map(|side| std::mem::take(&mut side.labels)).collect();
    let classes = names.map(|names| numbered(&mut labels, names, "`label_names`"));
    let classes = classes.transpose().map_err(|problem| Error::format(FORMAT, problem))?;
    let mut parts = sides.into_iter().zip(labels).map(|(side, labels)| {
        let names = if side.names.len() == labels.len() { side.names } else { Vec::new() };
        Ok(NamedImages { names, ..NamedImages::new(Images::new(side.pixels, SHAPE)?, labels) })
    });
    let training: Result<NamedImages> =
        parts.next().unwrap_or_else(|| Err(Error::Empty { what: "the training part".into() }));
    let test = parts.next().transpose()?.filter(|test| !test.labels.is_empty());
    Ok(ReadFiles { classes, report, ..(training?, test).into() })
}

/// The images of one or several files.
#[derive(Default)]
struct Batch {
    pixels: Vec<u8>,
    labels: Vec<String>,
    names: Vec<String>,
}

impl Batch {
    fn add(&mut self, pickle: &Pickle) -> Result<()> {
        let entries = pickle.entries().map_err(|problem| Error::format(FORMAT, problem))?;
        let entry = |names: &[&str]| entries.iter().find(|(name, _)| names.contains(&name.as_str()));
        let array = |names: &[&str]| -> Result<Array<'_>> {
            let missing = || Error::format(FORMAT, format_args!("it has no array `{}`", names.join("` or `")));
            let (name, at) = entry(names).ok_or_else(missing)?;
            pickle.array(name, *at, FORMAT)?.ok_or_else(missing)
        };
        let (data, labels) = (array(&["data"])?, array(&["fine_labels", "labels"])?);
        let ([rows, columns], Some(bytes)) = (&data.heading.shape[..], data.plain_bytes()) else {
            return Err(data.wrong(FORMAT, format_args!("is {}, not uint8 [n, 3072]", data.heading)));
        };
        if *columns != SHAPE.iter().product::<usize>() || labels.heading.shape != [*rows] {
            let problem =
                format!("is {} with labels {:?}; [n, 3072] and [n] are read", data.heading, labels.heading.shape);
            return Err(data.wrong(FORMAT, problem));
        }
        self.pixels.extend(bytes);
        let label = |at| labels.integer(at).map(|label| label.to_string());
        let found: Option<Vec<String>> = (0..*rows).map(label).collect();
        self.labels.extend(found.ok_or_else(|| labels.wrong(FORMAT, "holds no whole numbers"))?);
        self.names.extend(entry(&["filenames"]).and_then(|(_, at)| pickle.texts(*at)).unwrap_or_default());
        Ok(())
    }
}

fn class_names(pickle: &Pickle) -> Result<Vec<String>> {
    let entries = pickle.entries().map_err(|problem| Error::format(FORMAT, problem))?;
    let names = ["fine_label_names", "label_names"];
    let at = names.iter().find_map(|name| entries.iter().find(|(entry, _)| entry == name));
    let found = at.and_then(|(_, at)| pickle.texts(*at));
    found.ok_or_else(|| Error::format(FORMAT, "it has no `label_names` or `fine_label_names`"))
}
