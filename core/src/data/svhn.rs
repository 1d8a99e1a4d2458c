//! SVHN's cropped digits: Matlab files with `X`, uint8 [height, width, channels, n], and `y`, [n, 1], where 10 stands
//! for digit 0.

use matfile::{Array, MatFile, NumericData};

use super::Images;
use crate::class::Class;
use crate::error::{Error, Result, same_length};

const FORMAT: &str = "SVHN file";

/// Reads images and labels of one file.
///
/// # Errors
/// [`Error::Format`] if an array is missing or has another type, [`Error::Mismatch`] if the numbers of labels and
/// images differ.
pub fn read_svhn(bytes: &[u8]) -> Result<(Images, Vec<Class>)> {
    let file = MatFile::parse(bytes).map_err(|error| Error::unreadable(FORMAT, error))?;
    let array = |name: &str| file.find_by_name(name).ok_or_else(|| wrong(format!("it has no array `{name}`")));
    let (images, labels) = (array("X")?, array("y")?);
    let &[height, width, channels, count] = &images.size()[..] else {
        return Err(wrong(format!("`X` is {:?}, not [height, width, channels, n]", images.size())));
    };
    let labels: Vec<Class> =
        numbers(labels)?.into_iter().map(|label| if label == 10.0 { 0 } else { label as Class }).collect();
    same_length("labels `y`, one for each image of `X`", count, labels.len())?;
    let NumericData::UInt8 { real: values, .. } = images.data() else {
        return Err(wrong("`X` does not hold uint8".into()));
    };
    // The first dimension varies fastest in the file: height, width, channels, n.
    let plane = height * width;
    let at = |place: usize| {
        let (image, inside) = (place / (channels * plane), place % (channels * plane));
        let (channel, row, column) = (inside / plane, inside % plane / width, inside % width);
        values[((image * channels + channel) * width + column) * height + row]
    };
    Ok((Images::new((0..values.len()).map(at).collect(), [channels, height, width])?, labels))
}

fn wrong(problem: String) -> Error {
    Error::format(FORMAT, problem)
}

fn numbers(array: &Array) -> Result<Vec<f64>> {
    match array.data() {
        NumericData::UInt8 { real, .. } => Ok(real.iter().map(|&value| value.into()).collect()),
        NumericData::Int32 { real, .. } => Ok(real.iter().map(|&value| value.into()).collect()),
        NumericData::Double { real, .. } => Ok(real.clone()),
        _ => Err(wrong(format!("`{}` holds neither uint8, int32 nor double", array.name()))),
    }
}
