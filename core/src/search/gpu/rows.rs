//! Rows as the kernels read them: centred, padded, in the storage's precision; and what that precision loses.

use std::ops::Range;

use half::f16;
use rayon::prelude::*;

use super::setup::{RowLayout, Storage};
use crate::error::Result;
use crate::matrix::Rows;
use crate::random::{Stream, generator, shuffled};
use crate::search::center::Center;

/// Rows that one thread prepares at a time.
const GROUP: usize = 64;
/// Values that are looked over at a time.
const BLOCK_VALUES: usize = 1 << 22;
/// Centred values are below 2 (centre.rs); times this they keep clear of f16's subnormals as far as they can.
const F16_SCALE: f32 = 16384.0;

/// Rows ready for upload.
pub struct PackedRows {
    /// `[rows, layout.values]` in the storage's precision, two halves a word, the first one low
    pub words: Vec<u32>,
    /// Squared norms before anything was lost, `[rows]`.
    pub norms: Vec<f64>,
    /// Norms of what was lost, `[rows]`.
    pub losses: Vec<f64>,
}

impl PackedRows {
    /// `row` gives `count` rows of equal length.
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

/// The norm of what is lost.
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

/// Adapters may flush subnormal numbers to zero: they are zero already.
fn to_f16(value: f32) -> f16 {
    let rounded = f16::from_f32(value * F16_SCALE);
    if rounded.is_normal() { rounded } else { f16::ZERO }
}

/// What the support loses by its storage.
#[derive(Clone, Copy, Debug, Default)]
pub struct StorageLoss {
    longest: f64,
    worst: f64,
}

impl StorageLoss {
    /// Reads the support once, where its storage loses anything.
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

    /// How far the keys of a query of this squared norm, of which the storage loses so much, can be from the truth.
    ///
    /// With q and t the centred rows, e_q and e_t what the storage loses of them, a dot product moves by
    /// e_q.t + (q - e_q).e_t, its key by at most 2 (|e_q| T + (|q| + |e_q|) E), with T the largest |t| and E the largest |e_t|.
    /// (The longest rows grow by less than 2^-10, within what `Center::error` leaves.)
    pub fn key_error(&self, center: &Center, query_norm: f64, query_loss: f64) -> f64 {
        let stored = 2.0 * (query_loss * self.longest + (query_norm.sqrt() + query_loss) * self.worst);
        center.error(query_norm) + stored
    }
}

/// What a query's limit adds to its k-th smallest key: twice the error of a key, and room for rounding the sum in float32.
/// (That takes less than half the error of a key, which holds twice the rounding of the largest key.)
pub fn slack(key_error: f64) -> f32 {
    ((2.6 * key_error) as f32).next_up()
}

/// All rows in pieces, shuffled, always alike: rows sorted by class would come too late to lower the limits.
pub fn visits(rows: usize, piece: usize) -> impl Iterator<Item = Range<usize>> {
    let order = shuffled(rows.div_ceil(piece), &mut generator(0, Stream::Order));
    order.into_iter().map(move |visit| visit * piece..((visit + 1) * piece).min(rows))
}
