//! Rows in the layout of the kernels: centred, padded, in the precision of the storage; and the loss by that precision.

use std::ops::Range;

use half::f16;
use rayon::prelude::*;

use super::setup::{RowLayout, Storage};
use crate::error::Result;
use crate::matrix::Rows;
use crate::random::{Stream, generator, shuffled};
use crate::search::center::Center;

/// Rows prepared by one thread at a time.
const GROUP: usize = 64;
/// Values processed at a time.
const BLOCK_VALUES: usize = 1 << 22;
/// Centred values are below 2 (center.rs). This factor keeps as many of them as possible out of f16's subnormals.
const F16_SCALE: f32 = 16384.0;

/// Rows ready for upload.
pub struct PackedRows {
    /// `[rows, layout.values]` in the precision of the storage; with halves, two per word, the first in the low bits.
    pub words: Vec<u32>,
    /// Squared norms before the conversion, `[rows]`.
    pub norms: Vec<f64>,
    /// Norms of the conversion's loss, `[rows]`.
    pub losses: Vec<f64>,
}

impl PackedRows {
    /// Prepares `count` rows of equal length, which `row` returns.
    pub fn new<'a>(center: &Center, layout: RowLayout, count: usize, row: impl Fn(usize) -> &'a [f32] + Sync) -> Self {
        let row_words = layout.bytes() / 4;
        let mut words = vec![0; count * row_words];
        let groups: Vec<_> = words
            .par_chunks_mut(GROUP * row_words)
            .enumerate()
            .map(|(group, words)| {
                let first = group * GROUP;
                let raw: Vec<f32> = (first..(first + GROUP).min(count)).flat_map(&row).copied().collect();
                let centered = center.rows(&raw);
                let dims = centered.values.len() / centered.norms.len();
                let rows = words.chunks_exact_mut(row_words).zip(centered.values.chunks_exact(dims));
                let losses: Vec<f64> = rows.map(|(words, row)| write(layout.storage, row, words)).collect();
                (centered.norms, losses)
            })
            .collect();
        let (norms, losses): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
        Self { words, norms: norms.concat(), losses: losses.concat() }
    }
}

/// Writes a row; returns the norm of the conversion's loss.
fn write(storage: Storage, row: &[f32], words: &mut [u32]) -> f64 {
    match storage {
        Storage::F32 => {
            bytemuck::cast_slice_mut(words)[..row.len()].copy_from_slice(row);
            0.0
        }
        Storage::F16 => {
            let mut lost = 0.0;
            for (half, &value) in bytemuck::cast_slice_mut::<u32, u16>(words).iter_mut().zip(row) {
                let rounded = to_f16(value);
                *half = rounded.to_bits();
                lost += (f64::from(value) - f64::from(rounded) / f64::from(F16_SCALE)).powi(2);
            }
            lost.sqrt()
        }
    }
}

/// Adapters may flush subnormal numbers to zero, so they are set to zero here.
fn to_f16(value: f32) -> f16 {
    let rounded = f16::from_f32(value * F16_SCALE);
    if rounded.is_normal() { rounded } else { f16::ZERO }
}

/// Loss of the support rows in their storage.
#[derive(Clone, Copy, Debug, Default)]
pub struct StorageLoss {
    longest: f64,
    worst: f64,
}

impl StorageLoss {
    /// Reads the support once, if its storage loses precision.
    pub async fn new(center: &Center, layout: RowLayout, support: &impl Rows) -> Result<Self> {
        let mut loss = Self::default();
        if layout.storage == Storage::F32 {
            return Ok(loss);
        }
        let [rows, dims] = support.shape();
        let step = (BLOCK_VALUES / dims).max(1);
        for start in (0..rows).step_by(step) {
            let range = start..(start + step).min(rows);
            let block = support.block(range.clone()).await?;
            let packed = PackedRows::new(center, layout, range.len(), |row| &block[row * dims..(row + 1) * dims]);
            loss.longest = packed.norms.iter().fold(loss.longest, |most, norm| most.max(norm.sqrt()));
            loss.worst = packed.losses.iter().fold(loss.worst, |most, &lost| most.max(lost));
        }
        Ok(loss)
    }

    /// Returns the bound on the error of keys, for a query of this squared norm whose storage has this loss.
    ///
    /// Let q and t be the centred rows, and e_q and e_t their losses. A dot product changes by e_q.t + (q - e_q).e_t,
    /// its key by at most 2 (|e_q| T + (|q| + |e_q|) E), where T is the largest |t| and E the largest |e_t|. (The
    /// longest rows grow by less than 2^-10, which the margin in `Center::error` covers.)
    pub fn key_error(&self, center: &Center, query_norm: f64, query_loss: f64) -> f64 {
        let stored = 2.0 * (query_loss * self.longest + (query_norm.sqrt() + query_loss) * self.worst);
        center.error(query_norm) + stored
    }
}

/// Returns the difference between a query's limit and its k-th smallest key: twice the error of a key, plus a margin
/// for rounding that sum in float32. (The rounding is less than half the error of a key, which includes twice the
/// rounding of the largest key.)
pub fn slack(key_error: f64) -> f32 {
    ((2.6 * key_error) as f32).next_up()
}

/// Returns all rows in pieces, in an order that is shuffled but always the same: with rows sorted by class, the limits
/// would decrease too late.
pub fn visits(rows: usize, piece: usize) -> impl Iterator<Item = Range<usize>> {
    let order = shuffled(rows.div_ceil(piece), &mut generator(0, Stream::Order));
    order.into_iter().map(move |visit| visit * piece..((visit + 1) * piece).min(rows))
}
