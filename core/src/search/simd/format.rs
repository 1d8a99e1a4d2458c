//! Number formats of packed rows.

/// Largest number of values of each row in a block.
pub const BLOCK_VALUES: usize = 320;
/// A multiple of this number of values is in each block but the last.
pub const GRAIN: usize = 8;
/// Columns of a block of integers before its words: scales and starts.
pub const HEADER: usize = 2;

/// Number format of the rows that a filter multiplies, the most precise first. Neighbours are the same with each, to
/// the bit: a filter keeps every row that its rounding errors leave possible, and these are compared in float64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One float32 per word.
    F32,
    /// Two 16-bit integers per word, a scale for each block of at most 320 values of a row.
    Int16,
    /// Four 8-bit integers per word, a scale for each block of at most 320 values of a row.
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
    /// Largest number of values of a block. Their products are summed before the sum is added to a tile: few enough for
    /// the first cache.
    block_values: usize,
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
    Properties { name: "f32", values: 1, header: 0, block_values: 128, error: 0.0, time: 1.0, integers: None },
    Properties {
        name: "int16",
        values: 2,
        header: HEADER,
        block_values: BLOCK_VALUES,
        error: f32::EPSILON,
        time: 0.5,
        integers: Some(Integers { largest: 32_767.0, longest: 46_000.0 }),
    },
    Properties {
        name: "int8",
        values: 4,
        header: HEADER,
        block_values: BLOCK_VALUES,
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

    /// Returns the values of a block of rows of `dims` values (the last block may have fewer): blocks are about equally
    /// long, since one of a few values takes nearly as long as one of many.
    pub(in crate::search) fn block_values(self, dims: usize) -> usize {
        let blocks = dims.div_ceil(self.properties().block_values).max(1);
        dims.div_ceil(blocks).max(1).next_multiple_of(GRAIN)
    }

    /// Returns the columns of a block of rows of `dims` values.
    pub(in crate::search) fn block(self, dims: usize) -> usize {
        let Properties { values, header, .. } = self.properties();
        header + self.block_values(dims) / values
    }

    /// Returns the columns of a panel whose rows have `dims` values.
    pub(in crate::search) fn columns(self, dims: usize) -> usize {
        let Properties { values, header, .. } = self.properties();
        dims.div_ceil(*values) + header * dims.div_ceil(self.block_values(dims))
    }

    /// Returns the maximum number of successive float32 roundings in a dot product of `dims` values.
    pub(in crate::search) fn roundings(self, dims: usize) -> usize {
        let block = self.block_values(dims);
        let within_a_block = match self.properties().integers {
            Some(_) => INTEGER_ROUNDINGS,
            None => dims.min(block),
        };
        within_a_block + dims.div_ceil(block) + 2
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
        assert_eq!(columns(321), [321, 161 + 4, 81 + 4]);
        for format in [Format::Int16, Format::Int8] {
            assert_eq!(format.columns(3 * BLOCK_VALUES), 3 * format.block(3 * BLOCK_VALUES));
        }
    }

    #[test]
    fn blocks_are_about_equally_long() {
        for format in Format::ALL {
            for dims in 1..2000 {
                let (block, most) = (format.block_values(dims), format.properties().block_values);
                let blocks = dims.div_ceil(block);
                assert!(block <= most && blocks <= dims.div_ceil(most), "{} {dims}", format.name());
                assert!(dims + blocks * GRAIN > blocks * block, "{} {dims}: {blocks} of {block}", format.name());
            }
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
