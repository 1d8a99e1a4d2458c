//! Pickled dictionaries of arrays; and CIFAR-10 and CIFAR-100 in the publisher's version for Python.

use super::array_names::is_known;
use super::array_set::{ArraySet, read_arrays};
use super::arrays::{Array, Heading};
use super::class_names::numbered;
use super::pickle::{Pickle, is_pickle};
use super::read_files::{NamedImages, ReadFiles, ends, own_name};
use super::{InputFile, ReadOptions};
use crate::data::{Images, ReadReport};
use crate::error::{Error, Result};
use crate::gzip::gunzip;

const FORMAT: &str = "pickle";

/// Sides of CIFAR's images.
const SHAPE: [usize; 3] = [3, 32, 32];

/// The publisher's files.
const CIFAR10: [&str; 7] =
    ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch", "batches.meta"];
const CIFAR100: [&str; 3] = ["train", "test", "meta"];

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
                return Err(wrong(format!(
                    "`{name}` is neither an array nor a list of whole numbers or texts: make it one with numpy.array"
                )));
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
    let last = own_name(name);
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
    note_missing(&sorted, &mut report);
    let (mut sides, mut names) = ([Batch::default(), Batch::default()], None);
    for (role, file) in sorted {
        let mut read = || -> Result<()> {
            let bytes = file.bytes()?;
            let bytes = gunzip(&bytes)?;
            let pickle = Pickle::read(&bytes).map_err(|problem| Error::format(FORMAT, problem))?;
            match role {
                Role::Names => names = Some(class_names(&pickle)?),
                Role::Training => sides[0].add(&pickle, file.name(), &mut report)?,
                Role::Test => sides[1].add(&pickle, file.name(), &mut report)?,
            }
            Ok(())
        };
        read().map_err(|error| error.within(file.name()))?;
    }
    let mut labels: Vec<Vec<String>> = sides.iter_mut().map(|side| std::mem::take(&mut side.labels)).collect();
    let classes = names.map(|names| numbered(&mut labels, names, "`label_names`"));
    let classes = classes.transpose().map_err(|problem| Error::format(FORMAT, problem))?;
    let mut parts = sides.into_iter().zip(labels).map(|(side, labels)| {
        let names = if side.names.iter().all(String::is_empty) { Vec::new() } else { side.names };
        Ok(NamedImages { names, ..NamedImages::new(Images::new(side.pixels, SHAPE)?, labels) })
    });
    let training: Result<NamedImages> =
        parts.next().unwrap_or_else(|| Err(Error::Empty { what: "the training part".into() }));
    let test = parts.next().transpose()?.filter(|test| !test.labels.is_empty());
    Ok(ReadFiles { classes, report, ..(training?, test).into() })
}

/// Notes which files of the publisher are not there.
fn note_missing(files: &[(Role, &dyn InputFile)], report: &mut ReadReport) {
    let is = |name: &str| files.iter().any(|(_, file)| own_name(file.name()) == name);
    let expected: &[&str] = if is("train") { &CIFAR100 } else { &CIFAR10 };
    let missing: Vec<&str> = expected.iter().copied().filter(|name| !is(name)).collect();
    if !missing.is_empty() {
        report.note(format!("these files of the data set are not there, and so not read: {}", missing.join(", ")));
    }
}

/// The images of one or several files.
#[derive(Default)]
struct Batch {
    pixels: Vec<u8>,
    labels: Vec<String>,
    /// Names of the images, `[n]`; empty where the file has none.
    names: Vec<String>,
}

impl Batch {
    fn add(&mut self, pickle: &Pickle, file: &str, report: &mut ReadReport) -> Result<()> {
        let entries = pickle.entries().map_err(|problem| Error::format(FORMAT, problem))?;
        let entry = |names: &[&str]| entries.iter().find(|(name, _)| names.contains(&name.as_str()));
        let array = |names: &[&str]| -> Result<Array<'_>> {
            let missing = || Error::format(FORMAT, format_args!("it has no array `{}`", names.join("` or `")));
            let (name, at) = entry(names).ok_or_else(missing)?;
            pickle.array(name, *at, FORMAT)?.ok_or_else(missing)
        };
        let (data, labels) = (array(&["data"])?, array(&["fine_labels", "labels"])?);
        let ([rows, columns], Some(bytes)) = (&data.heading.shape[..], data.plain_bytes()) else {
            return Err(data.wrong(
                FORMAT,
                format_args!("is {} {:?}, not uint8 [n, 3072]", data.heading.kind, data.heading.shape),
            ));
        };
        if *columns != SHAPE.iter().product::<usize>() || labels.heading.shape != [*rows] {
            let problem = format!(
                "is {:?} with labels {:?}; [n, 3072] and [n] are read",
                data.heading.shape, labels.heading.shape
            );
            return Err(data.wrong(FORMAT, problem));
        }
        self.pixels.extend(bytes);
        let label = |at| labels.integer(at).map(|label| label.to_string());
        let found: Option<Vec<String>> = (0..*rows).map(label).collect();
        self.labels.extend(found.ok_or_else(|| labels.wrong(FORMAT, "holds no whole numbers"))?);
        let names = entry(&["filenames"]).map(|(_, at)| pickle.texts(*at).filter(|names| names.len() == *rows));
        if names == Some(None) {
            report.skip(format!("`filenames` of {file}"), "not one text for each image");
        }
        self.names.extend(names.flatten().unwrap_or_else(|| vec![String::new(); *rows]));
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

#[cfg(test)]
mod tests {
    use super::super::read_own;
    use super::*;
    use crate::data::Dataset;

    /// Returns a batch as Python 2 pickled it: `labels`, and `data` of equal values.
    fn batch(labels: &[u8], pixel: u8, columns: u16) -> Vec<u8> {
        let mut bytes = b"\x80\x02}(U\x06labels](".to_vec();
        labels.iter().for_each(|&label| bytes.extend([b'K', label]));
        bytes.extend(b"eU\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K");
        bytes.push(labels.len() as u8);
        bytes.push(b'M');
        bytes.extend(columns.to_le_bytes());
        bytes.extend(
            b"\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T",
        );
        let pixels = vec![pixel; labels.len() * usize::from(columns)];
        bytes.extend((pixels.len() as u32).to_le_bytes());
        bytes.extend(pixels);
        bytes.extend(b"tbu.");
        bytes
    }

    fn open(files: &[(&str, Vec<u8>)]) -> Result<Dataset, String> {
        read_own(files, &ReadOptions::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn cifar_for_python_is_read_and_what_is_missing_is_said() {
        let names = b"\x80\x02}U\x0blabel_names](U\x03catU\x03doges.".to_vec();
        let files = [
            ("c/test_batch", batch(&[1], 9, 3072)),
            ("c/data_batch_2", batch(&[1, 0], 2, 3072)),
            ("c/data_batch_1", batch(&[0], 1, 3072)),
            ("c/batches.meta", names),
        ];
        let data = open(&files).expect("a set");
        assert_eq!((data.training, data.images.shape(), &data.labels[..]), (3, [3, 32, 32], &[0, 1, 0, 1][..]));
        assert_eq!([0, 1, 2, 3].map(|id| data.images.image(id)[0]), [1, 2, 2, 9]);
        assert_eq!(data.classes, ["cat", "dog"]);
        let note = &data.report.notes[0];
        assert!(note.contains("data_batch_3") && !note.contains("batch_2,") && !note.contains("test_batch"), "{note}");
        let words = open(&[("c/data_batch_1", batch(&[2], 1, 3072)), files[3].clone()]).expect_err("no such class");
        assert!(words.contains("2 classes, 0 to 1") && words.contains("label 2"), "{words}");
        let words = open(&[("c/data_batch_1", batch(&[2], 1, 3000))]).expect_err("other sides");
        assert!(words.contains("c/data_batch_1") && words.contains("[1, 3000]"), "{words}");
    }

    #[test]
    fn names_of_some_batches_stay_and_lists_of_another_length_are_said() {
        /// Adds the names of images to a batch.
        fn with_names(batch: &[u8], names: &[&str]) -> Vec<u8> {
            let mut bytes = batch[..batch.len() - 2].to_vec();
            bytes.extend(b"U\x09filenames](");
            names.iter().for_each(|name| bytes.extend([&[b'U', name.len() as u8][..], name.as_bytes()].concat()));
            bytes.extend(b"eu.");
            bytes
        }
        let files = [
            ("c/data_batch_1", with_names(&batch(&[0, 1], 1, 3072), &["a.png", "b.png"])),
            ("c/data_batch_2", batch(&[1], 2, 3072)),
            ("c/data_batch_3", with_names(&batch(&[1, 0], 3, 3072), &["c.png"])),
            ("c/test_batch", batch(&[1], 9, 3072)),
        ];
        let data = open(&files).expect("a set");
        assert_eq!(data.names, ["a.png", "b.png", "", "", "", ""]);
        let skipped = &data.report.skipped;
        assert_eq!((skipped.len(), &skipped[0].name[..]), (1, "`filenames` of c/data_batch_3"));
        assert!(
            data.report.notes.iter().any(|note| note.starts_with("4 of 6 examples have no name")),
            "{:?}",
            data.report
        );
        assert!(open(&files[1..2]).expect("a set").names.is_empty());
    }

    #[test]
    fn what_should_be_an_array_must_be_one() {
        let words = open(&[("a.pkl", b"\x80\x02}U\x01xNs.".to_vec())]).expect_err("none");
        assert!(words.contains("`x` is neither an array"), "{words}");
        assert!(open(&[("a.pkl", b"(dp0\n.".to_vec())]).expect_err("protocol 0").contains("protocol 2"));
    }
}
