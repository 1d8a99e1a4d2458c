//! Calls of functions that are compiled for instructions that not every processor has.

/// Implements `Lanes` for a type whose values exist only if the processor has `features`. The functions `below`,
/// `distances_below` and `squared_distance` come from the file that uses this macro, where they are compiled for these
/// features or for a subset.
macro_rules! forward_lanes {
    (
        $lanes:ident,
        features: $features:literal,
        words: $words:literal,
        roundings: $roundings:literal,
        multiply: $multiply:ident
        $(, prefetch: $prefetch:ident)?
    ) => {
        impl $crate::search::simd::lanes::Lanes for $lanes {
            const WORDS: usize = $words;
            const ROUNDINGS: usize = $roundings;

            #[inline(always)]
            fn multiply(self, queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile) {
                // SAFETY: a value of this type exists only where `detect` found the instructions.
                unsafe { $multiply(queries, support, tile) }
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

            $(
                #[inline(always)]
                fn prefetch(self, row: &[f32]) {
                    // SAFETY: as in `multiply`.
                    unsafe { $prefetch(row) }
                }
            )?

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
