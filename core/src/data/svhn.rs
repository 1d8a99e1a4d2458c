//! SVHN's cropped digits: Matlab files with `X`, uint8 [height, width, channels, n], and `y`, [n, 1], where 10 stands
//! for digit 0.

use super::Images;
use super::mat::arrays;
use crate::class::Class;
use crate::error::{Error, Result, same_length};

const FORMAT: &str = "SVHN file";

/// Reads images and labels of one file.
///
/// # Errors
/// [`Error::Format`] if an array is missing or has another type, or for a label that is no digit; [`Error::Mismatch`] if
/// the numbers of labels and images differ.
pub fn read_svhn(bytes: &[u8]) -> Result<(Images, Vec<Class>)> {
    let arrays = arrays(bytes).map_err(wrong)?;
    let array = |name: &str| {
        arrays.iter().find(|array| array.name == name).ok_or_else(|| wrong(format!("it has no array `{name}`")))
    };
    let (images, labels) = (array("X")?, array("y")?);
    let &[height, width, channels, count] = &images.sides[..] else {
        return Err(wrong(format!("`X` is {:?}, not [height, width, channels, n]", images.sides)));
    };
    let labels = labels.numbers().into_iter().enumerate().map(|(at, label)| match label {
        10.0 => Ok(0),
        _ if (0.0..10.0).contains(&label) && label.fract() == 0.0 => Ok(label as Class),
        _ => Err(wrong(format!("`y` holds {label} for image {at}; labels are 1 to 10"))),
    });
    let labels = labels.collect::<Result<Vec<Class>>>()?;
    same_length("labels `y`, one for each image of `X`", count, labels.len())?;
    let values = images.bytes().ok_or_else(|| wrong("`X` does not hold uint8".into()))?;
    // The first dimension varies fastest in the file: height, width, channels, n.
    let plane = height * width;
    let at = |place: usize| {
        let (image, inside) = (place / (channels * plane), place % (channels * plane));
        let (channel, row, column) = (inside / plane, inside % plane / width, inside % width);
        values[((image * channels + channel) * width + column) * height + row]
    };
    Images::new((0..values.len()).map(at).collect(), [channels, height, width]).map(|images| (images, labels))
}

fn wrong(problem: String) -> Error {
    Error::format(FORMAT, problem)
}
