//! The loops that multiply a block of columns, for every register width. The support's columns are in the outer loop:
//! those of one part stay in the first cache while all queries pass.
//!
//! The file that uses these macros has the constants `ROWS`, `WIDTH`, `REGISTERS` and `COLS`, the macro `each_row`, and
//! the functions `registers`, `floats`, `splat`, `splat_float`, `scaled` (for integers), `load`, `sum`, `store`, `below`.

/// Defines the product of blocks of float32: `step` adds a product to sums that begin as `zero`.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! multiply_floats {
    ($name:ident, $features:literal, zero: $zero:expr, step: |$sum:ident, $q:ident, $t:ident| $step:expr) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(product: Product<'_>, tile: &mut Tile, mut comparison: Option<Comparison<'_>>) {
            for cols in 0..PANEL_ROWS / COLS {
                for (rows, tile) in tile.as_chunks_mut::<ROWS>().0.iter_mut().enumerate() {
                    let mut sums = [[$zero; REGISTERS]; ROWS];
                    for (q, t) in product.queries.iter().zip(product.support) {
                        let t = registers(t, cols);
                        for (sums, &q) in sums.iter_mut().zip(&q.as_chunks::<ROWS>().0[rows]) {
                            let $q = splat(q);
                            for ($sum, $t) in sums.iter_mut().zip(t) {
                                *$sum = $step;
                            }
                        }
                    }
                    each_row!(|row| {
                        finish(sums[row], product.first, &mut tile[row], [rows * ROWS + row, cols], &mut comparison);
                    });
                }
            }
        }
    };
}

/// Defines the product of blocks of integers: `support` prepares the support's words, `step` adds products to sums.
#[cfg(not(target_arch = "aarch64"))]
macro_rules! multiply_integers {
    (
        $name:ident,
        $features:literal,
        support: |$word:ident| $prepared:expr,
        step: |$sum:ident, $q:ident, $t:ident| $step:expr
    ) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(product: Product<'_>, tile: &mut Tile, mut comparison: Option<Comparison<'_>>) {
            let (queries, support) = (Block::of(product.queries), Block::of(product.support));
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
                    each_row!(|row| {
                        let products = std::array::from_fn(|at| scaled(sums[row][at], splat(scales[row]), others[at]));
                        finish(products, product.first, &mut tile[row], [rows * ROWS + row, cols], &mut comparison);
                    });
                }
            }
        }
    };
}

/// Defines the end of both loops for one row of a part of the tile, with the row's place: adds the products to the dot
/// products, and compares the keys after the last block, while they are in registers.
macro_rules! finish {
    ($features:literal, $floats:ty) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn finish(
            products: [$floats; REGISTERS],
            first: bool,
            dots: &mut [f32; PANEL_ROWS],
            [row, cols]: [usize; 2],
            comparison: &mut Option<Comparison<'_>>,
        ) {
            const BYTES: usize = COLS / 8;
            let (parts, _) = dots.as_chunks_mut::<COLS>().0[cols].as_chunks_mut::<WIDTH>();
            let mut dots = products;
            for (dots, part) in dots.iter_mut().zip(parts) {
                *dots = if first { *dots } else { sum(load(part), *dots) };
                store(part, *dots);
            }
            let Some(Comparison { queries, support, hits }) = comparison else { return };
            if let Some(thresholds) = queries.thresholds {
                let threshold = [splat_float(thresholds[row]); REGISTERS];
                hits.of_queries[row].as_chunks_mut::<BYTES>().0[cols] =
                    below(dots, floats(support.norms, cols), threshold);
            }
            if let Some(thresholds) = support.thresholds {
                let norm = [splat_float(queries.norms[row]); REGISTERS];
                hits.of_support[row].as_chunks_mut::<BYTES>().0[cols] = below(dots, norm, floats(thresholds, cols));
            }
        }
    };
}

pub(super) use finish;
#[cfg(not(target_arch = "wasm32"))]
pub(super) use multiply_floats;
#[cfg(not(target_arch = "aarch64"))]
pub(super) use multiply_integers;
