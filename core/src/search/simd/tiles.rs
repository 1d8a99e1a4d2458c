//! The loops that multiply a block of columns, for every register width. A slice of the queries stays in the first cache
//! while the slices of the support pass.
//!
//! The file that uses these macros has the constants `WIDTH` (values of a register), `REGISTERS` (of a row), `COLS` and
//! `TAKEN` (values and slices of the support in these registers), and the functions `registers`, `floats`, `splat`,
//! `splat_float`, `scaled` (for integers), `load`, `sum`, `store`, `below`.

/// Repeats a body for each of `N` rows. (As a loop, its sums are in memory, not in registers: half as fast.)
macro_rules! each_row {
    ($count:ident, |$row:ident| $body:block) => {
        each_row!($count, |$row| $body, 0, 1, 2, 3, 4, 5, 6, 7)
    };
    ($count:ident, |$row:ident| $body:block, $($at:literal),+) => {$(
        if $at < $count {
            let $row = $at;
            $body
        }
    )+};
}

/// Defines the product of blocks as loops over slices. The queries of a slice are taken in `groups`, each from its first
/// row and with as many rows as have sums in registers at a time.
macro_rules! multiply_slices {
    ($name:ident, $part:ident, $features:literal, groups: [$($lane:literal => $rows:literal),+]) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(product: Product<'_>, tile: &mut Tile, mut comparison: Option<Comparison<'_>>) {
            let support = slices(product.support);
            for (slice, queries) in slices(product.queries).into_iter().enumerate() {
                for cols in 0..PANEL_ROWS / COLS {
                    let support = std::array::from_fn(|at| support[cols * COLS / SLICE_ROWS + at]);
                    $(
                        let place = [slice * SLICE_ROWS + $lane, cols];
                        $part::<$lane, $rows>(queries, support, product.first, tile, place, &mut comparison);
                    )+
                }
            }
        }
    };
}

/// Defines the product of blocks of float32: `step` adds a product to sums that begin as `zero`.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! multiply_floats {
    (
        $name:ident,
        $features:literal,
        groups: $groups:tt,
        zero: $zero:expr,
        step: |$sum:ident, $q:ident, $t:ident| $step:expr
    ) => {
        multiply_slices!($name, float_part, $features, groups: $groups);

        /// Multiplies some rows of a slice of the queries by some slices of the support.
        #[inline]
        #[target_feature(enable = $features)]
        fn float_part<const LANE: usize, const N: usize>(
            queries: &[SliceColumn],
            support: [&[SliceColumn]; TAKEN],
            first: bool,
            tile: &mut Tile,
            [row, cols]: [usize; 2],
            comparison: &mut Option<Comparison<'_>>,
        ) {
            let columns = queries.len();
            let support = support.map(|slice| &slice[..columns]);
            let mut sums = [[$zero; REGISTERS]; N];
            for column in 0..columns {
                let t = registers(support.map(|slice| &slice[column]), cols);
                for (sums, &q) in sums.iter_mut().zip(&queries[column][LANE..LANE + N]) {
                    let $q = splat(q);
                    for ($sum, $t) in sums.iter_mut().zip(t) {
                        *$sum = $step;
                    }
                }
            }
            each_row!(N, |at| { finish(sums[at], first, &mut tile[row + at], [row + at, cols], comparison) });
        }
    };
}

/// Defines the product of blocks of integers: `support` prepares the support's words, `step` adds products to sums.
#[cfg(not(target_arch = "aarch64"))]
macro_rules! multiply_integers {
    (
        $name:ident,
        $part:ident,
        $features:literal,
        groups: $groups:tt,
        support: |$word:ident| $prepared:expr,
        step: |$sum:ident, $q:ident, $t:ident| $step:expr
    ) => {
        multiply_slices!($name, $part, $features, groups: $groups);

        /// Multiplies some rows of a slice of the queries by some slices of the support.
        #[inline]
        #[target_feature(enable = $features)]
        fn $part<const LANE: usize, const N: usize>(
            queries: &[SliceColumn],
            support: [&[SliceColumn]; TAKEN],
            first: bool,
            tile: &mut Tile,
            [row, cols]: [usize; 2],
            comparison: &mut Option<Comparison<'_>>,
        ) {
            let (queries, support) = (Block::of(queries), support.map(Block::of));
            let columns = queries.words.len();
            let words = support.map(|block| &block.words[..columns]);
            let mut sums = [registers(support.map(|block| block.starts), cols); N];
            for column in 0..columns {
                let t = registers(words.map(|slice| &slice[column]), cols).map(|$word| $prepared);
                for (sums, &q) in sums.iter_mut().zip(&queries.words[column][LANE..LANE + N]) {
                    let $q = splat(q);
                    for ($sum, $t) in sums.iter_mut().zip(t) {
                        *$sum = $step;
                    }
                }
            }
            let others = registers(support.map(|block| block.scales), cols);
            each_row!(N, |at| {
                let scale = splat(queries.scales[LANE + at]);
                let products = std::array::from_fn(|register| scaled(sums[at][register], scale, others[register]));
                finish(products, first, &mut tile[row + at], [row + at, cols], comparison);
            });
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

pub(super) use each_row;
pub(super) use finish;
#[cfg(not(target_arch = "wasm32"))]
pub(super) use multiply_floats;
#[cfg(not(target_arch = "aarch64"))]
pub(super) use multiply_integers;
pub(super) use multiply_slices;
