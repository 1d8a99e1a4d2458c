//! The product of two blocks of columns, and the comparison of the keys that follow from a complete tile.

use std::ops::{Deref, DerefMut};

use super::format::Format;

/// Rows of a panel.
pub const PANEL_ROWS: usize = 48;

/// One word of each row of a panel: a float32, or several integers ([`Format`]). It begins with a line of the cache: a
/// load across two lines takes twice as long, which costs AVX2 a fifth of its speed.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct PanelColumn([u32; PANEL_ROWS]);

impl PanelColumn {
    /// Zeros.
    pub const ZERO: Self = Self([0; PANEL_ROWS]);
}

impl Deref for PanelColumn {
    type Target = [u32; PANEL_ROWS];

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for PanelColumn {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// Dot products of the rows of two panels, `[queries, support]`.
pub type Tile = [[f32; PANEL_ROWS]; PANEL_ROWS];

/// A block of columns of two panels, to be multiplied.
#[derive(Clone, Copy)]
pub struct Product<'a> {
    /// Number format of both blocks.
    pub format: Format,
    /// Columns of the queries.
    pub queries: &'a [PanelColumn],
    /// Columns of the support.
    pub support: &'a [PanelColumn],
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
