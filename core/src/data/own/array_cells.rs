//! Which dimension of an array means what: images or features, and where their channels are.

use super::arrays::Array;
use super::cells::Cells;
use super::features;
use super::options::Layout;
use crate::product::product;

/// What the rows of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `[n, features]`
    Features(usize),
    /// `[n, channels, height, width]`; `[n, height, width]` has one channel. Also rows of that order.
    ChannelsFirst([usize; 3]),
    /// `[n, height, width, channels]`, also rows of that order; the sides are `[channels, height, width]`.
    ChannelsLast([usize; 3]),
}

impl Form {
    /// Decides by the shape and the user's layout.
    ///
    /// # Errors
    /// The problem, with what to do.
    pub fn of(shape: &[usize], layout: Option<Layout>) -> Result<Self, String> {
        if shape.len() > 1 && shape[1..].contains(&0) {
            return Err(format!("is {shape:?}, so its examples have no values"));
        }
        let channels = |side: usize| matches!(side, 1 | 3 | 4);
        match (shape, layout) {
            (&[_, columns], None) => Ok(Self::Features(columns)),
            (&[_, columns], Some(Layout::RowsChw(sides))) if product(&sides) == Some(columns) => {
                Ok(Self::ChannelsFirst(sides))
            }
            (&[_, columns], Some(Layout::RowsHwc(sides @ [height, width, channels])))
                if product(&sides) == Some(columns) =>
            {
                Ok(Self::ChannelsLast([channels, height, width]))
            }
            (&[_, columns], Some(Layout::RowsChw(sides) | Layout::RowsHwc(sides))) => {
                Err(format!("has rows of {columns} values, and --layout says {sides:?}: choose sides of that product"))
            }
            (&[_, height, width], None) => Ok(Self::ChannelsFirst([1, height, width])),
            (&[_, channels, height, width], Some(Layout::Nchw)) => Ok(Self::ChannelsFirst([channels, height, width])),
            (&[_, height, width, channels], Some(Layout::Nhwc)) => Ok(Self::ChannelsLast([channels, height, width])),
            (&[_, first, second, last], None) => match (channels(first), channels(last)) {
                (true, false) => Ok(Self::ChannelsFirst([first, second, last])),
                (false, true) => Ok(Self::ChannelsLast([last, first, second])),
                _ => Err(format!(
                    "is {shape:?}, so its images have {first} channels of {second} x {last} (then say --layout nchw) or \
                     {last} channels of {first} x {second} (then say --layout nhwc)"
                )),
            },
            (_, Some(_)) => Err(format!(
                "is {shape:?}: --layout nchw and nhwc are for arrays of 4 sides, 28x28 and the like for rows [n, pixels]; \
                 leave it out or choose the other"
            )),
            _ => Err(format!(
                "is {shape:?}; images are [n, height, width], [n, channels, height, width] or [n, height, width, channels], \
                 features [n, features]: reshape it"
            )),
        }
    }

    /// Returns `[channels, height, width]`; features are one line.
    pub fn shape(self) -> [usize; 3] {
        match self {
            Self::Features(columns) => features::shape(columns),
            Self::ChannelsFirst(sides) | Self::ChannelsLast(sides) => sides,
        }
    }

    /// Returns where a value of `[channels, height, width]` is in its example as the file has it, the last dimension
    /// varying fastest.
    fn inside(self, at: usize) -> usize {
        match self {
            Self::ChannelsLast([channels, height, width]) => at % (height * width) * channels + at / (height * width),
            Self::Features(_) | Self::ChannelsFirst(_) => at,
        }
    }
}

/// The kept rows of an array, their values in the order `[channels, height, width]`.
pub(super) struct ArrayCells<'a> {
    array: &'a Array<'a>,
    form: Form,
    rows: Vec<usize>,
    stride: usize,
    /// Distance of each value from the first of its example.
    offsets: Vec<usize>,
}

impl<'a> ArrayCells<'a> {
    /// The shape of the array must be the one for which `form` was made, whatever the number of its rows.
    pub fn new(array: &'a Array<'a>, form: Form, rows: Vec<usize>) -> Self {
        let (shape, strides) = (&array.heading.shape, array.strides());
        let offset = |at: usize| {
            let (mut rest, mut sum) = (form.inside(at), 0);
            for (side, stride) in shape.iter().zip(&strides).skip(1).rev() {
                sum += rest % side * stride;
                rest /= side;
            }
            sum
        };
        let offsets = (0..form.shape().iter().product()).map(offset).collect();
        Self { array, form, rows, stride: strides[0], offsets }
    }
}

impl Cells for ArrayCells<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn columns(&self) -> usize {
        self.offsets.len()
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.array.number(self.rows[row] * self.stride + self.offsets[column])
    }

    fn place(&self, row: usize, column: usize) -> String {
        self.array.place(self.rows[row], self.form.inside(column))
    }
}

#[cfg(test)]
mod tests {
    use super::super::arrays::{Heading, Kind};
    use super::*;

    fn form(shape: &[usize], layout: Option<Layout>) -> Result<Form, String> {
        Form::of(shape, layout)
    }

    #[test]
    fn one_side_of_two_is_the_channels() {
        assert_eq!(form(&[9, 5, 6], None), Ok(Form::ChannelsFirst([1, 5, 6])));
        assert_eq!(form(&[9, 784], None), Ok(Form::Features(784)));
        for (shape, channels) in [([9, 3, 8, 8], 3), ([9, 1, 8, 8], 1), ([9, 4, 8, 8], 4)] {
            assert_eq!(form(&shape, None), Ok(Form::ChannelsFirst([channels, 8, 8])));
        }
        for (shape, channels) in [([9, 8, 8, 3], 3), ([9, 8, 8, 1], 1), ([9, 8, 8, 4], 4)] {
            assert_eq!(form(&shape, None), Ok(Form::ChannelsLast([channels, 8, 8])));
        }
        for shape in [[9, 3, 8, 3], [9, 2, 8, 8], [9, 1, 5, 4], [9, 8, 8, 5]] {
            let words = form(&shape, None).expect_err("two readings");
            assert!(words.contains("--layout nchw") && words.contains("--layout nhwc"), "{words}");
        }
        assert_eq!(form(&[9, 2, 8, 3], Some(Layout::Nchw)), Ok(Form::ChannelsFirst([2, 8, 3])));
        assert_eq!(form(&[9, 3, 8, 5], Some(Layout::Nhwc)), Ok(Form::ChannelsLast([5, 3, 8])));
    }

    #[test]
    fn rows_are_images_only_when_told() {
        assert_eq!(form(&[9, 12], Some(Layout::RowsChw([3, 2, 2]))), Ok(Form::ChannelsFirst([3, 2, 2])));
        assert_eq!(form(&[9, 12], Some(Layout::RowsHwc([2, 2, 3]))), Ok(Form::ChannelsLast([3, 2, 2])));
        assert!(form(&[9, 12], Some(Layout::RowsChw([1, 2, 2]))).expect_err("other").contains("rows of 12"));
        assert!(form(&[9, 12], Some(Layout::Nchw)).expect_err("rows").contains("leave it out"));
        assert!(form(&[9, 2, 2], Some(Layout::Nchw)).expect_err("three sides").contains("leave it out"));
        for wrong in [&[9][..], &[], &[1, 2, 3, 4, 5], &[3, 0], &[3, 0, 5]] {
            assert!(form(wrong, None).expect_err("wrong").contains(&format!("{wrong:?}")), "{wrong:?}");
        }
    }

    #[test]
    fn values_are_found_in_every_order() {
        let numbers: Vec<u8> = (0..24).collect();
        let by_columns: Vec<u8> = (0..24).map(|at| at % 2 * 12 + at / 2 % 2 * 6 + at / 4 % 2 * 3 + at / 8).collect();
        let heading = Heading::new("x", Kind::Uint(1), [2, 2, 2, 3]);
        let turned = Heading { by_columns: true, ..heading.clone() };
        for (heading, bytes) in [(heading, numbers), (turned, by_columns)] {
            let array = Array::new(heading, bytes, "test").expect("an array");
            let form = form(&[2, 2, 2, 3], Some(Layout::Nhwc)).expect("a form");
            let cells = ArrayCells::new(&array, form, vec![0, 1]);
            let row: Vec<f64> = (0..12).map(|column| cells.at(1, column)).collect();
            assert_eq!(row, [12., 15., 18., 21., 13., 16., 19., 22., 14., 17., 20., 23.]);
            assert_eq!(cells.place(1, 5), "`x`[1, 0, 1, 1]", "value 16");
        }
    }
}
