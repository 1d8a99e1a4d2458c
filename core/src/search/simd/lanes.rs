//! Vector operations of the search. Each instruction set is a type whose values exist only if the processor supports
//! it; algorithms are written once and compiled for each.

use super::tile::{Comparison, PANEL_ROWS, Product, SLICE_ROWS, SliceColumn, Tile, float_blocks, places};
use crate::search::exact::{DISTANCE_LANES, squared_distance};

/// A set of vector instructions. Where it has no implementation of its own, plain loops are compiled for these
/// instructions.
pub trait Lanes: Copy + Send + Sync {
    /// Adds a product to a tile. With a comparison, which needs the last block, also compares the tile's keys.
    fn multiply(self, product: Product<'_>, tile: &mut Tile, comparison: Option<Comparison<'_>>);

    /// Computes the exact distances of a query, given as float64, to the rows of a panel of float32: each equals
    /// [`squared_distance`] to the bit. Returns a bit for each support row with a distance below the bound.
    #[inline(always)]
    fn distances_below(
        self,
        query: &[f64],
        support: &[SliceColumn],
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

#[inline(always)]
fn exact(query: &[f64], support: &[SliceColumn], distances: &mut [f64; PANEL_ROWS]) {
    for (slice, distances) in distances.as_chunks_mut::<SLICE_ROWS>().0.iter_mut().enumerate() {
        let mut lanes = [[0.0_f64; SLICE_ROWS]; DISTANCE_LANES];
        for (query, columns) in float_blocks(query, support, slice) {
            for (query, columns) in query.chunks(DISTANCE_LANES).zip(columns.chunks(DISTANCE_LANES)) {
                for ((lane, &q), column) in lanes.iter_mut().zip(query).zip(columns) {
                    for (sum, &t) in lane.iter_mut().zip(&column[..]) {
                        let difference = q - f64::from(f32::from_bits(t));
                        *sum += difference * difference;
                    }
                }
            }
        }
        *distances = [0.0; SLICE_ROWS];
        for lane in lanes {
            for (distance, sum) in distances.iter_mut().zip(lane) {
                *distance += sum;
            }
        }
    }
}
