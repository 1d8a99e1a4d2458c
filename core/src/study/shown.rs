//! What is shown of the examples, in a study file.

use super::texts::TEXTS;
use crate::archive::{Format, Metadata, Tensor, Tensors};
use crate::data::{Images, Inputs, Table};
use crate::error::Result;
use crate::matrix::Matrix;

/// Metadata: images, text, table or none. Images if it is missing, as in version 1.
pub(super) const INPUTS: &str = "inputs";
/// Metadata: the names of a table's features.
pub(super) const FEATURES: &str = "features";
const IMAGES: &str = "images";
const TABLE: &str = "table";

/// Returns the tensors.
pub(super) fn to_tensors(inputs: &Inputs) -> Vec<(String, Tensor)> {
    match inputs {
        Inputs::Images(images) => {
            let [channels, height, width] = images.shape();
            let shape = [images.len(), channels, height, width];
            vec![(IMAGES.into(), Tensor::u8(&shape, images.pixels().to_vec()))]
        }
        Inputs::Texts(texts) => TEXTS.to_tensors(texts).into(),
        Inputs::Table(table) => {
            let shape = [table.len(), table.features().len()];
            vec![(TABLE.into(), Tensor::f32(&shape, table.values().values()))]
        }
        Inputs::Nothing => Vec::new(),
    }
}

/// Reads what is shown of the examples.
pub(super) fn read(format: &Format, metadata: &Metadata, file: &Tensors) -> Result<Inputs> {
    match metadata.optional(INPUTS) {
        None | Some(IMAGES) => images(format, file).map(Inputs::Images),
        Some("text") => Ok(Inputs::Texts(TEXTS.read(file, |problem| format.wrong(problem))?)),
        Some(TABLE) => match file.f32(TABLE)? {
            (shape, values) if shape.len() == 2 => {
                let values = Matrix::new(values, shape[0], shape[1])?;
                Ok(Inputs::Table(Table::new(metadata.json(FEATURES)?, values)?))
            }
            (shape, _) => Err(format.wrong(format!("its table has the shape {shape:?}, not [examples, features]"))),
        },
        Some("none") => Ok(Inputs::Nothing),
        Some(other) => Err(format.wrong(format!("its inputs are {other:?}, not images, text, table or none"))),
    }
}

fn images(format: &Format, file: &Tensors) -> Result<Images> {
    let (shape, pixels) = file.u8(IMAGES)?;
    let &[_, channels, height, width] = shape.as_slice() else {
        return Err(format.wrong(format!("images have the shape {shape:?}, not [examples, channels, height, width]")));
    };
    Images::new(pixels, [channels, height, width])
}
