//! Data of the reader's own, from the bytes of one file or two: IDX, CSV, safetensors.

use std::collections::BTreeSet;

use safetensors::{Dtype, SafeTensors};

use super::idx::gunzip;
use super::{Class, Dataset, Images, Labelled, read_images, read_labels};
use crate::error::{Error, Result};

/// What is read, in words for whoever chose other files.
const KINDS: &str = "an IDX file of images with one of labels (.gz too), a .csv with a column `label`, or a .safetensors \
                     with `images` and `labels`";
/// The name of a table's column of labels.
const LABEL: &str = "label";

/// A data set of training images from files, `(name, bytes)`, which may be gzipped:
/// - two IDX files, images and labels, in any order;
/// - a CSV file whose header has `label`; all other columns are pixels, integers from 0 to 255, a square image row by row
///   where their number is a square, else an image one pixel high;
/// - a safetensors file with `images`, u8 `[n, height, width]` or `[n, channels, height, width]`, and `labels` `[n]`, of a type of
///   integers.
///
/// Classes are the labels that occur, in order, by number where all are numbers.
///
/// # Errors
/// [`Error::Format`] naming the row and column or the byte, [`Error::Mismatch`] where there are not as many labels as images,
/// [`Error::Setting`] where the files are none of these.
pub fn read_own(files: &[(&str, &[u8])]) -> Result<Dataset> {
    let name = files.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and ");
    let (images, labels) = match files {
        [(name, bytes)] if ends(name, "csv") => of_table(&gunzip(bytes)?)?,
        [(name, bytes)] if ends(name, "safetensors") => of_tensors(&gunzip(bytes)?)?,
        [one, other] => {
            let of_images = read_images(one.1);
            let (images, labels) = if of_images.is_ok() { (of_images?, other) } else { (read_images(other.1)?, one) };
            (images, read_labels(labels.1)?.iter().map(Class::to_string).collect())
        }
        _ => return Err(Error::Setting { name: "data", value: name, remedy: format!("choose {KINDS}") }),
    };
    let classes = in_order(&labels);
    let place = |label: &String| classes.iter().position(|class| class == label).unwrap_or_default() as Class;
    let labels = labels.iter().map(place).collect();
    let none = Labelled { images: Images::new(Vec::new(), images.shape())?, labels: Vec::new() };
    let training = Labelled::new(images, labels, classes.len())?;
    Dataset::new(&name, &format!("the file {name}, read here"), training, none, classes)
}

fn ends(name: &str, extension: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.trim_end_matches(".gz").ends_with(&format!(".{extension}"))
}

/// The labels that occur.
fn in_order(labels: &[String]) -> Vec<String> {
    let mut classes: Vec<String> = labels.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
    if classes.iter().all(|class| class.parse::<i64>().is_ok()) {
        classes.sort_by_key(|class| class.parse::<i64>().unwrap_or_default());
    }
    classes
}

fn of_table(bytes: &[u8]) -> Result<(Images, Vec<String>)> {
    let wrong = |byte: u64, problem: String| Error::Format { format: "CSV file", byte: byte as usize, problem };
    let broken = |error: csv::Error| wrong(error.position().map_or(0, csv::Position::byte), format!("{error}"));
    let mut table = csv::Reader::from_reader(bytes);
    let header = table.headers().map_err(broken)?.clone();
    let at = header.iter().position(|column| column.trim().eq_ignore_ascii_case(LABEL));
    let at =
        at.ok_or_else(|| wrong(0, format!("no column of its first row is called `{LABEL}`: name the labels' so")))?;
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for (row, record) in table.records().enumerate() {
        let record = record.map_err(broken)?;
        let byte = record.position().map_or(0, csv::Position::byte);
        for (column, value) in record.iter().enumerate() {
            if column == at {
                labels.push(value.trim().to_owned());
                continue;
            }
            let pixel = value.trim().parse::<u8>().map_err(|_| {
                let name = header.get(column).unwrap_or_default();
                let remedy = "pixels are whole numbers from 0 to 255: scale the columns to that";
                wrong(byte, format!("{value:?} in row {}, column `{name}`; {remedy}", row + 1))
            })?;
            pixels.push(pixel);
        }
    }
    let columns = header.len() - 1;
    if labels.is_empty() || columns == 0 {
        return Err(wrong(
            0,
            format!("{} rows with {columns} columns of pixels: there is nothing to learn", labels.len()),
        ));
    }
    let side = columns.isqrt();
    let shape = if side * side == columns { [1, side, side] } else { [1, 1, columns] };
    Ok((Images::new(pixels, shape)?, labels))
}

fn of_tensors(bytes: &[u8]) -> Result<(Images, Vec<String>)> {
    let wrong = |problem: String| Error::Format { format: "safetensors file of data", byte: 0, problem };
    let file = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
    let tensor = |name: &str| file.tensor(name).map_err(|_| wrong(format!("it has no tensor `{name}`")));
    let (images, labels) = (tensor("images")?, tensor("labels")?);
    if images.dtype() != Dtype::U8 {
        return Err(wrong(format!("`images` holds {:?}; images are U8, from 0 to 255", images.dtype())));
    }
    let shape = match *images.shape() {
        [_, height, width] => [1, height, width],
        [_, channels, height, width] => [channels, height, width],
        _ => {
            let shape = images.shape();
            return Err(wrong(format!(
                "`images` is {shape:?}, not [n, height, width] or [n, channels, height, width]"
            )));
        }
    };
    let bytes = labels.data();
    let labels: Vec<String> = match labels.dtype() {
        Dtype::U8 => bytes.iter().map(u8::to_string).collect(),
        Dtype::I32 => bytes.as_chunks().0.iter().map(|word| i32::from_le_bytes(*word).to_string()).collect(),
        Dtype::U32 => bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word).to_string()).collect(),
        Dtype::I64 => bytes.as_chunks().0.iter().map(|word| i64::from_le_bytes(*word).to_string()).collect(),
        other => return Err(wrong(format!("`labels` holds {other:?}; labels are U8, U32, I32 or I64"))),
    };
    Ok((Images::new(images.data().to_vec(), shape)?, labels))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{write_images, write_labels};

    fn refused(files: &[(&str, &[u8])]) -> String {
        read_own(files).expect_err("wrong files").to_string()
    }

    #[test]
    fn a_table_is_read() {
        let csv = b"label,a,b,c,d\nshirt,0,1,2,255\nbag,4,5,6,7\nshirt,8,9,10,11\n";
        let data = read_own(&[("mine.CSV", csv)]).expect("a table");
        assert_eq!(data.classes, ["bag", "shirt"]);
        assert_eq!(data.labels, [1, 0, 1]);
        assert_eq!((data.training, data.images.shape()), (3, [1, 2, 2]));
        assert_eq!(data.images.image(0), [0, 1, 2, 255]);
        let data = read_own(&[("mine.csv", b"a,b,label\n1,2,10\n3,4,9\n")]).expect("a table");
        assert_eq!((data.images.shape(), data.classes), ([1, 1, 2], vec!["9".to_owned(), "10".to_owned()]));
    }

    #[test]
    fn a_wrong_table_is_refused_by_its_place() {
        assert!(refused(&[("a.csv", b"x,y\n1,2\n")]).contains("called `label`"));
        let words = refused(&[("a.csv", b"label,x,y\n0,1,2\n1,0.5,2\n")]);
        assert!(words.contains("\"0.5\" in row 2, column `x`") && words.contains("scale"), "{words}");
        assert!(refused(&[("a.csv", b"label,x\n0,1\n1,2,3\n")]).contains("at byte"));
        assert!(refused(&[("a.csv", b"label,x\n")]).contains("nothing to learn"));
        assert!(refused(&[("a.csv", b"label\n1\n")]).contains("nothing to learn"));
        assert!(refused(&[("a.csv", b"")]).contains("label"));
    }

    #[test]
    fn a_pair_of_idx_files_is_read_in_any_order() {
        let images = Images::new((0..24).collect(), [1, 2, 3]).expect("images");
        let (images, labels) = (write_images(&images).expect("bytes"), write_labels(&[5, 2, 5, 2]).expect("bytes"));
        for files in [[("i", &images[..]), ("l", &labels[..])], [("l", &labels[..]), ("i", &images[..])]] {
            let data = read_own(&files).expect("a pair");
            assert_eq!((data.labels, data.images.shape()), (vec![1, 0, 1, 0], [1, 2, 3]));
        }
        assert!(refused(&[("i", &images), ("i", &images)]).contains("sides"));
        assert!(refused(&[("i", &images)]).contains("choose an IDX file"));
        let few = write_labels(&[1]).expect("bytes");
        assert!(refused(&[("i", &images), ("l", &few)]).contains("expected 4, found 1"));
    }

    #[test]
    fn tensors_are_read() {
        let file = |shape: &[usize], labels: &[i64]| {
            let bytes: Vec<u8> = (0..shape.iter().product::<usize>() as u8).collect();
            let labels_bytes: Vec<u8> = labels.iter().flat_map(|label| label.to_le_bytes()).collect();
            let view = safetensors::tensor::TensorView::new;
            let tensors = [
                ("images", view(Dtype::U8, shape.to_vec(), &bytes).expect("a tensor")),
                ("labels", view(Dtype::I64, vec![labels.len()], &labels_bytes).expect("a tensor")),
            ];
            safetensors::serialize(tensors, None).expect("a file")
        };
        let data = read_own(&[("a.safetensors", &file(&[2, 3, 1, 2], &[-1, 7]))]).expect("tensors");
        assert_eq!(
            (data.images.shape(), data.labels, data.classes),
            ([3, 1, 2], vec![0, 1], vec!["-1".into(), "7".into()])
        );
        assert!(refused(&[("a.safetensors", &file(&[2, 2], &[0, 1]))]).contains("[2, 2]"));
        assert!(refused(&[("a.safetensors", &file(&[2, 2, 2], &[0]))]).contains("expected 2, found 1"));
        assert!(refused(&[("a.safetensors", b"none")]).contains("safetensors"));
    }
}
