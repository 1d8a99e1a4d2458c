//! What a processor multiplies and compares at a time. Each set of instructions is a type that exists only where the
//! processor has them; the algorithm is written once, and compiled for each.

use crate::search::exact::squared_distance;

/// Rows of a panel.
pub const PANEL_ROWS: usize = 48;

/// One word of each row of a panel: a float32, or two bfloat16.
pub type PanelColumn = [u32; PANEL_ROWS];

/// Dot products of the rows of two panels, `[queries, support]`.
pub type Tile = [[f32; PANEL_ROWS]; PANEL_ROWS];

/// A set of vector instructions. The methods that take rows of a tile give a bit for each support row.
pub trait Lanes: Copy + Send + Sync {
    /// Words whose products are added before they join the tile: what fits the cache, and bounds the rounding.
    const WORDS: usize;

    /// Roundings for each word.
    const ROUNDINGS: usize = 1;

    /// Adds the products of these columns to a tile.
    fn multiply(self, queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile);

    /// Whether `norms - 2 dots` is below a query's threshold.
    fn below(self, dots: &[f32; PANEL_ROWS], norms: &[f32; PANEL_ROWS], threshold: f32) -> u64;

    /// Whether `norm - 2 dots` is below each support row's own threshold: the same pairs seen from the other side.
    fn below_each(self, dots: &[f32; PANEL_ROWS], norm: f32, thresholds: &[f32; PANEL_ROWS]) -> u64;

    /// The exact distances of a query, given as float64, to the rows of a panel of float32, each [`squared_distance`] to the
    /// bit; a bit for each that is below the bound.
    fn distances_below(
        self,
        query: &[f64],
        support: &[PanelColumn],
        bound: f64,
        distances: &mut [f64; PANEL_ROWS],
    ) -> u64;

    /// The exact distance of two rows: [`squared_distance`], to the bit.
    #[inline(always)]
    fn squared_distance(self, a: &[f32], b: &[f32]) -> f64 {
        squared_distance(a, b)
    }

    /// Says that a row will be wanted soon.
    #[inline(always)]
    fn prefetch(self, _row: &[f32]) {}

    /// Does a task, compiled for these instructions.
    fn run<T: SimdTask>(self, task: T) -> T::Output;
}

/// Something to be compiled for each set of instructions: `run` and what it calls must be inlined for that.
pub trait SimdTask {
    /// What comes out.
    type Output;

    /// Does it.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// The places of the bits of a set of rows of a panel.
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
        assert_eq!(bits(1 | 1 << 5 | 1 << 47).collect::<Vec<_>>(), [0, 5, 47]);
        assert_eq!(bits(0).count(), 0);
    }
}
