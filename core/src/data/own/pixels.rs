//! How numbers become pixels: one rule for all files and all number types.

use super::cells::{Cells, values};
use crate::error::{Error, Result};

/// How numbers become pixels, 0..=255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelScale {
    /// Whole numbers from 0 to 255 stay as they are.
    Whole,
    /// Fractions from 0 to 1 are multiplied by 255 and rounded.
    Fractions,
}

impl PixelScale {
    /// Decides over all parts of a data set together, so that no part is scaled otherwise than another (our choice):
    /// fractions if every value is from 0 to 1, whole numbers if every value is one of 0..=255. The type of the numbers
    /// has no say. `format` is the name of the format in errors.
    ///
    /// # Errors
    /// [`Error::Format`] for any other values, with the first that fits neither, and its place.
    pub fn of(parts: &[&dyn Cells], format: &'static str) -> Result<Self> {
        let first = |fits: fn(f64) -> bool| {
            let cells = parts.iter().flat_map(|&part| values(part).map(move |(value, place)| (part, value, place)));
            let mut unfit = cells.filter(|&(_, value, _)| !fits(value));
            unfit.next().map(|(part, value, [row, column])| format!("{value} ({})", part.place(row, column)))
        };
        let (beyond, broken) = match (first(is_fraction), first(is_byte)) {
            (None, _) => return Ok(Self::Fractions),
            (_, None) => return Ok(Self::Whole),
            (Some(beyond), Some(broken)) => (beyond, broken),
        };
        let problem = match first(|value| is_fraction(value) || is_byte(value)) {
            Some(value) => format!("it holds {value}, which is no pixel"),
            None => format!("it holds {broken} beside {beyond}, so its scale is unknown"),
        };
        let remedy = "pixels are whole numbers from 0 to 255, or all of them fractions from 0 to 1: scale them to that";
        Err(Error::format(format, problem).remedied(remedy))
    }

    /// Converts a value; what [`of`](Self::of) refuses is clamped.
    pub fn pixel(self, value: f64) -> u8 {
        match self {
            Self::Whole => value as u8,
            Self::Fractions => (value * 255.0).round() as u8,
        }
    }
}

fn is_fraction(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

fn is_byte(value: f64) -> bool {
    (0.0..=255.0).contains(&value) && value.fract() == 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A named row of numbers.
    struct Row<'a>(&'a str, &'a [f64]);

    impl Cells for Row<'_> {
        fn rows(&self) -> usize {
            1
        }

        fn columns(&self) -> usize {
            self.1.len()
        }

        fn at(&self, _: usize, column: usize) -> f64 {
            self.1[column]
        }

        fn place(&self, row: usize, column: usize) -> String {
            format!("`{}` {row}, {column}", self.0)
        }
    }

    fn scale(training: &[f64], test: &[f64]) -> Result<PixelScale> {
        PixelScale::of(&[&Row("x_train", training), &Row("x_test", test)], "test")
    }

    #[test]
    fn all_parts_have_one_scale() {
        assert_eq!(scale(&[0.0, 1.0], &[0.5]).expect("fractions"), PixelScale::Fractions);
        assert_eq!(scale(&[0.0, 1.0], &[0.0, 2.0]).expect("bytes"), PixelScale::Whole, "the test part decides, too");
        assert_eq!(scale(&[0.0, 7.0, 255.0], &[]).expect("bytes"), PixelScale::Whole);
        assert_eq!([0.0, 0.5, 1.0].map(|value| PixelScale::Fractions.pixel(value)), [0, 128, 255]);
        assert_eq!([0.0, 2.0, 255.0].map(|value| PixelScale::Whole.pixel(value)), [0, 2, 255]);
    }

    #[test]
    fn what_is_neither_is_refused_with_its_place() {
        for wrong in [-1.0, 256.0, 1.5, f64::NAN, f64::INFINITY, 1e300] {
            let words = scale(&[0.0, 1.0], &[0.0, wrong]).expect_err("wrong").to_string();
            assert!(words.contains(&format!("{wrong} (`x_test` 0, 1)")) && words.contains("scale them"), "{words}");
        }
        let words = scale(&[0.0, 7.0], &[0.5]).expect_err("wrong").to_string();
        assert!(words.contains("0.5 (`x_test` 0, 0) beside 7 (`x_train` 0, 1)"), "{words}");
    }
}
