//! Number formats of packed rows.

/// Values of each row in a block of integers.
pub const BLOCK_VALUES: usize = 256;
/// Columns of a block of integers before its words: scales and starts.
pub const HEADER: usize = 2;

/// Number format of the rows that a filter multiplies, the most precise first. Neighbours are the same with each, to
/// the bit: a filter keeps every row that its rounding errors leave possible, and these are compared in float64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One float32 per word.
    F32,
    /// Two 16-bit integers per word, a scale for each 256 values of a row.
    Int16,
    /// Four 8-bit integers per word, a scale for each 256 values of a row.
    Int8,
}

/// Properties of a format.
#[derive(Debug)]
pub struct Properties {
    name: &'static str,
    /// Values per word.
    pub values: usize,
    /// Columns of a block before its words.
    pub header: usize,
    /// Words of a block. Their products are summed before the sum is added to a tile: few enough for the first cache.
    pub words: usize,
    /// Bound on the error of a rounded value besides the measured loss, as a share of the value: an integer times its
    /// scale is itself rounded to measure the loss.
    pub error: f32,
    /// Time of a product, as a share of that in float32. (Our measurements, AVX2 and AVX-512 with VNNI.)
    pub time: f64,
    /// Bounds of the integers.
    pub integers: Option<Integers>,
}

/// Bounds of a format's integers.
#[derive(Debug)]
pub struct Integers {
    /// Largest magnitude.
    pub largest: f32,
    /// Largest norm of a block of a row. The sum of the products of two blocks is at most the product of their norms
    /// (Cauchy-Schwarz) and fits into 32 bits; partial sums may wrap around.
    pub longest: f32,
}

const PROPERTIES: [Properties; 3] = [
    Properties { name: "f32", values: 1, header: 0, words: 128, error: 0.0, time: 1.0, integers: None },
    Properties {
        name: "int16",
        values: 2,
        header: HEADER,
        words: BLOCK_VALUES / 2,
        error: f32::EPSILON,
        time: 0.5,
        integers: Some(Integers { largest: 32_767.0, longest: 46_000.0 }),
    },
    Properties {
        name: "int8",
        values: 4,
        header: HEADER,
        words: BLOCK_VALUES / 4,
        error: f32::EPSILON,
        time: 0.25,
        integers: Some(Integers { largest: 127.0, longest: 46_000.0 }),
    },
];

/// Roundings of a product of integers in its block: of the sum as a float32, of the product of both scales, and of the
/// product of these two.
const INTEGER_ROUNDINGS: usize = 3;

impl Format {
    /// All formats, the most precise first.
    pub const ALL: [Self; 3] = [Self::F32, Self::Int16, Self::Int8];

    /// Returns its name, as in the options and output of `pdepth`.
    pub fn name(self) -> &'static str {
        self.properties().name
    }

    /// Returns its properties.
    pub(in crate::search) fn properties(self) -> &'static Properties {
        &PROPERTIES[self as usize]
    }

    /// Returns the columns of a panel whose rows have `dims` values.
    pub(in crate::search) fn columns(self, dims: usize) -> usize {
        let Properties { values, header, .. } = self.properties();
        dims.div_ceil(*values) + header * dims.div_ceil(BLOCK_VALUES)
    }

    /// Returns the columns of a block.
    pub(in crate::search) fn block(self) -> usize {
        self.properties().header + self.properties().words
    }

    /// Returns the maximum number of successive float32 roundings in a dot product over these columns.
    pub(in crate::search) fn roundings(self, columns: usize) -> usize {
        let within_a_block = match self.properties().integers {
            Some(_) => INTEGER_ROUNDINGS,
            None => columns.min(self.block()),
        };
        within_a_block + columns.div_ceil(self.block()) + 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hold_all_values_and_a_header_for_each_block() {
        let columns = |dims| Format::ALL.map(|format| format.columns(dims));
        assert_eq!(columns(1), [1, 3, 3]);
        assert_eq!(columns(256), [256, 130, 66]);
        assert_eq!(columns(257), [257, 133, 69]);
        for format in [Format::Int16, Format::Int8] {
            assert_eq!(format.columns(3 * BLOCK_VALUES), 3 * format.block());
        }
    }

    #[test]
    fn the_bounds_of_integers_exclude_overflow() {
        for format in Format::ALL {
            if let Some(Integers { largest, longest }) = format.properties().integers {
                // Rounding moves each value by at most a half.
                let rounded = f64::from(longest) + (BLOCK_VALUES as f64).sqrt() / 2.0;
                assert!(rounded * rounded < f64::from(i32::MAX), "{}", format.name());
                // One instruction adds two products of int16, or four of int8 that are stored with 128 added.
                assert!(2.0 * f64::from(largest).powi(2) <= f64::from(i32::MAX), "{}", format.name());
            }
        }
        assert!(255 * 127 * BLOCK_VALUES < i32::MAX as usize);
    }
}
