//! Parquet files as on the Hugging Face hub: a column of encoded images, a column of labels, and class names in the
//! metadata.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use image::DynamicImage;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::parquet_classes::class_names;
use super::read_files::{NamedImages, ReadFiles, ends};
use super::{InputFile, ReadOptions, images, parquet_table};
use crate::data::Images;
use crate::error::{Error, Result};

const FORMAT: &str = "Parquet file of images";

/// Names of the column of images.
const IMAGES: [&str; 2] = ["image", "img"];

/// Names of the column of labels; of CIFAR-100's two columns, the fine labels.
const LABELS: [&str; 3] = ["label", "labels", "fine_label"];

/// The images of one split, and their labels as text.
#[derive(Default)]
struct Part {
    images: Vec<DynamicImage>,
    labels: Vec<String>,
}

/// Reads the training set and the test set. A single file is the training set. Of several files, ordered by name, those
/// called `train` are the training set, and those called `test` the test set (`train-00000-of-00002.parquet`, or
/// `train/0000.parquet`). Others are ignored, unless none is called `train`. All images must have the same size; they
/// are grey if all files are grey. Files without a column of images are tables.
pub(super) fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let all = files;
    let mut files: Vec<_> = files.iter().filter(|file| ends(file.name(), "parquet")).collect();
    files.sort_by_key(|file| file.name());
    if let Some(first) = files.first()
        && parquet_table::is_table(**first, &IMAGES)?
    {
        return parquet_table::read(all, options);
    }
    let trained = files.iter().any(|file| part_of(file.name()) == Some("train"));
    let (mut training, mut test, mut classes) = (Part::default(), Part::default(), None);
    let mut size = None;
    for file in &files {
        let name = file.name();
        let part = match part_of(name) {
            _ if files.len() == 1 => &mut training,
            Some("test") => &mut test,
            Some("train") => &mut training,
            None if !trained => &mut training,
            _ => continue,
        };
        read_file(&file.bytes()?, part, &mut classes, &mut size).map_err(|error| error.within(name))?;
    }
    let size = size.unwrap_or([1, 1]);
    let color = training.images.iter().chain(&test.images).any(|image| image.color().has_color());
    let named = |part: Part| -> Result<NamedImages> {
        let pixels = part.images.iter().flat_map(|image| images::pixels(image, size, color)).collect();
        let shape = [if color { 3 } else { 1 }, size[1] as usize, size[0] as usize];
        Ok(NamedImages::new(Images::new(pixels, shape)?, part.labels))
    };
    let test = (!test.images.is_empty()).then(|| named(test)).transpose()?;
    Ok(ReadFiles { classes, ..(named(training)?, test).into() })
}

/// Returns the split, `train`, `test` or `validation`, in the name of the file or of a folder.
fn part_of(name: &str) -> Option<&str> {
    let words = name.rsplit('/').filter_map(|word| word.split(['-', '.', '_']).next());
    words.into_iter().find(|word| ["train", "test", "validation"].contains(word))
}

/// Adds the rows of a file to a split.
fn read_file(
    bytes: &[u8],
    part: &mut Part,
    classes: &mut Option<Vec<String>>,
    size: &mut Option<[u32; 2]>,
) -> Result<()> {
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
        for (name, field) in record.map_err(unreadable)?.into_columns() {
            if name == image.name() {
                part.images.push(decoded(&field, size).map_err(at)?);
            } else {
                label = word(field, classes.as_deref());
            }
        }
        part.labels.push(label.map_err(at)?);
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

/// Decodes an image; the bytes may be a field of a struct. `size` is the size of the first image.
fn decoded(field: &Field, size: &mut Option<[u32; 2]>) -> Result<DynamicImage> {
    let bytes = match field {
        Field::Group(row) => row.get_column_iter().find(|(name, _)| *name == "bytes").map(|(_, field)| field),
        plain => Some(plain),
    };
    let Some(Field::Bytes(bytes)) = bytes else {
        return Err(wrong(
            "its image holds no bytes of a PNG or JPEG file: store the images in the table, not only paths",
        ));
    };
    let image = images::decoded(bytes.data(), FORMAT)?;
    let found = [image.width(), image.height()];
    match *size.get_or_insert(found) {
        first if first == found => Ok(image),
        [width, height] => Err(wrong(format_args!(
            "its image has {} x {} pixels, and the first {width} x {height}: scale all to one size",
            found[0], found[1]
        ))),
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
