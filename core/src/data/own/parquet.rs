//! Parquet files as on the Hugging Face hub: a column of encoded images, a column of labels, perhaps one of names, and
//! class names in the metadata.

use std::sync::Arc;

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::parquet_classes::class_names;
use super::parquet_format::{unreadable, wrong};
use super::parquet_names::Names;
use super::read_files::{NamedImages, ReadFiles, ends};
use super::split_word::split_of;
use super::{InputFile, ReadOptions, images, parquet_table};
use crate::data::{ReadReport, Split};
use crate::error::{Error, Result};

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
    let (mut naming, asked) = (Names::default(), options.id_column.as_deref());
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
        let about = (&mut classes, &mut naming);
        read_file(&file.bytes()?, (name, split), asked, &mut rows, about).map_err(|error| error.within(name))?;
    }
    let encoded: Vec<(&str, &[u8])> =
        rows.places.iter().zip(&rows.images).map(|(place, image)| (place.as_str(), image.as_slice())).collect();
    let encoded: Vec<&dyn InputFile> = encoded.iter().map(|image| image as &dyn InputFile).collect();
    let pictures = images::pictures(&encoded, &rows.places, options, &mut report)?;
    let names = naming.chosen(asked, &mut report)?;
    let part = |split: Split| -> Result<Option<NamedImages>> {
        let which: Vec<usize> = (0..rows.splits.len()).filter(|&row| rows.splits[row] == split).collect();
        let (images, kept) = pictures.select(&which)?;
        let labels = kept.iter().map(|&row| rows.labels[row].clone()).collect();
        let names = kept.iter().filter_map(|&row| names.get(row).cloned()).collect();
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

/// Adds the rows of a file to those of its split. `asked` is the user's column of names.
fn read_file(
    bytes: &[u8],
    (name, split): (&str, Split),
    asked: Option<&str>,
    rows: &mut Rows,
    (classes, naming): (&mut Option<Vec<String>>, &mut Names),
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
    naming.choose(columns, [image.name(), label.name()], asked)?;
    let id = naming.column_in(columns, asked)?;
    let wanted = [image.clone(), label.clone()].into_iter().chain(id).collect();
    let wanted = projection(metadata.schema(), wanted).map_err(unreadable)?;
    for (row, record) in file.get_row_iter(Some(wanted)).map_err(unreadable)?.enumerate() {
        let at = |error: Error| error.within(format_args!("row {}", row + 1));
        let (mut of_label, mut path, mut id) = (Err(wrong("it has no label")), String::new(), None);
        for (column, field) in record.map_err(unreadable)?.into_columns() {
            if column == image.name() {
                let (image, of_image) = encoded(&field).map_err(at)?;
                rows.images.push(image);
                path = of_image;
            } else if column == label.name() {
                of_label = word(field, classes.as_deref());
            } else {
                id = Some(field);
            }
        }
        naming.add(path, id.as_ref());
        rows.labels.push(of_label.map_err(at)?);
        rows.places.push(format!("{name}, row {}", row + 1));
        rows.splits.push(split);
    }
    Ok(())
}

fn projection(schema: &Type, columns: Vec<Arc<Type>>) -> parquet::errors::Result<Type> {
    Type::group_type_builder(schema.name()).with_fields(columns).build()
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
    use std::io::Cursor;

    use image::{DynamicImage, GrayImage, ImageFormat, Luma};
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;
    use crate::data::{Dataset, read_own};

    /// Returns a file of images with labels and keys.
    fn file(pixels: &[u8], keys: &[&str], key: &str) -> Vec<u8> {
        let encoded = |&pixel: &u8| {
            let mut bytes = Vec::new();
            let image = DynamicImage::from(GrayImage::from_pixel(2, 2, Luma([pixel])));
            image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("an image");
            ByteArray::from(bytes)
        };
        let schema = format!(
            "message m {{ required binary {key} (UTF8); required binary image; required int64 label; required int64 size; }}"
        );
        let schema = Arc::new(parse_message_type(&schema).expect("a schema"));
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, schema, Arc::new(WriterProperties::default())).expect("a file");
        let mut group = writer.next_row_group().expect("a group");
        let keys: Vec<ByteArray> = keys.iter().map(|&key| ByteArray::from(key)).collect();
        for texts in [keys, pixels.iter().map(encoded).collect()] {
            let mut column = group.next_column().expect("no error").expect("a column");
            column.typed::<ByteArrayType>().write_batch(&texts, None, None).expect("written");
            column.close().expect("closed");
        }
        for numbers in [(0..pixels.len() as i64).map(|row| row % 2).collect::<Vec<_>>(), vec![7; pixels.len()]] {
            let mut column = group.next_column().expect("no error").expect("a column");
            column.typed::<Int64Type>().write_batch(&numbers, None, None).expect("written");
            column.close().expect("closed");
        }
        group.close().expect("closed");
        writer.close().expect("closed");
        bytes
    }

    fn open(files: &[(&str, Vec<u8>)], id_column: Option<&str>) -> Result<Dataset> {
        read_own(files, &ReadOptions { id_column: id_column.map(String::from), ..ReadOptions::default() })
    }

    #[test]
    fn a_column_beside_the_images_names_the_examples() {
        let train = file(&[10, 20, 30], &["c", "a", "c"], "__key__");
        let files = [("d/train-0.parquet", train.clone()), ("d/test-0.parquet", file(&[40], &["e"], "__key__"))];
        let data = open(&files, None).expect("a data set");
        assert_eq!(
            (&data.names[..], data.images.image(3)),
            (&["c", "a", "c", "e"].map(String::from)[..], &[40; 4][..])
        );
        let notes = data.report.notes.join("\n");
        assert!(notes.contains("column `__key__` names the examples"), "{notes}");
        assert!(notes.contains("2 of 4 examples share theirs, such as \"c\" (ids 0 and 2)"), "{notes}");
        assert_eq!(open(&files, Some("size")).expect("a data set").names, ["7"; 4]);
        let other = [("d/train-0.parquet", train), ("d/test-0.parquet", file(&[40], &["e"], "code"))];
        assert_eq!(open(&other, None).expect("a data set").names, ["c", "a", "c", ""]);
        let words = open(&other, Some("__key__")).expect_err("not in the test file").to_string();
        assert!(words.contains("d/test-0.parquet") && words.contains("--id-column __key__"), "{words}");
        let none = file(&[10, 20], &["c", "a"], "code");
        assert!(open(&[("d.parquet", none.clone())], None).expect("a data set").names.is_empty());
        assert_eq!(open(&[("d.parquet", none)], Some("code")).expect("a data set").names, ["c", "a"]);
    }

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
