//! What is shown of the examples: images, texts, or the rows of a table.

use super::array_file::ArrayFile;
use super::bag::Bag;
use super::part_file::{PartFile, PartReader};
use crate::data::own::arrays::Kind;
use crate::data::{Images, Inputs, Table};
use crate::error::{Error, Result};
use crate::matrix::Matrix;

/// What a split shows of its examples, and where that is from.
pub(super) struct Shown {
    pub inputs: Inputs,
    /// The file; the folder if there is nothing.
    pub place: String,
}

/// Reads what is to be shown; nothing if there is nothing.
pub(super) fn shown(bag: &Bag, examples: usize) -> Result<Shown> {
    let (pictures, texts) = (bag.array("images"), bag.texts("texts")?);
    let places = [
        pictures.map(ArrayFile::place),
        texts.as_ref().map(|texts| texts.place.clone()),
        bag.table.as_ref().map(|table| table.name().to_owned()),
    ];
    let places: Vec<String> = places.into_iter().flatten().collect();
    if let [one, other, ..] = &places[..] {
        return Err(Error::activations(one, format_args!("{other} is shown, too: leave one of the two out")));
    }
    let inputs = match (pictures, texts, &bag.table) {
        (Some(array), ..) => Inputs::Images(images(array)?),
        (_, Some(texts), _) => {
            texts.check_length(examples)?;
            Inputs::Texts(texts.texts)
        }
        (.., Some(file)) => Inputs::Table(table(&**file)?),
        _ => Inputs::Nothing,
    };
    let place = places.into_iter().next().unwrap_or_else(|| bag.place.clone());
    match inputs.len() {
        Some(found) if found != examples => {
            let problem = format!("it has {found} examples, but the layers have {examples}: write one for each");
            Err(Error::activations(place, problem))
        }
        _ => Ok(Shown { inputs, place }),
    }
}

/// Reads images, u8, [n, height, width], [n, channels, height, width] or [n, height, width, channels].
fn images(array: &ArrayFile) -> Result<Images> {
    let shape = &array.heading.shape;
    if array.heading.kind != Kind::Uint(1) {
        let kind = &array.heading.kind;
        return Err(array.wrong(format_args!("it holds {kind}; images are uint8, from 0 to 255: convert them")));
    }
    let channels = |side: usize| matches!(side, 1 | 3);
    // Where each dimension of [channels, height, width] is in the file; `None` for a dimension that it does not have.
    let (sides, places) = match shape[..] {
        [_, height, width] => ([1, height, width], [None, Some(1), Some(2)]),
        [_, first, second, last] if channels(first) && !channels(last) => {
            ([first, second, last], [Some(1), Some(2), Some(3)])
        }
        [_, first, second, last] if channels(last) && !channels(first) => {
            ([last, first, second], [Some(3), Some(1), Some(2)])
        }
        _ => {
            return Err(array.wrong(format_args!(
                "is {shape:?}; images are [n, height, width], [n, channels, height, width] or [n, height, width, \
                 channels] with 1 or 3 channels, and one side only may be 1 or 3: reshape it"
            )));
        }
    };
    let values = array.read()?;
    let strides = values.strides();
    let steps = places.map(|place| place.map_or(0, |place| strides[place]));
    let mut pixels = Vec::with_capacity(array.size()?);
    for example in 0..array.examples() {
        for channel in 0..sides[0] {
            for row in 0..sides[1] {
                let start = example * strides[0] + channel * steps[0] + row * steps[1];
                pixels.extend((0..sides[2]).map(|column| values.byte(start + column * steps[2])));
            }
        }
    }
    Images::new(pixels, sides).map_err(|error| array.wrong(error))
}

/// Reads a table of numbers with a row of names.
fn table(file: &dyn PartFile) -> Result<Table> {
    let wrong = |problem: String| Error::activations(file.name(), problem);
    let unreadable = |error: csv::Error| wrong(format!("it cannot be read: {error}"));
    let mut csv = csv::Reader::from_reader(PartReader::new(file));
    let features: Vec<String> =
        csv.headers().map_err(unreadable)?.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    let (mut values, mut rows) = (Vec::new(), 0);
    for record in csv.records() {
        rows += 1;
        for (cell, name) in record.map_err(unreadable)?.iter().zip(&features) {
            let number = match cell.trim() {
                "" => Some(f32::NAN),
                text => text.parse::<f32>().ok(),
            };
            values.push(number.ok_or_else(|| {
                let problem = "is no number; tables of numbers are shown: leave the column out, or write texts.txt";
                wrong(format!("row {rows}, column `{name}`: {cell:?} {problem}"))
            })?);
        }
    }
    let cols = features.len();
    Matrix::new(values, rows, cols)
        .and_then(|values| Table::new(features, values))
        .map_err(|error| wrong(error.to_string()))
}
