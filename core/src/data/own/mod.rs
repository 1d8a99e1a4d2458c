//! The user's own data, from the bytes of files: IDX, CSV, arrays, Parquet, images in folders, published data sets.

mod array_cells;
pub(crate) mod array_labels;
mod array_names;
mod array_set;
pub(crate) mod arrays;
mod cells;
mod class_names;
mod features;
mod id_columns;
mod idx_files;
mod images;
mod input_file;
pub(crate) mod npy;
mod npz;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod parquet_classes;
#[cfg(feature = "parquet")]
mod parquet_format;
#[cfg(feature = "parquet")]
mod parquet_names;
#[cfg(feature = "parquet")]
mod parquet_table;
mod pickle;
mod pickle_machine;
mod pickles;
mod pixels;
mod published;
mod read_files;
mod split_word;
mod square;
mod table;
pub(crate) mod tensors;
mod transparency;

use std::collections::{BTreeMap, BTreeSet};

use super::{Dataset, Labeled, Parts};
use crate::class::Class;
use crate::error::{Error, Result};
pub use input_file::InputFile;
pub use npy::NpyHeader;
pub use options::{Background, Layout, ReadOptions};
pub use published::{CIFAR10_FILES, CIFAR100_FILES, SVHN_FILES};
use read_files::{NamedImages, ReadFiles, ends};

/// The supported files, for error messages.
const KINDS: &str = "a folder of .png or .jpg images in a folder for each class, a .csv or .tsv with a column `label`, an \
                     .npz, .safetensors or .pkl, or .npy files, with `images` and `labels`, .parquet files with `image` \
                     and `label`, or an IDX file of images with one of labels (.gz too)";

/// Endings of archives, which hold files but are none of data.
const ARCHIVES: [&str; 6] = ["zip", "tar", "tgz", "7z", "rar", "tar.gz"];

/// The remedy if this program cannot read Parquet.
#[cfg(not(feature = "parquet"))]
const WITHOUT_PARQUET: &str = "this program was built without Parquet: build it with `cargo install --path native --features \
                               parquet`, or choose another format";

/// Reads a data set from files, `(name, bytes)`. The supported files are:
/// - Two IDX files, images and labels, in any order; or files that are called as those of MNIST, EMNIST and similar
///   data sets, with `classes.txt` or EMNIST's mapping. The images of EMNIST are turned, since its files hold them by
///   columns.
/// - CIFAR-10 and CIFAR-100, binary or for Python, and SVHN's cropped digits, called as their publishers call them.
/// - A table as text (`.csv`, `.tsv`; a single `.txt`), or several whose names say `train`, `val` and `test`. A column
///   `label` holds the labels, a column `split` may assign each row to `train`, `val` or `test`, and a column such as
///   `id` the names of the examples, or that of the options; an index is left out. All other columns are features: each
///   is scaled linearly, from 0 for its smallest value in the training rows to 255 for its largest, and rounded (our
///   choice; 256 steps, as histogram-based learners bin features), and a row is an image one pixel high. The data set's
///   `source` mentions the scaling. If the names of the columns are those of pixels (`pixel0`, `1x1`), or if the
///   options have a layout of rows, they are pixels: whole numbers from 0 to 255, or all of them fractions from 0 to 1.
/// - Arrays: an npz file, a safetensors file, a pickled dictionary (`.pkl`; nothing in it is executed), or `.npy` files.
///   Their names are `images` and `labels`, `x` and `y`, `data` and `target`, and the like, alone or with `train`, `val`
///   or `test` before or after, in any case; `arr_0` and `arr_1` if their shapes say which is which. `ids`, `filenames`
///   and the like name the examples, `classes` or `class_names` the classes. Other arrays are skipped and reported.
/// - With the feature `parquet`: Parquet files as on the Hugging Face hub. A column `image` or `img` contains encoded
///   images, or a struct with `bytes`; they are made alike as images in folders. A column `label`, `labels` or
///   `fine_label` contains whole numbers; classes are named by the metadata, if possible. The examples are named by the
///   paths of their images, if each has its own, else by a column such as `id` or `key`. A single file is the training
///   set. Of several files, those named `train-*`, `validation-*` or `test-*`, or in folders of these names, are the
///   splits, ordered by name. Files without a column of images are tables, with the rules of text tables; a list of
///   numbers is as many columns.
/// - Images whose names are paths, `.../class/name.png`: PNG, JPEG, WebP, BMP, GIF and TIFF by their content. Folders
///   called `train`, `val` and `test` (and similar, in any case) are splits, above the classes or within each; a `val`
///   folder is the validation split. Images get the commonest size of the files, at most 64 on the longer side, or that
///   of the options. Other and hidden files are skipped and reported. A layout with two readings is refused.
///
/// All files but images and Parquet may be gzipped. Compressed bytes inflate to 100 times their size at most, and at
/// least to 64 MiB. Arrays of images are `[n, height, width]`, `[n, channels, height, width]` or `[n, height, width, channels]`, of which the
/// channels are the one side that is 1, 3 or 4; 4 channels are red, green, blue and opacity. Rows `[n, features]` are
/// features and scaled as those of a table, unless the layout says that they are images. Pixels are whole numbers from
/// 0 to 255 or all of them fractions from 0 to 1, which are multiplied by 255; the parts are decided on together.
/// Labels are whole numbers or texts, `[n]`, or one-hot rows. The classes are the labels that occur, in numerical order
/// if all are numbers, unless the files name them.
///
/// Names that several examples share, and examples without one, are counted in a note.
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
    let places: BTreeMap<&String, Class> = classes.iter().zip(0..).collect();
    let place = |label: &String| places.get(label).copied().unwrap_or(Class::MAX); // which `Labeled` refuses
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
    let mut report = found.report;
    id_columns::note(&dataset.names, &mut report);
    Ok(Dataset { features: found.features, report, ..dataset })
}

/// Chooses the reader. Each reads all files of a data set, and says in the report what it left out.
fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let one = match files {
        [one] => Some(one.name()),
        _ => None,
    };
    let is = |extension: &str| one.is_some_and(|name| ends(name, extension));
    let any = |of: &dyn Fn(&str) -> bool| files.iter().any(|file| of(file.name()));
    one_kind(files)?;
    match files {
        _ if any(&idx_files::is_idx) => without_columns(options).and_then(|()| idx_files::read(files, options)),
        _ if let Some(set) = published::published(files) => {
            without_columns(options).and_then(|()| published::read(set, files, options))
        }
        _ if pickles::is_cifar(files) => without_columns(options).and_then(|()| pickles::read_cifar(files)),
        _ if one.is_some_and(table::is_one_table) => table::read(files, options),
        _ if any(&npy::is_npy) => npy::read(files, options),
        _ if is("npz") => npz::read(files, options),
        _ if one.is_some_and(pickles::is_pickle_file) => pickles::read(files, options),
        _ if is("safetensors") => tensors::read(files, options),
        _ if any(&|name| ends(name, "parquet")) => parquet(files, options),
        _ if images::any(files) => without_columns(options).and_then(|()| images::read(files, options)),
        _ if any(&table::is_table) => table::read(files, options),
        _ if any(&|name| ARCHIVES.iter().any(|ending| ends(name, ending))) => {
            Err(refused(files, "unpack the archive, and give its folder".into()))
        }
        [one, other] => without_columns(options).and_then(|()| idx_files::read_two(*one, *other)),
        _ => Err(refused(files, format!("choose {KINDS}"))),
    }
}

/// Refuses `--id-column` for files that have no columns: it would do nothing.
fn without_columns(options: &ReadOptions) -> Result<()> {
    match &options.id_column {
        None => Ok(()),
        Some(column) => {
            let remedy = "these files have no columns, nor arrays with names: leave it out".into();
            Err(Error::Setting { name: "id-column", value: column.clone(), remedy })
        }
    }
}

/// Refuses files of which some are a data set of their own, and others another one.
fn one_kind(files: &[&dyn InputFile]) -> Result<()> {
    let arrays = |name: &str| ["npz", "npy", "safetensors"].iter().any(|extension| ends(name, extension));
    let kind = |name: &str| match () {
        () if images::hidden(name).is_some() => None,
        () if images::is_image(name) => Some("images"),
        () if ends(name, "parquet") => Some("Parquet files"),
        () => arrays(name).then_some("arrays"),
    };
    let mut found: Vec<(&str, &str)> =
        files.iter().filter_map(|file| Some((kind(file.name())?, file.name()))).collect();
    found.sort_by_key(|(kind, _)| *kind);
    found.dedup_by_key(|(kind, _)| *kind);
    match found[..] {
        [(one, a), (other, b), ..] => Err(Error::Setting {
            name: "data",
            value: format!("{a}, {b}"),
            remedy: format!("both {one} and {other} could be the data set; open a folder that holds one of them"),
        }),
        _ => Ok(()),
    }
}

#[cfg(feature = "parquet")]
fn parquet(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    parquet::read(files, options)
}

#[cfg(not(feature = "parquet"))]
fn parquet(files: &[&dyn InputFile], _options: &ReadOptions) -> Result<ReadFiles> {
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
        [one, other] if !images::is_image(one.name()) && !one.name().contains('/') => {
            format!("{} and {}", one.name(), other.name())
        }
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
    if classes.iter().all(|class| class.parse::<i128>().is_ok()) {
        classes.sort_by_key(|class| class.parse::<i128>().unwrap_or_default());
    }
    classes
}

#[cfg(test)]
mod array_tests;
#[cfg(test)]
mod tests;
