//! Calls of functions that are compiled for instructions that not every processor has.

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

/// Implements `Lanes` for a type whose values exist only if the processor has `features`. The functions
/// `distances_below` and `squared_distance` come from the file that uses this macro, where they are compiled for these
/// features or for a subset.
macro_rules! forward_lanes {
    (
        $lanes:ident,
        features: $features:literal,
        multiply: $multiply:ident
    ) => {
        impl $crate::search::simd::lanes::Lanes for $lanes {
            #[inline(always)]
            fn multiply(self, product: Product<'_>, tile: &mut Tile, comparison: Option<Comparison<'_>>) {
                // SAFETY: a value of this type exists only where `detect` found the instructions.
                unsafe { $multiply(product, tile, comparison) }
            }

            #[inline(always)]
            fn distances_below(
                self,
                query: &[f64],
                support: &[SliceColumn],
                bound: f64,
                distances: &mut [f64; PANEL_ROWS],
            ) -> u64 {
                // SAFETY: as in `multiply`.
                unsafe { distances_below(query, support, bound, distances) }
            }

            #[inline(always)]
            fn squared_distance(self, a: &[f32], b: &[f32]) -> f64 {
                // SAFETY: as in `multiply`.
                unsafe { squared_distance(a, b) }
            }

            #[inline(always)]
            fn prefetch<T>(self, values: &[T]) {
                // SAFETY: as in `multiply`.
                unsafe { $crate::search::simd::forward::prefetch(values) }
            }

            fn run<T: SimdTask>(self, task: T) -> T::Output {
                #[target_feature(enable = $features)]
                fn compiled<T: SimdTask>(lanes: $lanes, task: T) -> T::Output {
                    task.run(lanes)
                }
                // SAFETY: as in `multiply`.
                unsafe { compiled(self, task) }
            }
        }
    };
}

pub(super) use forward_lanes;

/// Bytes of a cache line.
const LINE: usize = 64;

#[inline]
#[target_feature(enable = "sse")]
pub(super) fn prefetch<T>(values: &[T]) {
    for line in values.chunks((LINE / size_of::<T>()).max(1)) {
        _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
    }
}
