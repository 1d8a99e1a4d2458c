//! Files of MNIST and similar data sets, whose names say what they are: `train-images-idx3-ubyte`,
//! `train-labels-idx1-ubyte`, the same with `t10k` or `test`, each plain or as `.gz`.

use std::collections::BTreeMap;

use super::class_names::numbered;
use super::read_files::{NamedImages, ReadFiles, own_name};
use super::{InputFile, ReadOptions};
use crate::class::Class;
use crate::data::{Images, ReadReport, Split, read_images, read_labels};
use crate::error::{Error, Result, same_length};

const FORMAT: &str = "set of IDX files";

/// Names the classes, one on each line.
const CLASSES: &str = "classes.txt";
/// Ends the name of EMNIST's file of classes: on each line a label, then the codes of its characters.
const MAPPING: &str = "-mapping.txt";

/// Files that belong together: those whose names begin alike.
#[derive(Default)]
struct Pair<'a> {
    images: Option<&'a dyn InputFile>,
    labels: Option<&'a dyn InputFile>,
}

/// Returns how a file's name begins, and whether it holds images; `None` for other files.
fn stem(name: &str) -> Option<(String, bool)> {
    let name = own_name(name).to_ascii_lowercase();
    let name = name.trim_end_matches(".gz");
    [("images", "idx3", true), ("labels", "idx1", false)].into_iter().find_map(|(word, sides, images)| {
        let stem = ["-", "."].iter().find_map(|dash| name.strip_suffix(&format!("{word}{dash}{sides}-ubyte")))?;
        Some((stem.to_owned(), images))
    })
}

/// Returns whether a file is one of these by its name.
pub(super) fn is_idx(name: &str) -> bool {
    stem(name).is_some()
}

fn split_of(stem: &str) -> Split {
    match stem {
        _ if stem.contains("t10k") || stem.contains("test") => Split::Test,
        _ if stem.contains("val") => Split::Validation,
        _ => Split::Train,
    }
}

/// Reads all pairs of images and labels. A single pair is the training set. Classes are the lines of `classes.txt` or
/// those of EMNIST's mapping, else the labels that occur. EMNIST's images, which are stored by columns, are turned.
pub(super) fn read(files: &[&dyn InputFile], _options: &ReadOptions) -> Result<ReadFiles> {
    let (mut pairs, mut report, mut names) = (BTreeMap::<String, Pair>::new(), ReadReport::default(), Vec::new());
    for &file in files {
        match stem(file.name()) {
            Some((stem, images)) => {
                let pair = pairs.entry(stem).or_default();
                let place = if images { &mut pair.images } else { &mut pair.labels };
                match place {
                    Some(_) => report.skip(file.name(), "the same file with or without .gz was read"),
                    None => *place = Some(file),
                }
            }
            None if own_name(file.name()) == CLASSES || file.name().ends_with(MAPPING) => names.push(file),
            None => report.skip(file.name(), "no IDX file by its name"),
        }
    }
    let alone = pairs.len() == 1;
    let mut parts: [Option<(String, Images, Vec<Class>)>; 3] = [None, None, None];
    for (stem, pair) in pairs {
        let split = if alone { Split::Train } else { split_of(&stem) };
        let place = &mut parts[usize::from(split.number())];
        if let Some((other, ..)) = place {
            let problem = format!("`{other}...` and `{stem}...` are two sets: name one file of images");
            return Err(Error::format(FORMAT, problem));
        }
        let (images, labels) = read_pair(&stem, &pair)?;
        *place = Some((stem, images, labels));
    }
    let Some((stem, ..)) = &parts[0] else {
        return Err(Error::format(FORMAT, "train-images-idx3-ubyte, or the same with .gz, is missing"));
    };
    let stem = stem.clone();
    let emnist = stem.starts_with("emnist");
    let mut labels: Vec<Vec<String>> =
        parts.iter().flatten().map(|(.., labels)| labels.iter().map(Class::to_string).collect()).collect();
    let classes = classes(&names, &stem, &mut labels, &mut report)?;
    let mut labels = labels.into_iter();
    let [training, validation, test] = parts.map(|part| {
        let (_, images, _) = part?;
        Some((images, labels.next()?))
    });
    if emnist {
        report.note(
            "EMNIST's files hold their images by columns: rows and columns were exchanged, so that they stand upright",
        );
    }
    let part = |(images, labels)| -> Result<NamedImages> {
        Ok(NamedImages::new(if emnist { turned(&images)? } else { images }, labels))
    };
    let training = training.ok_or_else(|| Error::Empty { what: "the set of training images".into() })?;
    let (training, test) = (part(training)?, test.map(part).transpose()?);
    Ok(ReadFiles { classes, report, validation: validation.map(part).transpose()?, ..(training, test).into() })
}

fn read_pair(stem: &str, pair: &Pair) -> Result<(Images, Vec<Class>)> {
    let missing =
        |what: &str| Error::format(FORMAT, format_args!("{stem}{what}-ubyte, or the same with .gz, is missing"));
    let images_file = pair.images.ok_or_else(|| missing("images-idx3"))?;
    let labels_file = pair.labels.ok_or_else(|| missing("labels-idx1"))?;
    let images = read_images(&images_file.bytes()?).map_err(|error| error.within(images_file.name()))?;
    let labels = read_labels(&labels_file.bytes()?).map_err(|error| error.within(labels_file.name()))?;
    let what = format!("labels in {}, one for each image", labels_file.name());
    same_length(&what, images.len(), labels.len())?;
    Ok((images, labels))
}

/// Reads two files of any names, images and labels in any order.
pub(super) fn read_two(one: &dyn InputFile, other: &dyn InputFile) -> Result<ReadFiles> {
    let (one, other) = (one.bytes()?, other.bytes()?);
    let of_images = read_images(&one);
    let (images, labels) = if of_images.is_ok() { (of_images?, &other) } else { (read_images(&other)?, &one) };
    let labels = read_labels(labels)?.iter().map(Class::to_string).collect();
    Ok(NamedImages::new(images, labels).into())
}

/// Reads the names of the classes, and gives them to the labels.
fn classes(
    files: &[&dyn InputFile],
    stem: &str,
    labels: &mut [Vec<String>],
    report: &mut ReadReport,
) -> Result<Option<Vec<String>>> {
    let wrong = |file: &dyn InputFile, problem: String| Error::format(FORMAT, problem).within(file.name());
    let mapping = files.iter().find(|file| {
        let set = own_name(file.name()).strip_suffix(MAPPING);
        set.is_some_and(|set| stem.starts_with("emnist") && stem.starts_with(&set.to_ascii_lowercase()))
    });
    for &file in files {
        if file.name().ends_with(MAPPING) && mapping.is_none_or(|mapping| mapping.name() != file.name()) {
            report.skip(file.name(), "names the classes of another set");
        }
    }
    if let Some(&file) = mapping {
        let names = mapped(&text(file)?).map_err(|problem| wrong(file, problem))?;
        for label in labels.iter_mut().flatten() {
            let name = names.iter().find(|(number, _)| number == label);
            *label = name.ok_or_else(|| wrong(file, format!("it does not name label {label}")))?.1.clone();
        }
        return Ok(Some(names.into_iter().map(|(_, name)| name).collect()));
    }
    let Some(&file) = files.iter().find(|file| own_name(file.name()) == CLASSES) else { return Ok(None) };
    numbered(labels, lines(file)?, CLASSES).map(Some).map_err(|problem| wrong(file, problem))
}

/// Reads lines such as `1 65 97`: a label and the codes of its characters.
fn mapped(text: &str) -> Result<Vec<(String, String)>, String> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let label = words.next()?.parse::<u8>().ok()?.to_string();
        let name: Option<String> = words.map(|code| char::from_u32(code.parse().ok()?)).collect();
        Some((label, name.filter(|name| !name.is_empty())?))
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|words| line(words).ok_or_else(|| format!("{words:?} is no label with codes of characters"))).collect()
}

fn text(file: &dyn InputFile) -> Result<String> {
    let text = String::from_utf8(file.bytes()?.into_owned());
    text.map_err(|error| Error::unreadable("file of class names", error).within(file.name()))
}

/// Reads the lines of a file of class names, without empty ones.
///
/// # Errors
/// [`Error::Format`] if it is empty or no text.
pub(super) fn lines(file: &dyn InputFile) -> Result<Vec<String>> {
    let text = text(file)?;
    let names: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(String::from).collect();
    if names.is_empty() {
        let problem = "it is empty; put the name of one class on each line";
        return Err(Error::format("file of class names", problem).within(file.name()));
    }
    Ok(names)
}

/// Exchanges rows and columns.
fn turned(images: &Images) -> Result<Images> {
    let [_, height, width] = images.shape();
    let image = |id: usize| {
        let pixels = images.image(id);
        (0..height * width).map(move |at| pixels[at % height * width + at / height])
    };
    Images::new((0..images.len()).flat_map(image).collect(), [1, width, height])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Dataset, read_own, write_images, write_labels};

    fn images(first: u8, count: u8) -> Vec<u8> {
        let images = Images::new((first..first + 6 * count).collect(), [1, 2, 3]).expect("images");
        write_images(&images).expect("bytes")
    }

    fn labels(labels: &[Class]) -> Vec<u8> {
        write_labels(labels).expect("bytes")
    }

    fn open(files: &[(&str, Vec<u8>)]) -> Result<Dataset, String> {
        read_own(files, &ReadOptions::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn names_say_what_is_what() {
        let files = [
            ("sets/README", b"mine".to_vec()),
            ("sets/t10k-images-idx3-ubyte.gz", images(60, 1)),
            ("sets/t10k-labels-idx1-ubyte", labels(&[7])),
            ("sets/train-images.idx3-ubyte", images(0, 2)),
            ("sets/train-labels-idx1-ubyte.gz", labels(&[10, 7])),
        ];
        let data = open(&files).expect("a set");
        assert_eq!((data.training, data.images.image(2)[0], data.labels), (2, 60, vec![1, 0, 0]));
        assert_eq!(data.classes, ["7", "10"], "the labels that occur");
        assert_eq!(data.report.skipped[0].name, "sets/README");
        let words = open(&files[..4]).expect_err("labels are missing");
        assert!(words.contains("train-labels-idx1-ubyte, or the same with .gz, is missing"), "{words}");
        let data = open(&files[1..3]).expect("a single pair is the training set");
        assert_eq!((data.training, data.images.len()), (1, 1));
    }

    #[test]
    fn classes_are_named_by_lines() {
        let files = |names: &str, last: Class| {
            [
                ("a/train-images-idx3-ubyte", images(0, 2)),
                ("a/train-labels-idx1-ubyte", labels(&[0, last])),
                ("a/classes.txt", names.into()),
            ]
        };
        let data = open(&files("cat\n\ndog\nbird\n", 1)).expect("a set");
        assert_eq!((data.classes, data.labels), (vec!["cat".to_owned(), "dog".into(), "bird".into()], vec![0, 1]));
        let words = open(&files("cat\ndog\n", 2)).expect_err("a label without a name");
        assert!(words.contains("names 2 classes, 0 to 1") && words.contains("label 2"), "{words}");
        assert!(open(&files("\n", 0)).expect_err("empty").contains("it is empty"));
    }

    #[test]
    fn emnist_is_turned_and_named_by_its_mapping() {
        let files = [
            ("emnist-letters-train-images-idx3-ubyte.gz", images(0, 2)),
            ("emnist-letters-train-labels-idx1-ubyte.gz", labels(&[2, 1])),
            ("emnist-letters-test-images-idx3-ubyte.gz", images(12, 1)),
            ("emnist-letters-test-labels-idx1-ubyte.gz", labels(&[2])),
            ("emnist-letters-mapping.txt", b"1 65 97\n2 66 98\n".to_vec()),
        ];
        let data = open(&files).expect("a set");
        assert_eq!((data.classes, data.labels), (vec!["Aa".to_owned(), "Bb".into()], vec![1, 0, 1]));
        assert_eq!((data.training, data.images.shape(), data.images.image(0)), (2, [1, 3, 2], &[0, 3, 1, 4, 2, 5][..]));
        assert!(data.report.notes[0].contains("by columns"));
        let other = ("emnist-digits-train-images-idx3-ubyte", images(0, 2));
        let other_labels = ("emnist-digits-train-labels-idx1-ubyte", labels(&[2, 1]));
        let words = open(&[&files[..], &[other, other_labels]].concat()).expect_err("two sets");
        assert!(words.contains("emnist-digits-train-") && words.contains("emnist-letters-train-"), "{words}");
    }
}
