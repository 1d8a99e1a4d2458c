//! Vector operations of the search. Each instruction set is a type whose values exist only if the processor supports
//! it; algorithms are written once and compiled for each.

use super::format::Format;
use crate::search::exact::{DISTANCE_LANES, squared_distance};

/// Rows of a panel.
pub const PANEL_ROWS: usize = 48;

/// One word of each row of a panel: a float32, or several integers ([`Format`]).
pub type PanelColumn = [u32; PANEL_ROWS];

/// Dot products of the rows of two panels, `[queries, support]`.
pub type Tile = [[f32; PANEL_ROWS]; PANEL_ROWS];

/// Rows with exact distances in registers at a time.
const EXACT: usize = 16;

/// A set of vector instructions. Methods on the rows of a tile return one bit per support row. Where it has no
/// implementation of its own, plain loops are compiled for these instructions.
pub trait Lanes: Copy + Send + Sync {
    /// Adds the products of a block of columns to a tile.
    fn multiply(self, format: Format, queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile);

    /// Returns a bit where `norms - 2 dots` is below the threshold of the query.
    #[inline(always)]
    fn below(self, dots: &[f32; PANEL_ROWS], norms: &[f32; PANEL_ROWS], threshold: f32) -> u64 {
        places(|at| norms[at] - 2.0 * dots[at] < threshold)
    }

    /// Returns a bit where `norm - 2 dots` is below the support row's own threshold: the same pairs from the other
    /// side.
    #[inline(always)]
    fn below_each(self, dots: &[f32; PANEL_ROWS], norm: f32, thresholds: &[f32; PANEL_ROWS]) -> u64 {
        places(|at| norm - 2.0 * dots[at] < thresholds[at])
    }

    /// Computes the exact distances of a query, given as float64, to the rows of a panel of float32: each equals
    /// [`squared_distance`] to the bit. Returns a bit for each distance below the bound.
    #[inline(always)]
    fn distances_below(
        self,
        query: &[f64],
        support: &[PanelColumn],
        bound: f64,
        distances: &mut [f64; PANEL_ROWS],
    ) -> u64 {
        exact(query, support, distances);
        places(|at| distances[at] < bound)
    }

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

/// Returns the bits where `holds` is true. Mostly there are none, which is checked first.
#[inline(always)]
fn places(holds: impl Fn(usize) -> bool) -> u64 {
    let found = (0..PANEL_ROWS).fold(0_u32, |found, at| found | u32::from(holds(at)));
    if found == 0 {
        return 0;
    }
    (0..PANEL_ROWS).fold(0, |bits, at| bits | u64::from(holds(at)) << at)
}

#[inline(always)]
fn exact(query: &[f64], support: &[PanelColumn], distances: &mut [f64; PANEL_ROWS]) {
    for (part, distances) in distances.as_chunks_mut::<EXACT>().0.iter_mut().enumerate() {
        let mut lanes = [[0.0_f64; EXACT]; DISTANCE_LANES];
        for (query, columns) in query.chunks(DISTANCE_LANES).zip(support.chunks(DISTANCE_LANES)) {
            for ((lane, &q), column) in lanes.iter_mut().zip(query).zip(columns) {
                for (sum, &t) in lane.iter_mut().zip(&column.as_chunks::<EXACT>().0[part]) {
                    let difference = q - f64::from(f32::from_bits(t));
                    *sum += difference * difference;
                }
            }
        }
        *distances = [0.0; EXACT];
        for lane in lanes {
            for (distance, sum) in distances.iter_mut().zip(lane) {
                *distance += sum;
            }
        }
    }
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
