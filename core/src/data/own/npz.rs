//! NumPy archives of arrays.

use std::fmt::Display;
use std::io::{Cursor, Read};

use half::f16;
use npyz::{DType, Deserialize, NpyFile, Order, TypeChar};
use zip::ZipArchive;

use super::arrays::{Array, Values, row_major};
use super::read_files::{NamedImages, ReadFiles};
use super::{InputFile, ReadOptions};
use crate::error::{Error, Result};

const FORMAT: &str = "npz file";

/// Names of images and labels, then of those of the test set, as used by this program, Keras, MedMNIST and
/// scikit-learn.
const NAMES: [[&str; 4]; 6] = [
    ["images", "labels", "test_images", "test_labels"],
    ["x_train", "y_train", "x_test", "y_test"],
    ["train_images", "train_labels", "test_images", "test_labels"],
    ["X", "y", "X_test", "y_test"],
    ["x", "y", "x_test", "y_test"],
    ["data", "target", "test_data", "test_target"],
];

fn wrong(problem: impl Display) -> Error {
    Error::format(FORMAT, problem)
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unreadable(FORMAT, error)
}

/// Reads the training set, and the test set if there is one.
pub(super) fn read(files: &[&dyn InputFile], _options: &ReadOptions) -> Result<ReadFiles> {
    let bytes = files[0].bytes()?;
    let bytes = bytes.as_ref();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let there: Vec<String> =
        archive.file_names().filter_map(|name| Some(name.ok()?.trim_end_matches(".npy").to_owned())).collect();
    let has = |name: &str| there.iter().any(|there| there == name);
    let Some(names) = NAMES.iter().find(|names| has(names[0]) && has(names[1])) else {
        let pairs: Vec<String> =
            NAMES.iter().map(|[images, labels, ..]| format!("`{images}` and `{labels}`")).collect();
        return Err(wrong(format!("it has {}; call the arrays {}", there.join(", "), pairs.join(", or "))));
    };
    let mut pair = |images: &str, labels: &str| -> Result<NamedImages> {
        let named = |name: &str| {
            let name = name.to_owned();
            move |problem: String| wrong(format!("`{name}` {problem}"))
        };
        let of_images = array(&mut archive, images)?.images(named(images))?;
        Ok(NamedImages::new(of_images, array(&mut archive, labels)?.labels(named(labels))?))
    };
    let training = pair(names[0], names[1])?;
    let test = (has(names[2]) && has(names[3])).then(|| pair(names[2], names[3])).transpose()?;
    Ok((training, test).into())
}

fn array(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Array> {
    let place = format!("`{name}`");
    let mut bytes = Vec::new();
    let mut entry = archive.by_name(&format!("{name}.npy")).map_err(|error| unreadable(error).within(&place))?;
    entry.read_to_end(&mut bytes).map_err(|error| unreadable(error).within(&place))?;
    let file = NpyFile::new(&bytes[..]).map_err(|error| unreadable(error).within(&place))?;
    let shape: Vec<usize> = file.shape().iter().map(|&side| side as usize).collect();
    let by_columns = file.order() == Order::Fortran;
    let dtype = file.dtype();
    let kind = match &dtype {
        DType::Plain(kind) => Some((kind.type_char(), kind.size_field())),
        _ => None,
    };
    let values = match kind {
        Some((TypeChar::Uint, 1)) => file.into_vec::<u8>().map(Values::Bytes),
        Some((TypeChar::Bool, _)) => file.into_vec::<bool>().map(|all| numbers(all, |one| f64::from(u8::from(one)))),
        Some((TypeChar::Int, 1)) => of::<i8>(file, f64::from),
        Some((TypeChar::Int, 2)) => of::<i16>(file, f64::from),
        Some((TypeChar::Int, 4)) => of::<i32>(file, f64::from),
        Some((TypeChar::Int, 8)) => of::<i64>(file, |number| number as f64),
        Some((TypeChar::Uint, 2)) => of::<u16>(file, f64::from),
        Some((TypeChar::Uint, 4)) => of::<u32>(file, f64::from),
        Some((TypeChar::Uint, 8)) => of::<u64>(file, |number| number as f64),
        Some((TypeChar::Float, 2)) => of::<f16>(file, f64::from),
        Some((TypeChar::Float, 4)) => of::<f32>(file, f64::from),
        Some((TypeChar::Float, 8)) => of::<f64>(file, |number| number),
        _ => {
            let problem = format!("holds {}; numbers are read, and nothing else", dtype.descr());
            return Err(wrong(problem).within(place));
        }
    };
    let values = match values.map_err(|error| unreadable(error).within(place))? {
        Values::Bytes(bytes) if by_columns => Values::Bytes(row_major(&bytes, &shape)),
        Values::Numbers(numbers) if by_columns => Values::Numbers(row_major(&numbers, &shape)),
        values => values,
    };
    Ok(Array { shape, values })
}

fn of<T: Deserialize>(file: NpyFile<&[u8]>, number: fn(T) -> f64) -> std::io::Result<Values> {
    file.into_vec::<T>().map(|all| numbers(all, number))
}

fn numbers<T>(all: Vec<T>, number: impl Fn(T) -> f64) -> Values {
    Values::Numbers(all.into_iter().map(number).collect())
}
