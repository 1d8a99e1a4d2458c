//! The product of two blocks of columns, and the comparison of the keys that follow from a complete tile.

use std::ops::{Deref, DerefMut};

use bytemuck::{Pod, Zeroable};

use super::format::Format;

/// Rows of a panel.
pub const PANEL_ROWS: usize = 48;

/// Rows of a slice of a panel.
pub const SLICE_ROWS: usize = 16;
/// Slices of a panel.
pub const SLICES: usize = PANEL_ROWS / SLICE_ROWS;

/// One word of each row of a slice: a float32, or several integers ([`Format`]). It is a line of the cache: a load across
/// two lines takes twice as long.
///
/// A block of columns of a panel is `[SLICES, columns, SLICE_ROWS]`. So one slice of either side fits in the first cache,
/// and the next is in the order in which it is read. (With all rows of a column together, AVX2 takes a quarter longer in
/// int16 and half longer in float32.)
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct SliceColumn([u32; SLICE_ROWS]);

impl SliceColumn {
    /// Zeros.
    pub const ZERO: Self = Self([0; SLICE_ROWS]);
}

impl Deref for SliceColumn {
    type Target = [u32; SLICE_ROWS];

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for SliceColumn {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// Returns the slices of a block, each `[columns]`.
#[inline(always)]
pub fn slices(block: &[SliceColumn]) -> [&[SliceColumn]; SLICES] {
    let columns = block.len() / SLICES;
    std::array::from_fn(|slice| &block[slice * columns..(slice + 1) * columns])
}

/// Returns the blocks of one slice of a panel of float32, with the query's values in their columns.
#[inline(always)]
pub fn float_blocks<'a>(
    query: &'a [f64],
    panel: &'a [SliceColumn],
    slice: usize,
) -> impl Iterator<Item = (&'a [f64], &'a [SliceColumn])> {
    let columns = Format::F32.block(query.len());
    query.chunks(columns).zip(panel.chunks(SLICES * columns)).map(move |(query, block)| (query, slices(block)[slice]))
}

/// Returns the words of a register: from `first` on, counted through successive slices.
#[inline(always)]
pub fn words<const WIDTH: usize, const TAKEN: usize>(columns: [&SliceColumn; TAKEN], first: usize) -> &[u32; WIDTH] {
    &columns[first / SLICE_ROWS].as_chunks().0[first % SLICE_ROWS / WIDTH]
}

/// Dot products of the rows of two panels, `[queries, support]`.
pub type Tile = [[f32; PANEL_ROWS]; PANEL_ROWS];

/// A block of columns of two panels, to be multiplied; each is `[SLICES, columns, SLICE_ROWS]`.
#[derive(Clone, Copy)]
pub struct Product<'a> {
    /// Number format of both blocks.
    pub format: Format,
    /// Columns of the queries.
    pub queries: &'a [SliceColumn],
    /// Columns of the support.
    pub support: &'a [SliceColumn],
    /// Whether the block is the first: then the products replace what stands in the tile.
    pub first: bool,
}

/// One side of a comparison.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// Squared norms of the rows.
    pub norms: &'a [f32; PANEL_ROWS],
    /// Thresholds of the rows' keys; `None` if these rows look for no neighbours.
    pub thresholds: Option<&'a [f32; PANEL_ROWS]>,
}

/// What the keys of a complete tile are compared with.
pub struct Comparison<'a> {
    /// The queries' side.
    pub queries: Side<'a>,
    /// The support's side.
    pub support: Side<'a>,
    /// Receives the result.
    pub hits: &'a mut Hits,
}

/// Keys below thresholds. For each row of a tile, one bit per support row, lowest bit of the first byte first.
#[derive(Clone, Copy)]
pub struct Hits {
    /// `support norm - 2 dot` is below the threshold of the query.
    pub of_queries: [[u8; 8]; PANEL_ROWS],
    /// `query norm - 2 dot` is below the threshold of the support row: the same pairs from the other side.
    pub of_support: [[u8; 8]; PANEL_ROWS],
}

impl Hits {
    /// No hits.
    pub const NONE: Self = Self { of_queries: [[0; 8]; PANEL_ROWS], of_support: [[0; 8]; PANEL_ROWS] };
}

impl Comparison<'_> {
    /// Compares all keys of a tile, by plain loops.
    #[inline(always)]
    pub fn compare(self, tile: &Tile) {
        let Self { queries, support, hits } = self;
        if let Some(thresholds) = queries.thresholds {
            for ((hits, dots), &threshold) in hits.of_queries.iter_mut().zip(tile).zip(thresholds) {
                *hits = places(|at| support.norms[at] - 2.0 * dots[at] < threshold).to_le_bytes();
            }
        }
        if let Some(thresholds) = support.thresholds {
            for ((hits, dots), &norm) in hits.of_support.iter_mut().zip(tile).zip(queries.norms) {
                *hits = places(|at| norm - 2.0 * dots[at] < thresholds[at]).to_le_bytes();
            }
        }
    }
}

/// Returns the bits where `holds` is true. Mostly there are none, which is checked first.
#[inline(always)]
pub fn places(holds: impl Fn(usize) -> bool) -> u64 {
    let found = (0..PANEL_ROWS).fold(0_u32, |found, at| found | u32::from(holds(at)));
    if found == 0 {
        return 0;
    }
    (0..PANEL_ROWS).fold(0, |bits, at| bits | u64::from(holds(at)) << at)
}

/// Returns the positions of the bits that are set.
pub fn bits(mut hits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = hits.trailing_zeros() as usize;
        hits &= hits.wrapping_sub(1);
        (at < PANEL_ROWS).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_places() {
        assert_eq!(bits(places(|at| [0, 5, 47].contains(&at))).collect::<Vec<_>>(), [0, 5, 47]);
        assert_eq!(bits(0).count(), 0);
    }
}
