//! The user's own data, from the bytes of files: IDX, CSV, npz, safetensors, Parquet, images in folders.

mod arrays;
mod folder;
mod npz;
#[cfg(feature = "parquet")]
mod parquet;
mod read_files;
mod table;
mod tensors;

use std::collections::BTreeSet;

use super::{Dataset, Images, Labeled, read_images, read_labels};
use crate::class::Class;
use crate::error::{Error, Result};
use crate::gzip::gunzip;
use read_files::{NamedImages, ReadFiles, ends};

/// The supported files, for error messages.
const KINDS: &str = "an IDX file of images with one of labels (.gz too), a .csv with a column `label`, an .npz or a \
                     .safetensors with `images` and `labels`, .parquet files with `image` and `label`, or a folder of .png or \
                     .jpg images in a folder for each class";

/// The remedy if this program cannot read Parquet.
#[cfg(not(feature = "parquet"))]
const WITHOUT_PARQUET: &str = "this program was built without Parquet: build it with `cargo install --path native --features \
                               parquet`, or choose another format";

/// Reads a data set from files, `(name, bytes)`. The supported files are:
/// - Two IDX files, images and labels, in any order.
/// - A CSV file with a column `label`. All other columns are pixels: integers from 0 to 255, which form a square image
///   row by row if their number is a square, else an image one pixel high. If a value is not a pixel, the columns are
///   features: each is scaled linearly, from 0 for its smallest value in the training rows to 255 for its largest, and
///   rounded (our choice; 256 steps, as histogram-based learners bin features). The data set's `source` mentions the
///   scaling. A column `split` may assign each row to `train` or `test`.
/// - An npz file with `images` and `labels`, `x_train` and `y_train`, `train_images` and `train_labels`, `X` and `y`,
///   or `data` and `target`. Optionally `test_images` and `test_labels`, or `x_test` and `y_test`, as the test set.
/// - A safetensors file with `images` and `labels`.
/// - With the feature `parquet`: Parquet files as on the Hugging Face hub. A column `image` or `img` contains PNG or
///   JPEG bytes, or a struct with `bytes`; all images have one size. A column `label`, `labels` or `fine_label`
///   contains whole numbers; classes are named by the metadata, if possible. A single file is the training set. Of
///   several files, those named `train-*` or in a folder `train` are the training set, and those named `test-*` the
///   test set, ordered by name.
/// - PNG and JPEG files whose names are paths: `.../class/name.png`, or `.../test/class/name.png` for the test set. If
///   images differ in size or are larger than 64 pixels, they are scaled to the size of the smallest, at most 64 on its
///   longer side.
///
/// IDX, CSV and npz files may be gzipped. Arrays of images are `[n, height, width]`, `[n, channels, height, width]`,
/// `[n, height, width, channels]` for 1 or 3 channels, or `[n, pixels]`. Their values are bytes, whole numbers from 0
/// to 255, or fractions from 0 to 1, which are scaled. Labels are whole numbers, `[n]`. The classes are the labels that
/// occur, in numerical order if all are numbers.
///
/// The `source` of the data set begins with its name.
///
/// # Errors
/// [`Error::Format`], which names the row and column, the byte, the array or the image; [`Error::Mismatch`] if the
/// numbers of labels and images differ; [`Error::Setting`] for other files, or for Parquet without that feature.
pub fn read_own(files: &[(&str, &[u8])]) -> Result<Dataset> {
    let found = match files {
        [(name, bytes)] if ends(name, "csv") => table::read(&gunzip(bytes)?)?,
        [(name, bytes)] if ends(name, "npz") => npz::read(bytes)?.into(),
        [(name, bytes)] if ends(name, "safetensors") => tensors::read(&gunzip(bytes)?)?.into(),
        files if files.iter().any(|(name, _)| ends(name, "parquet")) => parquet(files)?,
        files if files.iter().any(|(name, _)| folder::is_image(name)) => folder::read(files)?.into(),
        [one, other] => {
            let of_images = read_images(one.1);
            let (images, labels) = if of_images.is_ok() { (of_images?, other) } else { (read_images(other.1)?, one) };
            (images, read_labels(labels.1)?.iter().map(Class::to_string).collect()).into()
        }
        files => return Err(refused(files, format!("choose {KINDS}"))),
    };
    let (training, test) = (found.training, found.test);
    let test = test.unwrap_or((Images::new(Vec::new(), training.0.shape())?, Vec::new()));
    let classes = found.classes.unwrap_or_else(|| in_order(training.1.iter().chain(&test.1)));
    let place = |label: &String| classes.iter().position(|class| class == label).unwrap_or_default() as Class;
    let labeled =
        |(images, labels): NamedImages| Labeled::new(images, labels.iter().map(place).collect(), classes.len());
    let (training, test) = (labeled(training)?, labeled(test)?);
    let name = name_of(files);
    Dataset::new(&name, &format!("{name}{}", found.note), training, test, classes)
}

#[cfg(feature = "parquet")]
fn parquet(files: &[(&str, &[u8])]) -> Result<ReadFiles> {
    parquet::read(files)
}

#[cfg(not(feature = "parquet"))]
fn parquet(files: &[(&str, &[u8])]) -> Result<ReadFiles> {
    Err(refused(files, WITHOUT_PARQUET.into()))
}

fn refused(files: &[(&str, &[u8])], remedy: String) -> Error {
    let value = files.iter().map(|(name, _)| *name).take(3).collect::<Vec<_>>().join(", ");
    Error::Setting { name: "data", value, remedy }
}

/// Returns the name of the data set: the file names, or the folder that contains all of them.
fn name_of(files: &[(&str, &[u8])]) -> String {
    match files {
        [(one, _)] => (*one).to_owned(),
        [(one, _), (other, _)] if !folder::is_image(one) => format!("{one} and {other}"),
        _ => {
            let first = files.first().map_or("", |(name, _)| name);
            let shared = |name: &str| first.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
            let length = files.iter().map(|(name, _)| shared(name)).min().unwrap_or_default();
            let folder =
                first.get(..length).and_then(|shared| shared.rsplit_once('/')).map_or("images", |(folder, _)| folder);
            folder.trim_matches('/').to_owned()
        }
    }
}

/// Returns the distinct labels, sorted.
fn in_order<'a>(labels: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut classes: Vec<String> = labels.collect::<BTreeSet<_>>().into_iter().cloned().collect();
    if classes.iter().all(|class| class.parse::<i64>().is_ok()) {
        classes.sort_by_key(|class| class.parse::<i64>().unwrap_or_default());
    }
    classes
}

#[cfg(test)]
mod tests;
