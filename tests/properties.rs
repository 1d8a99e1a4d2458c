//! Properties of the search on arbitrary data: duplicates, ties, every k, few examples, one dimension.

use pollster::block_on;
use prediction_depth::Matrix;
use prediction_depth::search::{Exclude, NeighborSearch, Query};
use prediction_depth_tests::{devices, neighbors, same_neighbors};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Rows with few distinct values, so that equal rows and equal distances are frequent.
fn crowded() -> impl Strategy<Value = (Matrix, usize, bool)> {
    rows(prop_oneof![Just(0.0_f32), Just(1.0), Just(-1.0), Just(0.5)].boxed())
}

/// Rows of finite numbers that are neither extremely large nor extremely small.
fn wild() -> impl Strategy<Value = (Matrix, usize, bool)> {
    rows(prop_oneof![-1e3_f32..1e3, -1e-3_f32..1e-3, Just(0.0), 1e8_f32..1e9].boxed())
}

fn rows(value: BoxedStrategy<f32>) -> impl Strategy<Value = (Matrix, usize, bool)> {
    (2_usize..60, 1_usize..40, any::<bool>()).prop_flat_map(move |(count, dims, itself)| {
        let most = count - usize::from(!itself);
        let values = prop::collection::vec(value.clone(), count * dims);
        (values.prop_map(move |values| Matrix::new(values, count, dims).expect("as many")), 1..=most, Just(itself))
    })
}

fn holds(cases: u32, data: impl Strategy<Value = (Matrix, usize, bool)>) {
    let devices = devices();
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&data, |(rows, k, itself)| {
        let exclude = if itself { Exclude::Nothing } else { Exclude::Itself };
        let expected = neighbors(&rows, &rows, k, exclude);
        for tested in &devices {
            let found = block_on(tested.device.search(Query { support: &rows, queries: &rows, k, exclude }, &()))
                .map_err(|e| TestCaseError::fail(e.to_string()))?;
            same_neighbors(&expected, &found).map_err(|e| TestCaseError::fail(format!("{}: {e}", tested.name)))?;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn crowded_rows_with_ties_and_duplicates() {
    holds(96, crowded());
}

#[test]
fn wild_rows() {
    holds(96, wild());
}
