//! The user's own data, from the bytes of files: IDX, CSV, npz, safetensors, Parquet, images in folders.

mod arrays;
#[allow(dead_code, reason = "the readers move to it one by one")]
mod cells;
#[allow(dead_code, reason = "the readers move to it one by one")]
mod features;
mod folder;
mod input_file;
mod npz;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
#[allow(dead_code, reason = "the readers move to it one by one")]
mod pixels;
mod read_files;
mod table;
mod tensors;

use std::collections::BTreeSet;

use super::{Dataset, Labeled, Parts, read_images, read_labels};
use crate::class::Class;
use crate::error::{Error, Result};
pub use input_file::InputFile;
pub use options::{Background, Layout, ReadOptions};
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
pub fn read_own(files: &[impl InputFile], options: &ReadOptions) -> Result<Dataset> {
    let files: Vec<&dyn InputFile> = files.iter().map(|file| file as &dyn InputFile).collect();
    let found = read(&files, options)?;
    let parts = [Some(&found.training), found.validation.as_ref(), found.test.as_ref()];
    let labels = parts.into_iter().flatten().flat_map(|part| &part.labels);
    let classes = found.classes.unwrap_or_else(|| in_order(labels));
    let place = |label: &String| classes.iter().position(|class| class == label).unwrap_or_default() as Class;
    let labeled = |NamedImages { images, labels, names }: NamedImages| {
        Labeled::new(images, labels.iter().map(place).collect(), classes.len())?.named(names)
    };
    let parts = Parts {
        training: labeled(found.training)?,
        validation: found.validation.map(labeled).transpose()?,
        test: found.test.map(labeled).transpose()?,
    };
    let name = name_of(&files);
    let dataset = Dataset::new(&name, &format!("{name}{}", found.note), parts, classes)?;
    Ok(Dataset { features: found.features, report: found.report, ..dataset })
}

/// Chooses the reader. Each reads all files of a data set, and says in the report what it left out.
fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let one = match files {
        [one] => Some(one.name()),
        _ => None,
    };
    let is = |extension: &str| one.is_some_and(|name| ends(name, extension));
    let any = |of: &dyn Fn(&str) -> bool| files.iter().any(|file| of(file.name()));
    match files {
        _ if is("csv") => table::read(files, options),
        _ if is("npz") => npz::read(files, options),
        _ if is("safetensors") => tensors::read(files, options),
        _ if any(&|name| ends(name, "parquet")) => parquet(files),
        _ if any(&folder::is_image) => folder::read(files, options),
        [one, other] => {
            let (one, other) = (one.bytes()?, other.bytes()?);
            let of_images = read_images(&one);
            let (images, labels) = if of_images.is_ok() { (of_images?, &other) } else { (read_images(&other)?, &one) };
            let labels = read_labels(labels)?.iter().map(Class::to_string).collect();
            Ok(NamedImages::new(images, labels).into())
        }
        _ => Err(refused(files, format!("choose {KINDS}"))),
    }
}

#[cfg(feature = "parquet")]
fn parquet(files: &[&dyn InputFile]) -> Result<ReadFiles> {
    parquet::read(files)
}

#[cfg(not(feature = "parquet"))]
fn parquet(files: &[&dyn InputFile]) -> Result<ReadFiles> {
    Err(refused(files, WITHOUT_PARQUET.into()))
}

fn refused(files: &[&dyn InputFile], remedy: String) -> Error {
    let value = files.iter().map(|file| file.name()).take(3).collect::<Vec<_>>().join(", ");
    Error::Setting { name: "data", value, remedy }
}

/// Returns the name of the data set: the file names, or the folder that contains all of them.
fn name_of(files: &[&dyn InputFile]) -> String {
    match files {
        [one] => one.name().to_owned(),
        [one, other] if !folder::is_image(one.name()) => format!("{} and {}", one.name(), other.name()),
        _ => {
            let first = files.first().map_or("", |file| file.name());
            let shared = |name: &str| first.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
            let length = files.iter().map(|file| shared(file.name())).min().unwrap_or_default();
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
