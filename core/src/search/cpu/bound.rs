//! Test of the filter's error bound: is no key of many pairs further off, and is it not much too large?

use pollster::block_on;

use super::candidate_lists::{CandidateLists, capacity};
use super::filter::one_way;
use super::panels::Panels;
use crate::matrix::Matrix;
use crate::search::center::Center;
use crate::search::exact::squared_distance;
use crate::search::simd::{Format, Kernel, PANEL_ROWS};

const QUERIES: usize = 20 * PANEL_ROWS;
const DIMS: [usize; 9] = [1, 2, 3, 5, 16, 64, 255, 300, 513];

/// Returns rows whose values lie around 3, some rows much closer to it than others, some with one large value.
fn rows(count: usize, dims: usize, seed: u64) -> Matrix {
    let value = |at: usize| {
        let turned = (seed + at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let random = ((turned ^ turned >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32 / 2_f32.powi(23) - 1.0;
        let (row, col) = (at / dims, at % dims);
        let size = match row % 8 {
            6 => 1e-3,
            7 if col == row % dims => 50.0,
            _ => 1.0,
        };
        3.0 + size * random
    };
    Matrix::new((0..count * dims).map(value).collect(), count, dims).expect("the same size")
}

/// Returns the errors of the keys of all pairs, as shares of their bounds.
fn shares(kernel: Kernel, format: Format, dims: usize) -> Vec<f64> {
    let (support, queries) = (rows(PANEL_ROWS, dims, 1), rows(QUERIES, dims, 1 << 32));
    let center = block_on(Center::new(kernel, &support, &queries)).expect("finite");
    let pack =
        |rows: &Matrix, count: usize| block_on(Panels::pack(kernel, format, &center, rows, 0..count, dims, None));
    let packed = pack(&queries, QUERIES).expect("at hand");
    let others = pack(&support, PANEL_ROWS).expect("at hand");
    // With as many neighbours as rows, every row is a candidate.
    let mut lists = [CandidateLists::new(PANEL_ROWS, capacity(PANEL_ROWS), (0..QUERIES).map(|_| None))];
    block_on(one_way(kernel, &packed, &others, &mut lists, &())).expect("at hand");
    let [lists] = lists;
    let norms = center.rows(queries.values()).norms;
    let roundings = format.roundings(dims);
    let kept = lists.finish().into_iter().enumerate();
    let shares = kept.flat_map(|(query, kept)| {
        let candidates = kept.expect("as many as rows").candidates;
        let (norm, extent, support, queries, others, center) =
            (norms[query], packed.extents[query], &support, &queries, &others, &center);
        candidates.into_iter().map(move |candidate| {
            let row = candidate.row as usize;
            let right = squared_distance(queries.row(query), support.row(row)) - center.squared_distance(0.0, norm);
            let error = (center.squared_distance(candidate.key, 0.0) - right).abs();
            error / center.squared_distance(1.0, 0.0) / center.key_error(extent, others.extents[row], roundings)
        })
    });
    shares.collect()
}

#[test]
fn no_key_of_a_million_pairs_is_beyond_the_bound_and_some_are_within_a_factor_of_four() {
    let mut pairs = 0;
    for format in Format::ALL {
        let mut largest = 0.0_f64;
        for (kernel, dims) in Kernel::available().into_iter().flat_map(|kernel| DIMS.map(|dims| (kernel, dims))) {
            let shares = shares(kernel, format, dims);
            pairs += shares.len();
            let most = shares.into_iter().fold(0.0, f64::max);
            assert!(most <= 1.0, "{} {} {dims}: {most}", kernel.name(), format.name());
            largest = largest.max(most);
        }
        assert!(largest >= 0.25, "{}: {largest}", format.name());
    }
    assert!(pairs >= 1_000_000, "{pairs}");
}
