//! Conversion of arrays to images and labels.

use crate::data::Images;
use crate::error::{Error, Result};

/// A row-major array.
pub(super) struct Array {
    pub shape: Vec<usize>,
    pub values: Values,
}

/// Values of an array: bytes, or any other numbers.
pub(super) enum Values {
    Bytes(Vec<u8>),
    Numbers(Vec<f64>),
}

/// Returns the sides of images, `[channels, height, width]`, and whether the channels are the last dimension.
fn layout(shape: &[usize]) -> Option<([usize; 3], bool)> {
    let colors = |side: usize| side == 1 || side == 3;
    match *shape {
        [_, columns] => Some((square(columns), false)),
        [_, height, width] => Some(([1, height, width], false)),
        [_, first, second, last] if colors(last) && !colors(first) => Some(([last, first, second], true)),
        [_, channels, height, width] => Some(([channels, height, width], false)),
        _ => None,
    }
}

/// Returns the sides of a square image if the number of pixels is a square, else of an image one pixel high.
pub(super) fn square(pixels: usize) -> [usize; 3] {
    let side = pixels.isqrt();
    if side * side == pixels { [1, side, side] } else { [1, 1, pixels] }
}

impl Array {
    /// Converts to images, from `[n, height, width]`, `[n, channels, height, width]`, `[n, height, width, channels]` (1
    /// or 3 channels), or rows `[n, pixels]`. Numbers from 0 to 1 are scaled to 0 to 255 (our choice). `wrong` converts
    /// a problem to an error.
    pub fn images(self, wrong: impl Fn(String) -> Error) -> Result<Images> {
        let Some((sides, last)) = layout(&self.shape) else {
            let shape = &self.shape;
            return Err(wrong(format!(
                "is {shape:?}, not [n, height, width], [n, channels, height, width] or [n, height, width, channels]"
            )));
        };
        let mut pixels = match self.values {
            Values::Bytes(bytes) => bytes,
            Values::Numbers(numbers) => {
                let fractions = numbers.iter().all(|number| (0.0..=1.0).contains(number));
                let scale = if fractions { 255.0 } else { 1.0 };
                let outside = numbers.iter().find(|&&number| {
                    let value = number * scale;
                    !(0.0..=255.0).contains(&value) || !fractions && value.fract() != 0.0
                });
                if let Some(number) = outside {
                    return Err(wrong(format!(
                        "holds {number}; pixels are whole numbers from 0 to 255, or fractions from 0 to 1: scale them to that"
                    )));
                }
                numbers.into_iter().map(|number| (number * scale).round() as u8).collect()
            }
        };
        if last && sides[0] > 1 {
            pixels = channels_first(&pixels, sides);
        }
        Images::new(pixels, sides)
    }

    /// Converts to labels, from whole numbers of shape `[n]` or `[n, 1]`.
    pub fn labels(self, wrong: impl Fn(String) -> Error) -> Result<Vec<String>> {
        if !matches!(self.shape[..], [_] | [_, 1]) {
            return Err(wrong(format!("is {:?}, not [n]", self.shape)));
        }
        match self.values {
            Values::Bytes(bytes) => Ok(bytes.iter().map(u8::to_string).collect()),
            Values::Numbers(numbers) => match numbers.iter().find(|number| number.fract() != 0.0) {
                Some(number) => Err(wrong(format!("holds {number}; labels are whole numbers"))),
                None => Ok(numbers.iter().map(|&number| (number as i64).to_string()).collect()),
            },
        }
    }
}

fn channels_first(pixels: &[u8], [channels, height, width]: [usize; 3]) -> Vec<u8> {
    let plane = height * width;
    let of_image = |image: &[u8]| -> Vec<u8> {
        (0..channels * plane).map(|at| image[at % plane * channels + at / plane]).collect()
    };
    pixels.chunks_exact((channels * plane).max(1)).flat_map(of_image).collect()
}

/// Converts from column-major order; `shape` has any number of dimensions.
pub(super) fn row_major<T: Copy>(values: &[T], shape: &[usize]) -> Vec<T> {
    // The strides in the file: the first dimension varies fastest.
    let strides: Vec<usize> =
        shape.iter().scan(1, |stride, side| Some(std::mem::replace(stride, *stride * side))).collect();
    let mut place = vec![0; shape.len()];
    let mut taken = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        taken.push(values[place.iter().zip(&strides).map(|(at, stride)| at * stride).sum::<usize>()]);
        for side in (0..shape.len()).rev() {
            place[side] += 1;
            if place[side] < shape[side] {
                break;
            }
            place[side] = 0;
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(shape: &[usize], numbers: &[f64]) -> Result<Images> {
        let array = Array { shape: shape.to_vec(), values: Values::Numbers(numbers.to_vec()) };
        array.images(|problem| Error::format("test", problem))
    }

    #[test]
    fn channels_may_come_first_or_last() {
        let colors: Vec<f64> = (0..12).map(f64::from).collect();
        let last = images(&[1, 2, 2, 3], &colors).expect("images");
        assert_eq!((last.shape(), last.pixels()), ([3, 2, 2], &[0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11][..]));
        let first = images(&[1, 3, 2, 2], &colors).expect("images");
        assert_eq!((first.shape(), first.pixels()), ([3, 2, 2], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11][..]));
        let grey = images(&[2, 2, 3, 1], &colors).expect("images");
        assert_eq!((grey.shape(), grey.len()), ([1, 2, 3], 2));
        assert_eq!(images(&[3, 4], &colors).expect("images").shape(), [1, 2, 2]);
        assert_eq!(images(&[2, 6], &colors).expect("images").shape(), [1, 1, 6]);
        assert!(images(&[12], &colors).is_err());
    }

    #[test]
    fn fractions_are_scaled_and_what_is_neither_is_refused() {
        assert_eq!(images(&[1, 1, 3], &[0.0, 0.5, 1.0]).expect("images").pixels(), [0, 128, 255]);
        assert_eq!(images(&[1, 1, 3], &[0.0, 2.0, 255.0]).expect("images").pixels(), [0, 2, 255]);
        for wrong in [[0.5, 2.0], [-1.0, 0.0], [0.0, 256.0], [f64::NAN, 0.0]] {
            assert!(images(&[1, 1, 2], &wrong).expect_err("wrong").to_string().contains("scale them"), "{wrong:?}");
        }
    }

    #[test]
    fn column_major_order_is_turned() {
        // [[0, 1, 2], [3, 4, 5]] by columns.
        assert_eq!(row_major(&[0, 3, 1, 4, 2, 5], &[2, 3]), [0, 1, 2, 3, 4, 5]);
        let cube: Vec<usize> = (0..24).collect();
        let by_columns: Vec<usize> = (0..24).map(|at| at % 2 * 12 + at / 2 % 3 * 4 + at / 6).collect();
        assert_eq!(row_major(&by_columns, &[2, 3, 4]), cube);
    }
}
