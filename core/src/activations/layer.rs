//! A layer as rows: in memory if it fits, else read from its file in blocks.

use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

use rayon::prelude::*;

use super::array_file::{ArrayFile, Values};
use super::convert::Convert;
use super::part_file::PartFile;
use super::scratch::Scratch;
use crate::error::{Error, Result};
use crate::matrix::{Matrix, Rows};

/// Bytes that are read at a time.
const BLOCK: usize = 4 << 20;
/// Columns of a file in Fortran order that are read together: a row's values then fill whole lines of the cache.
const COLUMNS: usize = 64;

/// A layer of a split, [examples, dims]. Dimensions of an example are flattened, the last one varying fastest.
pub struct Layer(Place);

/// Says whether a value is used, by its example and its place in the example.
type Counts<'a> = &'a dyn Fn(usize, usize) -> bool;

enum Place {
    Held(Matrix),
    InFile(InFile),
}

/// Rows in a file, as they were saved.
struct InFile {
    array: ArrayFile,
    convert: Convert,
    file: Rc<dyn PartFile>,
    start: u64,
}

impl Layer {
    /// Opens a layer. `fits` says whether it is read into memory; otherwise it is read where it lies, and a compressed one
    /// is inflated to a scratch file first.
    pub(super) fn open(array: &ArrayFile, fits: bool, scratch: &dyn Scratch) -> Result<Self> {
        let convert = Convert::new(&array.heading).map_err(|problem| array.wrong(problem))?;
        let (file, start) = match array.values {
            Values::At(start) => (array.file.clone(), start),
            Values::Deflated(_) if fits => return inflated(array, &convert).map(|matrix| Self(Place::Held(matrix))),
            Values::Deflated(_) => {
                let mut write = |to: &mut dyn std::io::Write| {
                    array.read_through(|_, block| to.write_all(block).map_err(Error::Storage))
                };
                (scratch.keep(&mut write)?, 0)
            }
        };
        let rows = InFile { array: array.clone(), convert, file, start };
        if !fits {
            return Ok(Self(Place::InFile(rows)));
        }
        let values = rows.read(0..array.examples(), &all)?;
        Matrix::new(values, array.examples(), array.dims()).map(|matrix| Self(Place::Held(matrix)))
    }
}

/// Returns where a value of a file in Fortran order is in its example, the last dimension varying fastest, if it is the
/// value `at` with the first dimension varying fastest.
pub(super) fn in_c_order(shape: &[usize], at: usize) -> usize {
    let (mut rest, mut index) = (at, Vec::with_capacity(shape.len()));
    for side in shape {
        index.push(rest % side);
        rest /= side;
    }
    shape.iter().zip(index).fold(0, |sum, (side, index)| sum * side + index)
}

/// Reads all rows of a compressed array into memory.
fn inflated(array: &ArrayFile, convert: &Convert) -> Result<Matrix> {
    let (rows, dims, size) = (array.examples(), array.dims(), convert.size());
    let mut values = vec![0.0; array.size()? / size];
    let refused = |row, inside, problem| Err(Error::activations(array.place_of(row, inside), problem));
    if !array.heading.by_columns {
        array.read_through(|at, block| {
            let first = at / size;
            let into = &mut values[first..first + block.len() / size];
            match convert.to_f32(block, into, |_| true) {
                Ok(()) => Ok(()),
                Err((at, problem)) => refused((first + at) / dims, (first + at) % dims, problem),
            }
        })?;
        return Matrix::new(values, rows, dims);
    }
    let mut converted = Vec::new();
    array.read_through(|at, block| {
        let (first, count) = (at / size, block.len() / size);
        converted.resize(count, 0.0);
        let place = |at: usize| (at % rows, in_c_order(array.example_shape(), at / rows));
        if let Err((at, problem)) = convert.to_f32(block, &mut converted, |_| true) {
            let (row, inside) = place(first + at);
            return refused(row, inside, problem);
        }
        // A run has the same place in successive examples.
        let mut from = 0;
        while from < count {
            let (row, inside) = place(first + from);
            let run = (rows - row).min(count - from);
            for (row, &value) in (row..).zip(&converted[from..from + run]) {
                values[row * dims + inside] = value;
            }
            from += run;
        }
        Ok(())
    })?;
    Matrix::new(values, rows, dims)
}

impl InFile {
    fn read(&self, rows: Range<usize>, counts: Counts) -> Result<Vec<f32>> {
        let dims = self.array.dims();
        let mut values = vec![0.0; rows.len() * dims];
        match self.array.heading.by_columns {
            true => self.by_columns(rows, counts, &mut values)?,
            false => self.by_rows(rows, counts, &mut values)?,
        }
        Ok(values)
    }

    fn by_rows(&self, rows: Range<usize>, counts: Counts, values: &mut [f32]) -> Result<()> {
        let (dims, size) = (self.array.dims(), self.convert.size());
        let first = rows.start * dims;
        let mut bytes = vec![0; (values.len() * size).min(BLOCK)];
        for (part, into) in values.chunks_mut(BLOCK / size).enumerate() {
            let first = first + part * (BLOCK / size);
            let bytes = &mut bytes[..into.len() * size];
            self.array.read_at(&*self.file, self.start + first as u64 * size as u64, bytes)?;
            let place = |at: usize| ((first + at) / dims, (first + at) % dims);
            let counts = |at: usize| {
                let (row, inside) = place(at);
                counts(row, inside)
            };
            self.convert.to_f32(bytes, into, counts).map_err(|(at, problem)| {
                let (row, inside) = place(at);
                Error::activations(self.array.place_of(row, inside), problem)
            })?;
        }
        Ok(())
    }

    /// Reads rows of a file that has one column after another.
    fn by_columns(&self, rows: Range<usize>, counts: Counts, values: &mut [f32]) -> Result<()> {
        let dims = self.array.dims();
        let insides: Vec<usize> = (0..dims).map(|at| in_c_order(self.array.example_shape(), at)).collect();
        let most = BLOCK / size_of::<f32>() / COLUMNS;
        for (part, values) in values.chunks_mut(most * dims).enumerate() {
            for (group, insides) in insides.chunks(COLUMNS).enumerate() {
                self.some_columns([rows.start + part * most, group * COLUMNS], insides, counts, values)?;
            }
        }
        Ok(())
    }

    /// Reads a part of some successive columns, from this row and this column of the file on. `insides` says where each
    /// column is in a row of `values`.
    fn some_columns(
        &self,
        [row, column]: [usize; 2],
        insides: &[usize],
        counts: Counts,
        values: &mut [f32],
    ) -> Result<()> {
        let (all, dims, size) = (self.array.examples(), self.array.dims(), self.convert.size());
        let count = values.len() / dims;
        let (mut bytes, mut converted) = (vec![0; insides.len() * count * size], vec![0.0; insides.len() * count]);
        for (column, bytes) in (column..).zip(bytes.chunks_exact_mut(count * size)) {
            let first = (column as u64 * all as u64 + row as u64) * size as u64;
            self.array.read_at(&*self.file, self.start + first, bytes)?;
        }
        let counts = |at: usize| counts(row + at % count, insides[at / count]);
        self.convert.to_f32(&bytes, &mut converted, counts).map_err(|(at, problem)| {
            Error::activations(self.array.place_of(row + at % count, insides[at / count]), problem)
        })?;
        values.par_chunks_exact_mut(dims).enumerate().for_each(|(row, values)| {
            for (column, &inside) in converted.chunks_exact(count).zip(insides) {
                values[inside] = column[row];
            }
        });
        Ok(())
    }
}

impl Layer {
    /// Returns the values of these rows, row after row. What does not count may be anything, NaN too.
    pub(super) fn read(&self, rows: Range<usize>, counts: Counts) -> Result<Cow<'_, [f32]>> {
        match &self.0 {
            Place::Held(matrix) => {
                Ok(Cow::Borrowed(&matrix.values()[rows.start * matrix.cols()..rows.end * matrix.cols()]))
            }
            Place::InFile(file) => file.read(rows, counts).map(Cow::Owned),
        }
    }
}

/// All values count.
fn all(_: usize, _: usize) -> bool {
    true
}

impl Rows for Layer {
    fn shape(&self) -> [usize; 2] {
        match &self.0 {
            Place::Held(matrix) => matrix.shape(),
            Place::InFile(rows) => [rows.array.examples(), rows.array.dims()],
        }
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        self.read(rows, &all)
    }

    fn whole(&self) -> Option<&[f32]> {
        match &self.0 {
            Place::Held(matrix) => matrix.whole(),
            Place::InFile(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use pollster::block_on;

    use super::*;
    use crate::activations::npy;

    struct NoScratch;

    impl Scratch for NoScratch {
        fn keep(&self, _: &mut dyn FnMut(&mut dyn Write) -> Result<()>) -> Result<Rc<dyn PartFile>> {
            Err(Error::Empty { what: "the scratch".into() })
        }
    }

    /// Returns an array [rows, 2, columns] in Fortran order, whose values count up in C order.
    fn in_fortran_order(rows: usize, columns: usize) -> ArrayFile {
        let shape = [rows, 2, columns];
        let header = format!("{{'descr': '<f4', 'fortran_order': True, 'shape': ({rows}, 2, {columns}), }}");
        let header = format!("{header:<117}\n");
        let values = (0..rows * 2 * columns).flat_map(|at| (in_c_order(&shape, at) as f32).to_le_bytes());
        let bytes = b"\x93NUMPY\x01\x00\x76\x00".iter().copied().chain(header.into_bytes()).chain(values);
        let file: Rc<dyn PartFile> = Rc::new(("layer0.npy".to_owned(), bytes.collect::<Vec<u8>>()));
        npy::open(&file).expect("a layer")
    }

    #[test]
    fn columns_are_read_in_groups_and_rows_in_parts() {
        for (rows, columns) in [(70, 3 * COLUMNS - 5), (BLOCK / 4 / COLUMNS * 2 + 3, 1)] {
            let (array, dims) = (in_fortran_order(rows, columns), 2 * columns);
            for fits in [false, true] {
                let layer = Layer::open(&array, fits, &NoScratch).expect("sound");
                assert_eq!((layer.shape(), layer.whole().is_some()), ([rows, dims], fits));
                for some in [0..rows, 5..9, rows - 1..rows] {
                    let expected = (some.start * dims..some.end * dims).map(|value| value as f32).collect::<Vec<_>>();
                    assert!(*block_on(layer.block(some.clone())).expect("at hand") == expected, "{some:?} of {rows}");
                }
            }
        }
    }

    #[test]
    fn fortran_order_is_turned() {
        // [2, 3]: the values 0 to 5 with the first dimension fastest are 0, 2, 4, 1, 3, 5.
        assert_eq!((0..6).map(|at| in_c_order(&[2, 3], at)).collect::<Vec<_>>(), [0, 3, 1, 4, 2, 5]);
        assert_eq!((0..4).map(|at| in_c_order(&[4], at)).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(in_c_order(&[], 0), 0);
    }
}
