//! The loops that multiply a block of columns, for every register width. The support's columns are in the outer loop:
//! those of one part stay in the first cache while all queries pass.
//!
//! The file that uses these macros has the constants `ROWS`, `COLS` and `REGISTERS`, and the functions `registers`,
//! `splat`, `part` and, for the sums of the loop, `add` or `add_scaled`.

/// Defines the product of blocks of float32: `step` adds a product to sums that begin as `zero`.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! multiply_floats {
    ($name:ident, $features:literal, zero: $zero:expr, step: |$sum:ident, $q:ident, $t:ident| $step:expr) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile) {
            for cols in 0..PANEL_ROWS / COLS {
                for (rows, tile) in tile.as_chunks_mut::<ROWS>().0.iter_mut().enumerate() {
                    let mut sums = [[$zero; REGISTERS]; ROWS];
                    for (q, t) in queries.iter().zip(support) {
                        let t = registers(t, cols);
                        for (sums, &q) in sums.iter_mut().zip(&q.as_chunks::<ROWS>().0[rows]) {
                            let $q = splat(q);
                            for ($sum, $t) in sums.iter_mut().zip(t) {
                                *$sum = $step;
                            }
                        }
                    }
                    for (sums, dots) in sums.iter().zip(tile) {
                        for (&sum, dots) in sums.iter().zip(part(dots, cols)) {
                            add(dots, sum);
                        }
                    }
                }
            }
        }
    };
}

/// Defines the product of blocks of integers: `support` prepares the support's words, `step` adds products to sums.
macro_rules! multiply_integers {
    (
        $name:ident,
        $features:literal,
        support: |$word:ident| $prepared:expr,
        step: |$sum:ident, $q:ident, $t:ident| $step:expr
    ) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(queries: &[PanelColumn], support: &[PanelColumn], tile: &mut Tile) {
            let (queries, support) = (Block::of(queries), Block::of(support));
            for cols in 0..PANEL_ROWS / COLS {
                for (rows, tile) in tile.as_chunks_mut::<ROWS>().0.iter_mut().enumerate() {
                    let mut sums = [registers(support.starts, cols); ROWS];
                    for (q, t) in queries.words.iter().zip(support.words) {
                        let t = registers(t, cols).map(|$word| $prepared);
                        for (sums, &q) in sums.iter_mut().zip(&q.as_chunks::<ROWS>().0[rows]) {
                            let $q = splat(q);
                            for ($sum, $t) in sums.iter_mut().zip(t) {
                                *$sum = $step;
                            }
                        }
                    }
                    let scales = queries.scales.as_chunks::<ROWS>().0[rows];
                    let others = registers(support.scales, cols);
                    for ((sums, scale), dots) in sums.iter().zip(scales).zip(tile) {
                        for ((&sum, other), dots) in sums.iter().zip(others).zip(part(dots, cols)) {
                            add_scaled(dots, sum, splat(scale), other);
                        }
                    }
                }
            }
        }
    };
}

#[cfg(not(target_arch = "wasm32"))]
pub(super) use multiply_floats;
pub(super) use multiply_integers;
