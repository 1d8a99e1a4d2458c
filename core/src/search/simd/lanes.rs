//! Vector operations of the search. Each instruction set is a type whose values exist only if the processor supports
//! it; algorithms are written once and compiled for each.

use super::format::Format;
use crate::search::exact::squared_distance;

/// Rows of a panel.
pub const PANEL_ROWS: usize = 48;

/// One word of each row of a panel: a float32, or several integers ([`Format`]).
pub type PanelColumn = [u32; PANEL_ROWS];

/// Dot products of the rows of two panels, `[queries, support]`.
pub type Tile = [[f32; PANEL_ROWS]; PANEL_ROWS];

/// A set of vector instructions. Methods on the rows of a tile return one bit per support row.
pub trait Lanes: Copy + Send + Sync {
    /// Adds the products of a block of columns to a tile.
    fn multiply(self, format: Format, queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile);

    /// Returns a bit where `norms - 2 dots` is below the threshold of the query.
    fn below(self, dots: &[f32; PANEL_ROWS], norms: &[f32; PANEL_ROWS], threshold: f32) -> u64;

    /// Returns a bit where `norm - 2 dots` is below the support row's own threshold: the same pairs from the other
    /// side.
    fn below_each(self, dots: &[f32; PANEL_ROWS], norm: f32, thresholds: &[f32; PANEL_ROWS]) -> u64;

    /// Computes the exact distances of a query, given as float64, to the rows of a panel of float32: each equals
    /// [`squared_distance`] to the bit. Returns a bit for each distance below the bound.
    fn distances_below(
        self,
        query: &[f64],
        support: &[PanelColumn],
        bound: f64,
        distances: &mut [f64; PANEL_ROWS],
    ) -> u64;

    /// Returns the exact distance of two rows: [`squared_distance`], to the bit.
    #[inline(always)]
    fn squared_distance(self, a: &[f32], b: &[f32]) -> f64 {
        squared_distance(a, b)
    }

    /// Prefetches values that will be needed soon, where the hardware does not see it by itself.
    #[inline(always)]
    fn prefetch<T>(self, _values: &[T]) {}

    /// Runs a task, compiled for these instructions.
    fn run<T: SimdTask>(self, task: T) -> T::Output;
}

/// An algorithm compiled for each set of instructions: `run` and the functions that it calls must be inlined.
pub trait SimdTask {
    /// Result of the task.
    type Output;

    /// Runs the task.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
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
        assert_eq!(bits(1 | 1 << 5 | 1 << 47).collect::<Vec<_>>(), [0, 5, 47]);
        assert_eq!(bits(0).count(), 0);
    }
}
