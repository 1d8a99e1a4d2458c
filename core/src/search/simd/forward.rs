//! Calls of functions that are compiled for instructions that not every processor has.

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

/// Implements `Lanes` for a type whose values exist only if the processor has `features`. The functions `below`,
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
            fn multiply(self, format: Format, queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile) {
                // SAFETY: a value of this type exists only where `detect` found the instructions.
                unsafe { $multiply(format, queries, support, tile) }
            }

            #[inline(always)]
            fn below(self, dots: &[f32; PANEL_ROWS], norms: &[f32; PANEL_ROWS], threshold: f32) -> u64 {
                // SAFETY: as in `multiply`.
                unsafe { below(dots, norms, &[threshold; PANEL_ROWS]) }
            }

            #[inline(always)]
            fn below_each(self, dots: &[f32; PANEL_ROWS], norm: f32, thresholds: &[f32; PANEL_ROWS]) -> u64 {
                // SAFETY: as in `multiply`.
                unsafe { below(dots, &[norm; PANEL_ROWS], thresholds) }
            }

            #[inline(always)]
            fn distances_below(
                self,
                query: &[f64],
                support: &[PanelColumn],
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
