//! Tests of the searches against the float64 reference: the same neighbours, to the bit, on every device.

use pollster::block_on;
use prediction_depth::search::{Exclude, NeighborSearch, Query};
use prediction_depth::{Error, Matrix, Rows};
use prediction_depth_tests::{Named, devices, integers, matrix, neighbors, normals, same_neighbors};
use rand::RngExt;

/// Checks that each device's neighbours equal the reference.
fn agree(what: &str, support: &Matrix, queries: &Matrix, k: usize, exclude: Exclude) {
    let expected = neighbors(support, queries, k, exclude);
    for tested in devices() {
        let found = block_on(tested.device.search(Query { support, queries, k, exclude }, &()))
            .unwrap_or_else(|error| panic!("{what} on {}: {error}", tested.name));
        same_neighbors(&expected, &found).unwrap_or_else(|error| panic!("{what} on {}: {error}", tested.name));
    }
}

#[test]
fn small_integers_in_blocks_of_every_size() {
    for (rows, dims, k) in [(40, 3, 5), (700, 17, 30), (1500, 64, 30), (4200, 8, 30)] {
        let support = integers(rows, dims, 1);
        agree("integers, leave-one-out", &support, &support, k, Exclude::Itself);
        agree("integers", &support, &integers(90, dims, 2), k, Exclude::Nothing);
    }
}

#[test]
fn random_reals() {
    let support = normals(1300, 200, 3);
    agree("reals, leave-one-out", &support, &support, 30, Exclude::Itself);
    agree("reals", &support, &normals(150, 200, 4), 30, Exclude::Nothing);
}

#[test]
fn far_from_the_origin_and_at_every_scale() {
    let near = normals(600, 33, 5);
    for (what, scale, shift) in
        [("shifted", 0.1, 10.0), ("tiny", 1e-30, 0.0), ("huge", 1e30, 0.0), ("below normal", 1e-40, 0.0)]
    {
        let values = near.values().iter().map(|x| x * scale + shift).collect();
        let rows = Matrix::new(values, 600, 33).expect("the same size");
        agree(what, &rows, &rows, 30, Exclude::Itself);
    }
}

#[test]
fn rows_of_equal_norm_and_rows_with_one_huge_dim() {
    let rows = normals(700, 300, 17);
    let scaled = |scale: &dyn Fn(&[f32], usize) -> f32| {
        let values = rows.values().chunks_exact(300).flat_map(|row| (0..300).map(|dim| row[dim] * scale(row, dim)));
        Matrix::new(values.collect(), 700, 300).expect("as many")
    };
    let on_a_sphere = scaled(&|row, _| 1.0 / row.iter().map(|x| x * x).sum::<f32>().sqrt());
    agree("equal norms", &on_a_sphere, &on_a_sphere, 30, Exclude::Itself);
    let huge = scaled(&|_, dim| if dim == 7 { 1e6 } else { 1.0 });
    agree("one huge dim", &huge, &huge, 30, Exclude::Itself);
    let twice = rows.select(&(0..700).map(|row| row / 2).collect::<Vec<_>>());
    agree("each row twice", &twice, &twice, 30, Exclude::Itself);
}

#[test]
fn probabilities_crowded_at_the_corners() {
    let softmax = matrix(900, 10, 6, |rng| {
        if rng.random::<f32>() < 0.1 { 1.0 - rng.random::<f32>() * 1e-6 } else { rng.random::<f32>() * 1e-7 }
    });
    agree("softmax", &softmax, &softmax, 30, Exclude::Itself);
}

#[test]
fn duplicates_and_overflow() {
    let same = matrix(1200, 5, 7, |_| 0.25);
    agree("all rows equal", &same, &same, 30, Exclude::Itself);
    let few = matrix(1400, 2, 8, |rng| f32::from(rng.random_range(0_i8..2)));
    agree("four different rows", &few, &few, 30, Exclude::Itself);
}

#[test]
fn every_k_and_the_widest_rows() {
    let support = normals(500, 20, 9);
    for k in [1, 384, 385, 499] {
        agree("k", &support, &support, k, Exclude::Itself);
    }
    agree("k = n", &support, &normals(3, 20, 10), 500, Exclude::Nothing);
    let line = normals(300, 1, 11);
    agree("d = 1", &line, &line, 30, Exclude::Itself);
    let wide = normals(40, 65_536, 12);
    agree("d = 65,536", &wide, &wide, 30, Exclude::Itself);
    let wider = integers(20, 70_000, 13);
    agree("d = 70,000", &wider, &wider, 5, Exclude::Itself);
    let one = normals(1, 4, 14);
    agree("one example", &one, &one, 1, Exclude::Nothing);
}

/// Returns each device's error for a search that must be refused.
fn refused(support: &Matrix, queries: &Matrix, k: usize, exclude: Exclude) -> Vec<Error> {
    let query = Query { support, queries, k, exclude };
    let refused = |Named { device, .. }| block_on(device.search(query, &())).expect_err("this must be refused");
    devices().into_iter().map(refused).collect()
}

#[test]
fn bad_questions_are_refused_by_name() {
    let rows = normals(10, 4, 15);
    for k in [0, 10, 11] {
        for error in refused(&rows, &rows, k, Exclude::Itself) {
            assert!(matches!(error, Error::BadK { candidates: 9, .. }), "{error}");
        }
    }
    for error in refused(&rows, &normals(2, 5, 16), 3, Exclude::Nothing) {
        assert!(matches!(error, Error::Mismatch { expected: 4, found: 5, .. }), "{error}");
    }
    let mut values = rows.values().to_vec();
    values[4 * 7 + 2] = f32::NAN;
    let broken = Matrix::new(values, 10, 4).expect("the same size");
    for error in refused(&rows, &broken, 3, Exclude::Nothing) {
        assert!(matches!(error, Error::NotFinite { what: "the queries", row: 7, col: 2, .. }), "{error}");
    }
    for error in refused(&rows, &Matrix::new(vec![], 0, 4).expect("empty"), 3, Exclude::Nothing) {
        assert!(matches!(error, Error::Empty { .. }), "{error}");
    }
    assert_eq!(rows.shape(), [10, 4]);
}
