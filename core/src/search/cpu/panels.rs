//! Rows in the layout of the microkernels: panels of 48 rows, their slices interleaved word by word.

use std::ops::Range;

use rayon::prelude::*;

use super::columns::Columns;
use crate::error::Result;
use crate::matrix::Rows;
use crate::search::center::{Center, Extent};
use crate::search::simd::{
    BLOCK_VALUES, Format, Kernel, Lanes, PANEL_ROWS, SLICES, SimdTask, SliceColumn, padded, sum_of_squares, write,
};

/// Number of rows prefetched before they are packed, since hardware prefetching does not recognise parts of rows.
const AHEAD: usize = 2;

/// Centred rows, packed.
pub struct Panels {
    /// Indices of the rows in the whole set.
    pub rows: Range<usize>,
    /// Norms and losses, `[rows]`.
    pub extents: Vec<Extent>,
    /// Norms of the largest magnitudes of the rows' blocks, each counted once a value, `[rows]`.
    spans: Vec<f64>,
    /// Largest norm and largest loss.
    pub largest: Extent,
    /// Number format of the columns.
    pub format: Format,
    /// Columns of a panel, and of each of its blocks but the last.
    width: usize,
    block: usize,
    /// `[panels][blocks][SLICES, columns of the block]`
    columns: Columns,
    /// Squared norms, `[panels, PANEL_ROWS]`, infinite where there is no row.
    norms: Vec<[f32; PANEL_ROWS]>,
}

impl Panels {
    /// Packs rows, reusing the memory of `old`. Reads at most `most_values` at a time if the rows are not in memory.
    pub async fn pack(
        kernel: Kernel,
        format: Format,
        center: &Center,
        source: &impl Rows,
        rows: Range<usize>,
        most_values: usize,
        old: Option<Self>,
    ) -> Result<Self> {
        let (dims, width) = (center.dims(), format.columns(center.dims()));
        let panels = rows.len().div_ceil(PANEL_ROWS);
        let mut columns = recycled(old, panels * SLICES * width);
        let mut norms = vec![[f32::INFINITY; PANEL_ROWS]; panels];
        let mut extents = vec![Extent::default(); rows.len()];
        let mut spans = vec![0.0; rows.len()];
        let step = match source.whole() {
            Some(_) => rows.len(),
            None => (most_values / dims / PANEL_ROWS).max(1) * PANEL_ROWS,
        };
        for start in (0..rows.len()).step_by(step.max(1)) {
            let end = (start + step).min(rows.len());
            let values = source.block(rows.start + start..rows.start + end).await?;
            let panels = values
                .par_chunks(PANEL_ROWS * dims)
                .zip(columns[start / PANEL_ROWS * SLICES * width..].par_chunks_mut(SLICES * width))
                .zip(&mut norms[start / PANEL_ROWS..])
                .zip(extents[start..end].par_chunks_mut(PANEL_ROWS))
                .zip(spans[start..end].par_chunks_mut(PANEL_ROWS));
            panels.for_each(|((((values, columns), norms), extents), spans)| {
                kernel.run(Pack { format, center, values, columns, norms, extents, spans });
            });
        }
        let largest = Extent::largest(&extents);
        Ok(Self { rows, extents, spans, largest, format, width, block: format.block(dims), columns, norms })
    }

    /// Returns the number of panels.
    pub fn len(&self) -> usize {
        self.norms.len()
    }

    /// Returns the extents that the rows are expected to have in another format of integers, `[rows]`: each value loses
    /// what uniformly distributed values lose.
    pub fn expected(&self, format: Format) -> Vec<Extent> {
        let largest = format.properties().integers.as_ref().map_or(f64::INFINITY, |bounds| bounds.largest.into());
        let of_uniform = |span: f64| span / largest / 12.0_f64.sqrt();
        let rows = self.extents.iter().zip(&self.spans);
        rows.map(|(extent, &span)| Extent { loss: of_uniform(span).max(extent.loss), ..*extent }).collect()
    }

    /// Returns the columns of a panel.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns the columns of each block, `[blocks]`.
    pub fn blocks(&self) -> impl Iterator<Item = Range<usize>> {
        (0..self.width).step_by(self.block).map(|start| start..(start + self.block).min(self.width))
    }

    /// Returns columns of one panel, blocks of `[SLICES, columns]`; `columns` begins and ends with a block.
    pub fn columns(&self, panel: usize, columns: Range<usize>) -> &[SliceColumn] {
        let first = panel * self.width;
        &self.columns[SLICES * (first + columns.start)..SLICES * (first + columns.end)]
    }

    /// Returns the squared norms of one panel's rows.
    pub fn norms(&self, panel: usize) -> &[f32; PANEL_ROWS] {
        &self.norms[panel]
    }
}

/// Returns the old memory if it is large enough, since fresh memory costs more than writing to it. Old values remain in
/// places without a row: their norms are infinite, so that their keys are never below a threshold.
fn recycled(old: Option<Panels>, columns: usize) -> Columns {
    old.map(|old| old.columns).filter(|old| old.len() >= columns).unwrap_or_else(|| Columns::zeroed(columns))
}

/// One panel.
struct Pack<'a> {
    format: Format,
    center: &'a Center,
    /// `[rows, dims]`, at most PANEL_ROWS rows
    values: &'a [f32],
    columns: &'a mut [SliceColumn],
    norms: &'a mut [f32; PANEL_ROWS],
    extents: &'a mut [Extent],
    spans: &'a mut [f64],
}

impl SimdTask for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let dims = self.center.dims();
        let (mut squares, mut losses) = ([0.0_f64; PANEL_ROWS], [0.0_f64; PANEL_ROWS]);
        let (block, columns) = (self.format.block_values(dims), SLICES * self.format.block(dims));
        for (start, columns) in (0..dims).step_by(block).zip(self.columns.chunks_mut(columns)) {
            let length = block.min(dims - start);
            let mut values = [0.0; BLOCK_VALUES];
            let values = &mut values[..padded(length)];
            for (lane, row) in self.values.chunks_exact(dims).enumerate() {
                let ahead = (lane + AHEAD) * dims + start;
                lanes.prefetch(self.values.get(ahead..ahead + length).unwrap_or_default());
                self.center.center(start, &row[start..start + length], values);
                let square = sum_of_squares(values);
                squares[lane] += square;
                let rounding = write(self.format, values, square, columns, lane);
                losses[lane] += rounding.lost;
                self.spans[lane] += length as f64 * f64::from(rounding.reach).powi(2);
            }
        }
        for (lane, extent) in self.extents.iter_mut().enumerate() {
            self.norms[lane] = squares[lane] as f32;
            let length = squares[lane].sqrt();
            let loss = losses[lane].sqrt() + f64::from(self.format.properties().error) * length;
            *extent = Extent { length, loss };
            self.spans[lane] = self.spans[lane].sqrt();
        }
    }
}
