//! Rows in the layout of the microkernels: panels of 48 rows, interleaved word by word.

use std::ops::Range;

use rayon::prelude::*;

use crate::error::Result;
use crate::matrix::Rows;
use crate::search::center::{Center, Extent};
use crate::search::simd::{Kernel, Lanes, PANEL_ROWS, PanelColumn, SimdTask};

/// Values of a row that are packed at a time.
const CHUNK: usize = 128;
/// Number of rows prefetched before they are packed, since hardware prefetching does not recognise parts of rows.
const AHEAD: usize = 2;
/// Partial sums of the squares of a chunk: each has few squares, so that float32 suffices; chunks are added in float64.
const SUMS: usize = CHUNK / 4;

/// Number format of packed words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Two bfloat16, each rounded to nearest.
    Bf16,
    /// One float32.
    F32,
}

impl Precision {
    /// Returns the words of a row of `dims` values.
    pub fn words(self, dims: usize) -> usize {
        match self {
            Self::Bf16 => dims.div_ceil(2),
            Self::F32 => dims,
        }
    }
}

/// Centred rows, packed.
pub struct Panels {
    /// Indices of the rows in the whole set.
    pub rows: Range<usize>,
    /// Norms and losses, `[rows]`.
    pub extents: Vec<Extent>,
    /// Largest norm and largest loss.
    pub largest: Extent,
    words: usize,
    /// `[panels, words, PANEL_ROWS]`
    columns: Vec<PanelColumn>,
    /// Squared norms, `[panels, PANEL_ROWS]`, infinite where there is no row.
    norms: Vec<[f32; PANEL_ROWS]>,
}

impl Panels {
    /// Packs rows, reusing the memory of `old`. Reads at most `most_values` at a time if the rows are not in memory.
    pub async fn pack(
        kernel: Kernel,
        precision: Precision,
        center: &Center,
        source: &impl Rows,
        rows: Range<usize>,
        most_values: usize,
        old: Option<Self>,
    ) -> Result<Self> {
        let (dims, words) = (center.dims(), precision.words(center.dims()));
        let panels = rows.len().div_ceil(PANEL_ROWS);
        let mut columns = recycled(old, panels * words);
        let mut norms = vec![[f32::INFINITY; PANEL_ROWS]; panels];
        let mut extents = vec![Extent::default(); rows.len()];
        let step = match source.whole() {
            Some(_) => rows.len(),
            None => (most_values / dims / PANEL_ROWS).max(1) * PANEL_ROWS,
        };
        for start in (0..rows.len()).step_by(step.max(1)) {
            let end = (start + step).min(rows.len());
            let values = source.block(rows.start + start..rows.start + end).await?;
            let panels = values
                .par_chunks(PANEL_ROWS * dims)
                .zip(columns[start / PANEL_ROWS * words..].par_chunks_mut(words))
                .zip(&mut norms[start / PANEL_ROWS..])
                .zip(extents[start..end].par_chunks_mut(PANEL_ROWS));
            panels.for_each(|(((values, columns), norms), extents)| {
                kernel.run(Pack { precision, center, values, columns, norms, extents });
            });
        }
        let largest = extents.iter().copied().fold(Extent::default(), Extent::max);
        Ok(Self { rows, extents, largest, words, columns, norms })
    }

    /// Returns the number of panels.
    pub fn len(&self) -> usize {
        self.norms.len()
    }

    /// Returns the words per row.
    pub fn words(&self) -> usize {
        self.words
    }

    /// Returns one panel's words, `[words, PANEL_ROWS]`.
    pub fn columns(&self, panel: usize) -> &[PanelColumn] {
        &self.columns[panel * self.words..(panel + 1) * self.words]
    }

    /// Returns the squared norms of one panel's rows.
    pub fn norms(&self, panel: usize) -> &[f32; PANEL_ROWS] {
        &self.norms[panel]
    }
}

/// Returns the old memory if it is large enough, since fresh memory costs more than writing to it. Old values remain in
/// places without a row: their norms are infinite, so that their keys are never below a threshold.
fn recycled(old: Option<Panels>, columns: usize) -> Vec<PanelColumn> {
    match old.map(|old| old.columns) {
        Some(mut old) if old.len() >= columns => {
            old.truncate(columns);
            old
        }
        _ => vec![[0; PANEL_ROWS]; columns],
    }
}

/// One panel.
struct Pack<'a> {
    precision: Precision,
    center: &'a Center,
    /// `[rows, dims]`, at most PANEL_ROWS rows
    values: &'a [f32],
    columns: &'a mut [PanelColumn],
    norms: &'a mut [f32; PANEL_ROWS],
    extents: &'a mut [Extent],
}

impl SimdTask for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let dims = self.center.dims();
        let (mut squares, mut losses) = ([0.0_f64; PANEL_ROWS], [0.0_f64; PANEL_ROWS]);
        for start in (0..dims).step_by(CHUNK) {
            let length = CHUNK.min(dims - start);
            let first = self.precision.words(start);
            let columns = &mut self.columns[first..self.precision.words(start + length)];
            for (lane, row) in self.values.chunks_exact(dims).enumerate() {
                let mut values = [0.0_f32; CHUNK];
                let ahead = (lane + AHEAD) * dims + start;
                lanes.prefetch(self.values.get(ahead..ahead + length).unwrap_or_default());
                self.center.center(start, &row[start..start + length], &mut values);
                squares[lane] += sum_of_squares(&values);
                match self.precision {
                    Precision::F32 => {
                        for (column, value) in columns.iter_mut().zip(values) {
                            column[lane] = value.to_bits();
                        }
                    }
                    Precision::Bf16 => {
                        let kept = values.map(nearest_bf16);
                        losses[lane] +=
                            sum_of_squares(&std::array::from_fn(|at| values[at] - f32::from_bits(kept[at])));
                        for (column, pair) in columns.iter_mut().zip(kept.as_chunks::<2>().0) {
                            column[lane] = pair[0] >> 16 | pair[1];
                        }
                    }
                }
            }
        }
        for (lane, extent) in self.extents.iter_mut().enumerate() {
            self.norms[lane] = squares[lane] as f32;
            *extent = Extent { length: squares[lane].sqrt(), loss: losses[lane].sqrt() };
        }
    }
}

#[inline(always)]
fn sum_of_squares(values: &[f32; CHUNK]) -> f64 {
    let mut sums = [0.0_f32; SUMS];
    for values in values.as_chunks::<SUMS>().0 {
        for (sum, &value) in sums.iter_mut().zip(values) {
            *sum += value * value;
        }
    }
    for width in [16, 8, 4] {
        let (sums, others) = sums.split_at_mut(width);
        for (sum, other) in sums.iter_mut().zip(others) {
            *sum += *other;
        }
    }
    sums[..4].iter().fold(0.0, |total, &sum| total + f64::from(sum))
}

/// Rounds to the nearest bfloat16, ties to even, in the upper half of a float32. (Values are about 1: no overflow.)
#[inline(always)]
fn nearest_bf16(value: f32) -> u32 {
    let bits = value.to_bits();
    (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000
}
