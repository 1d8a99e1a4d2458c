//! A layer whose examples are pooled while they are read.

use std::borrow::Cow;
use std::ops::Range;

use super::array_file::ArrayFile;
use super::layer::Layer;
use super::mask::Mask;
use super::scratch::Scratch;
use crate::error::Result;
use crate::matrix::{Matrix, Rows};
use crate::pooling::Pool;

/// Values that are read at a time.
const BLOCK_VALUES: usize = 1 << 20;

/// A layer of a split, [examples, dims], as it is searched.
pub enum PooledLayer<'a> {
    /// All values of an example.
    Whole(Layer),
    /// Pooled rows in memory.
    Held(Matrix),
    /// Rows that are pooled whenever they are read.
    Read(Reader<'a>),
}

/// Reads and pools rows.
pub struct Reader<'a> {
    layer: Layer,
    pool: &'a Pool,
    mask: Option<&'a Mask>,
}

impl<'a> PooledLayer<'a> {
    /// Opens a layer. `fits` says whether its pooled rows are kept in memory.
    pub(super) fn open(
        array: &ArrayFile,
        pool: &'a Pool,
        mask: Option<&'a Mask>,
        fits: bool,
        scratch: &dyn Scratch,
    ) -> Result<Self> {
        if pool.is_whole() {
            return Layer::open(array, fits, scratch).map(Self::Whole);
        }
        let reader = Reader { layer: Layer::open(array, false, scratch)?, pool, mask };
        if !fits {
            return Ok(Self::Read(reader));
        }
        let (rows, mut values) = (array.examples(), Vec::with_capacity(array.examples() * pool.dims()));
        let step = (BLOCK_VALUES / array.dims().max(1)).max(1);
        for start in (0..rows).step_by(step) {
            reader.append(start..(start + step).min(rows), &mut values)?;
        }
        Matrix::new(values, rows, pool.dims()).map(Self::Held)
    }
}

impl Reader<'_> {
    fn append(&self, rows: Range<usize>, to: &mut Vec<f32>) -> Result<()> {
        let counts = |row, inside| self.mask.is_none_or(|mask| self.pool.uses(inside, mask.of(row)));
        let values = self.layer.read(rows.clone(), &counts)?;
        let dims = self.layer.shape()[1].max(1);
        for (row, values) in rows.zip(values.chunks_exact(dims)) {
            self.pool.append(values, self.mask.map(|mask| mask.of(row)), to);
        }
        Ok(())
    }
}

impl Rows for PooledLayer<'_> {
    fn shape(&self) -> [usize; 2] {
        match self {
            Self::Whole(layer) => layer.shape(),
            Self::Held(matrix) => matrix.shape(),
            Self::Read(reader) => [reader.layer.shape()[0], reader.pool.dims()],
        }
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        match self {
            Self::Whole(layer) => layer.block(rows).await,
            Self::Held(matrix) => matrix.block(rows).await,
            Self::Read(reader) => {
                let mut values = Vec::with_capacity(rows.len() * reader.pool.dims());
                let step = (BLOCK_VALUES / reader.layer.shape()[1].max(1)).max(1);
                for start in rows.clone().step_by(step) {
                    reader.append(start..(start + step).min(rows.end), &mut values)?;
                }
                Ok(Cow::Owned(values))
            }
        }
    }

    fn whole(&self) -> Option<&[f32]> {
        match self {
            Self::Whole(layer) => layer.whole(),
            Self::Held(matrix) => matrix.whole(),
            Self::Read(_) => None,
        }
    }
}
