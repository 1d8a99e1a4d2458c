//! Parquet files as on the Hugging Face hub: a column of encoded images, a column of labels, and class names in the
//! metadata.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::parquet_classes::class_names;
use super::read_files::{NamedImages, ReadFiles, ends};
use super::split_word::split_of;
use super::{InputFile, ReadOptions, images, parquet_table};
use crate::data::{ReadReport, Split};
use crate::error::{Error, Result};

const FORMAT: &str = "Parquet file of images";

/// Names of the column of images.
const IMAGES: [&str; 2] = ["image", "img"];

/// Names of the column of labels; of CIFAR-100's two columns, the fine labels.
const LABELS: [&str; 3] = ["label", "labels", "fine_label"];

/// The rows of all files.
#[derive(Default)]
struct Rows {
    /// Encoded images.
    images: Vec<Vec<u8>>,
    /// Where the user finds each row.
    places: Vec<String>,
    /// Labels as text.
    labels: Vec<String>,
    /// The paths in the column of images; empty where there is none.
    names: Vec<String>,
    splits: Vec<Split>,
}

/// Reads the splits. A single file is the training set. Of several files, ordered by name, those called `train` are the
/// training set (`train-00000-of-00002.parquet`, or `train/0000.parquet`), those called `validation` the validation
/// split, and those called `test` the test set. Without `train`, files of no split are the training set; beside it they
/// are skipped and reported. Images are made alike as those in folders. Files without a column of images are tables.
pub(super) fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let all = files;
    let mut files: Vec<_> = files.iter().filter(|file| ends(file.name(), "parquet")).collect();
    files.sort_by_key(|file| file.name());
    if let Some(first) = files.first()
        && parquet_table::is_table(**first, &IMAGES)?
    {
        return parquet_table::read(all, options);
    }
    let names: Vec<&str> = files.iter().map(|file| file.name()).collect();
    let splits = splits_of(&names);
    let trained = splits.contains(&Some(Split::Train));
    let (mut rows, mut classes, mut report) = (Rows::default(), None, ReadReport::default());
    for (file, split) in files.iter().zip(splits) {
        let name = file.name();
        let split = match split {
            _ if files.len() == 1 => Split::Train,
            Some(split) => split,
            None if !trained => Split::Train,
            None => {
                report.skip(name, "file of no split beside those of splits");
                continue;
            }
        };
        read_file(&file.bytes()?, name, split, &mut rows, &mut classes).map_err(|error| error.within(name))?;
    }
    let encoded: Vec<(&str, &[u8])> =
        rows.places.iter().zip(&rows.images).map(|(place, image)| (place.as_str(), image.as_slice())).collect();
    let encoded: Vec<&dyn InputFile> = encoded.iter().map(|image| image as &dyn InputFile).collect();
    let pictures = images::pictures(&encoded, &rows.places, options, &mut report)?;
    let named = rows.names.iter().any(|name| !name.is_empty());
    let part = |split: Split| -> Result<Option<NamedImages>> {
        let which: Vec<usize> = (0..rows.splits.len()).filter(|&row| rows.splits[row] == split).collect();
        let (images, kept) = pictures.select(&which)?;
        let labels = kept.iter().map(|&row| rows.labels[row].clone()).collect();
        let names = kept.iter().filter(|_| named).map(|&row| rows.names[row].clone()).collect();
        Ok((!kept.is_empty()).then_some(NamedImages { images, labels, names }))
    };
    let training = part(Split::Train)?.ok_or_else(|| wrong("it has no training rows: call their files train-..."))?;
    let validation = part(Split::Validation)?;
    Ok(ReadFiles { classes, validation, report, ..(training, part(Split::Test)?).into() })
}

/// Returns the split in the name of each file or of a folder: its first word, as in the hub's `train-00000-of-00002`. The
/// folder that holds all files was opened itself; a folder `dev` may hold anything.
fn splits_of(names: &[&str]) -> Vec<Option<Split>> {
    let folder = |name: &str| name.split_once('/').map_or(0, |(folder, _)| folder.len());
    let opened = names.iter().all(|name| name[..folder(name)] == names[0][..folder(names[0])]);
    let split = |name: &&str| {
        let within = if opened { &name[folder(name)..] } else { name };
        within.rsplit('/').filter_map(|part| part.split(['-', '.', '_']).next()).find_map(split_of)
    };
    names.iter().map(split).collect()
}

/// Adds the rows of a file to those of its split.
fn read_file(bytes: &[u8], name: &str, split: Split, rows: &mut Rows, classes: &mut Option<Vec<String>>) -> Result<()> {
    let file = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(unreadable)?;
    let metadata = file.metadata().file_metadata();
    let columns = metadata.schema().get_fields();
    let column = |names: &[&str]| {
        let found = names.iter().find_map(|name| columns.iter().find(|column| column.name() == *name));
        found.cloned().ok_or_else(|| {
            let there: Vec<&str> = columns.iter().map(|column| column.name()).collect();
            wrong(format_args!(
                "it has the columns {}; call the one that is needed {}",
                there.join(", "),
                names.join(" or ")
            ))
        })
    };
    let (image, label) = (column(&IMAGES)?, column(&LABELS)?);
    if classes.is_none() {
        *classes = class_names(metadata, label.name());
    }
    let wanted = projection(metadata.schema(), [image.clone(), label]).map_err(unreadable)?;
    for (row, record) in file.get_row_iter(Some(wanted)).map_err(unreadable)?.enumerate() {
        let at = |error: Error| error.within(format_args!("row {}", row + 1));
        let mut label = Err(wrong("it has no label"));
        for (column, field) in record.map_err(unreadable)?.into_columns() {
            if column == image.name() {
                let (image, path) = encoded(&field).map_err(at)?;
                rows.images.push(image);
                rows.names.push(path);
            } else {
                label = word(field, classes.as_deref());
            }
        }
        rows.labels.push(label.map_err(at)?);
        rows.places.push(format!("{name}, row {}", row + 1));
        rows.splits.push(split);
    }
    Ok(())
}

fn wrong(problem: impl Display) -> Error {
    Error::format(FORMAT, problem)
}

fn unreadable(error: ParquetError) -> Error {
    Error::unreadable(FORMAT, error)
}

fn projection(schema: &Type, columns: [Arc<Type>; 2]) -> parquet::errors::Result<Type> {
    Type::group_type_builder(schema.name()).with_fields(columns.to_vec()).build()
}

/// Returns the encoded image and its path, which may be fields of a struct.
fn encoded(field: &Field) -> Result<(Vec<u8>, String)> {
    let of_struct = |wanted: &str| match field {
        Field::Group(row) => row.get_column_iter().find(|(name, _)| *name == wanted).map(|(_, field)| field),
        _ => None,
    };
    let path = match of_struct("path") {
        Some(Field::Str(path)) => path.clone(),
        _ => String::new(),
    };
    match of_struct("bytes").unwrap_or(field) {
        Field::Bytes(bytes) => Ok((bytes.data().to_vec(), path)),
        _ => {
            Err(wrong("its image holds no bytes of a PNG or JPEG file: store the images in the table, not only paths"))
        }
    }
}

/// Returns the name of a label's class, or its digits if classes have no names.
fn word(label: Field, classes: Option<&[String]>) -> Result<String> {
    let number: i64 = match label {
        Field::Str(word) => return Ok(word),
        Field::Byte(number) => number.into(),
        Field::Short(number) => number.into(),
        Field::Int(number) => number.into(),
        Field::Long(number) => number,
        Field::UByte(number) => number.into(),
        Field::UShort(number) => number.into(),
        Field::UInt(number) => number.into(),
        Field::ULong(number) => number as i64,
        other => return Err(wrong(format_args!("its label is {other}, no whole number"))),
    };
    let Some(classes) = classes else { return Ok(number.to_string()) };
    let name = usize::try_from(number).ok().and_then(|number| classes.get(number)).cloned();
    name.ok_or_else(|| {
        wrong(format_args!("its label is {number}, but the file names {} classes: leave such rows out", classes.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_of_a_name_says_the_split() {
        let names = [
            "dev/train-00000-of-00002.parquet",
            "dev/Test-00000.parquet",
            "dev/validation/0000.parquet",
            "dev/test/train-0.parquet",
            "dev/a-train.parquet",
        ];
        let [train, validation, test] = Split::ALL.map(Some);
        assert_eq!(splits_of(&names), [train, test, validation, train, None], "`dev` was opened");
        assert_eq!(splits_of(&["dev/0.parquet", "train/0.parquet"]), [validation, train], "two folders");
        assert_eq!(splits_of(&["train-0.parquet", "test-0.parquet"]), [train, test], "no folder");
    }
}
