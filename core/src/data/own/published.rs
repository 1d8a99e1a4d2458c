//! CIFAR-10 and CIFAR-100 in the publisher's binary version, and SVHN's cropped digits.

use super::class_names::numbered;
use super::idx_files::lines;
use super::read_files::{NamedImages, ReadFiles, own_name};
use super::{InputFile, ReadOptions};
use crate::class::Class;
use crate::data::{Images, ReadReport, read_cifar, read_svhn};
use crate::error::{Error, Result, same_length};

const FORMAT: &str = "published data set";

/// Reads images and labels of a file.
type Read = fn(&[u8]) -> Result<(Images, Vec<Class>)>;

/// A published data set. Its last file is the test set.
pub(super) struct Published {
    files: &'static [&'static str],
    /// File that names the classes, one on each line.
    names: &'static str,
    /// The names if that file is missing, separated by spaces; if empty, classes are numbers.
    classes: &'static str,
    read: Read,
}

/// The files of CIFAR-10, binary version; each may also be gzipped.
pub const CIFAR10_FILES: [&str; 6] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
    "test_batch.bin",
];

/// The files of CIFAR-100, binary version; each may also be gzipped.
pub const CIFAR100_FILES: [&str; 2] = ["train.bin", "test.bin"];

/// The files of SVHN's cropped digits; each may also be gzipped.
pub const SVHN_FILES: [&str; 2] = ["train_32x32.mat", "test_32x32.mat"];

static CIFAR10: Published = Published {
    files: &CIFAR10_FILES,
    names: "batches.meta.txt",
    classes: "airplane automobile bird cat deer dog frog horse ship truck",
    read: |bytes| read_cifar(bytes, 1),
};

static CIFAR100: Published = Published {
    files: &CIFAR100_FILES,
    names: "fine_label_names.txt",
    classes: "",
    read: |bytes| read_cifar(bytes, 2),
};

static SVHN: Published =
    Published { files: &SVHN_FILES, names: "classes.txt", classes: "0 1 2 3 4 5 6 7 8 9", read: read_svhn };

/// Returns a file's name without its folder and without `.gz`.
fn plain(name: &str) -> &str {
    own_name(name).trim_end_matches(".gz")
}

/// Returns the data set of which one of the files is.
pub(super) fn published(files: &[&dyn InputFile]) -> Option<&'static Published> {
    let has = |set: &&Published| files.iter().any(|file| set.files.contains(&plain(file.name())));
    [&CIFAR10, &CIFAR100, &SVHN].into_iter().find(has)
}

/// Reads a published data set, whose files must all be there.
pub(super) fn read(set: &Published, files: &[&dyn InputFile], _options: &ReadOptions) -> Result<ReadFiles> {
    let mut report = ReadReport::default();
    let named = |name: &str| files.iter().find(|file| plain(file.name()) == name).copied();
    let missing: Vec<&str> = set.files.iter().filter(|name| named(name).is_none()).copied().collect();
    if !missing.is_empty() {
        let problem = format!("{}, plain or as .gz, is missing", missing.join(", "));
        return Err(Error::format(FORMAT, problem));
    }
    let names = named(set.names).or_else(|| named("classes.txt"));
    let used = |file: &&dyn InputFile| {
        set.files.contains(&plain(file.name())) || names.is_some_and(|names| names.name() == file.name())
    };
    files.iter().filter(|file| !used(file)).for_each(|file| report.skip(file.name(), "no file of the published set"));
    let (mut pixels, mut labels, mut shape) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()], [0; 3]);
    for (at, file) in set.files.iter().filter_map(|name| named(name)).enumerate() {
        let part = usize::from(at + 1 == set.files.len());
        let (images, of_file) = (set.read)(&file.bytes()?).map_err(|error| error.within(file.name()))?;
        if at > 0 {
            let what = |side: &str| format!("{side} of the images in {}", file.name());
            for (side, name) in ["channels", "rows", "columns"].iter().enumerate() {
                same_length(&what(name), shape[side], images.shape()[side])?;
            }
        }
        shape = images.shape();
        pixels[part].extend(images.pixels());
        labels[part].extend(of_file.iter().map(Class::to_string));
    }
    let known: Vec<String> = set.classes.split_whitespace().map(String::from).collect();
    let names = match names {
        Some(file) => (lines(file)?, file.name().to_owned()),
        None if known.is_empty() => ((0..100).map(|class| class.to_string()).collect(), "the set".to_owned()),
        None => (known, "the set".to_owned()),
    };
    let classes = numbered(&mut labels, names.0, &names.1).map_err(|problem| Error::format(FORMAT, problem))?;
    let [training, test] = pixels;
    let [training_labels, test_labels] = labels;
    let training = NamedImages::new(Images::new(training, shape)?, training_labels);
    let test = NamedImages::new(Images::new(test, shape)?, test_labels);
    Ok(ReadFiles { classes: Some(classes), report, ..(training, Some(test)).into() })
}

#[cfg(test)]
mod tests {
    use super::super::super::mat::tests::{compressed, file, matrix};
    use super::*;
    use crate::data::read_own;

    fn record(label: u8, pixel: u8) -> Vec<u8> {
        [vec![label], vec![pixel; 3072]].concat()
    }

    #[test]
    fn cifar_is_read_and_a_missing_file_is_named() {
        let mut files: Vec<(String, Vec<u8>)> =
            (1..6).map(|at| (format!("c/data_batch_{at}.bin"), record(at, at))).collect();
        let open = |files: &[(String, Vec<u8>)]| {
            let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
            read_own(&files, &ReadOptions::default()).map_err(|error| error.to_string())
        };
        assert!(open(&files).expect_err("no test set").contains("test_batch.bin"));
        files.push(("c/test_batch.bin".into(), [record(9, 9), record(0, 0)].concat()));
        let data = open(&files).expect("a set");
        assert_eq!((data.training, data.images.len(), data.images.shape()), (5, 7, [3, 32, 32]));
        assert_eq!((data.classes[9].as_str(), &data.labels[4..]), ("truck", &[5, 9, 0][..]));
        files[0].1[0] = 10;
        assert!(open(&files).expect_err("no class").contains("label 10"));
        files[1].1.pop();
        assert!(open(&files).expect_err("cut off").contains("data_batch_2.bin"));
    }

    #[test]
    fn svhn_is_read_plain_and_compressed() {
        // One image, [height 1, width 2, channels 3].
        let x = |count: i32, bytes: &[u8]| matrix("X", 9, 2, &[1, 2, 3, count], bytes);
        let training = file(&[x(1, &[0, 1, 2, 3, 4, 5]), matrix("y", 9, 2, &[1, 1], &[10])]);
        let test = file(&[compressed(&x(1, &[9; 6])), compressed(&matrix("y", 6, 2, &[1, 1], &[3]))]);
        let files = [("train_32x32.mat", training), ("test_32x32.mat", test)];
        let data = read_own(&files, &ReadOptions::default()).expect("a set");
        assert_eq!((data.images.shape(), data.images.image(0)), ([3, 1, 2], &[0, 1, 2, 3, 4, 5][..]));
        assert_eq!(data.labels, [0, 3]);
        let wrong = file(&[x(1, &[0; 6]), matrix("y", 9, 2, &[1, 1], &[11])]);
        let files = [("train_32x32.mat", wrong), files[1].clone()];
        assert!(read_own(&files, &ReadOptions::default()).expect_err("no digit").to_string().contains("holds 11"));
    }
}
