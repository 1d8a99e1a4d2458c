//! Tests of metrics and supports: on every device, votes and neighbours are those of plain loops.

use pollster::block_on;
use prediction_depth::depth::PredictionDepth;
use prediction_depth::measurement::{
    Chosen, Probing, Support, measure, measure_depths, measure_some, measure_with_neighbors,
};
use prediction_depth::metric::Metric;
use prediction_depth::probe::{KnnProbe, Ties, majority};
use prediction_depth::representations::Recorded;
use prediction_depth::search::{Cpu, Exclude, Manhattan, NeighborSearch, Neighbors, Query};
use prediction_depth::{Class, Error, Matrix, Rows};
use prediction_depth_tests::{
    devices, integers, manhattan_distance, neighbors, neighbors_by, normals, same_neighbors, unit,
};

const K: usize = 7;

/// Few values, so that distances and votes tie; more dims than are summed between two looks; and a scale that overflows
/// float32 where it is squared.
fn sets() -> [(&'static str, Matrix, Matrix); 4] {
    let huge =
        |rows: &Matrix| Matrix::new(rows.values().iter().map(|value| 1e25 * value).collect(), rows.rows(), rows.cols());
    let (one, other) = (normals(70, 13, 5), normals(30, 13, 6));
    [
        ("integers", nonzero(&integers(90, 5, 1)), nonzero(&integers(40, 5, 2))),
        ("reals", normals(300, 700, 3), normals(50, 700, 4)),
        ("huge", huge(&one).expect("as many"), huge(&other).expect("as many")),
        (
            "one value",
            Matrix::new(vec![1.0, 2.0, -3.0, 2.0, 9.0, -1.0, 4.0, 5.0], 8, 1).expect("eight"),
            integers_of_one(),
        ),
    ]
}

fn integers_of_one() -> Matrix {
    Matrix::new(vec![-2.0, 3.0], 2, 1).expect("two rows")
}

/// Rows of zeros have no direction.
fn nonzero(rows: &Matrix) -> Matrix {
    let values = rows.values().iter().map(|value| value + 0.5).collect();
    Matrix::new(values, rows.rows(), rows.cols()).expect("as many")
}

fn expected(metric: Metric, support: &Matrix, queries: &Matrix, exclude: Exclude) -> Neighbors {
    match metric {
        Metric::Cosine => neighbors(&unit(support), &unit(queries), K, exclude),
        Metric::Manhattan => neighbors_by(manhattan_distance, support, queries, K, exclude),
        _ => neighbors(support, queries, K, exclude),
    }
}

#[test]
fn neighbors_and_votes_are_those_of_plain_loops() {
    for device in devices() {
        for (what, support, queries) in sets() {
            let labels: Vec<Class> = (0..support.rows() as Class).map(|row| row * row % 3).collect();
            for metric in [Metric::Cosine, Metric::Manhattan] {
                for (queries, exclude) in [(&queries, Exclude::Nothing), (&support, Exclude::Itself)] {
                    let what = format!("{what}, {metric:?}, {exclude:?}, {}", device.name);
                    let probe = KnnProbe { support: &support, labels: &labels, k: K, ties: Ties::Lowest, metric };
                    let right = expected(metric, &support, queries, exclude);
                    let found = block_on(probe.predict(queries, exclude, &device.device, &())).expect("finite rows");
                    same_neighbors(&right, &found.neighbors).unwrap_or_else(|problem| panic!("{what}: {problem}"));
                    let votes: Vec<(Class, bool)> =
                        right.indices.chunks_exact(K).map(|near| vote(near, &labels)).collect();
                    let only = block_on(probe.classify(queries, exclude, &device.device, &())).expect("finite rows");
                    let only: Vec<(Class, bool)> = only.iter().map(|vote| (vote.class, vote.tied)).collect();
                    assert_eq!(only, votes, "{what}");
                }
            }
        }
    }
}

fn vote(near: &[u32], labels: &[Class]) -> (Class, bool) {
    majority(&near.iter().map(|&row| labels[row as usize]).collect::<Vec<_>>(), Ties::Lowest)
}

#[test]
fn metrics_differ() {
    let (_, support, queries) = &sets()[1];
    let of = |metric| expected(metric, support, queries, Exclude::Nothing).indices;
    assert!(of(Metric::Euclidean) != of(Metric::Cosine) && of(Metric::Euclidean) != of(Metric::Manhattan));
}

/// Rows that are read in blocks.
struct Elsewhere(Matrix);

impl Rows for Elsewhere {
    fn shape(&self) -> [usize; 2] {
        self.0.shape()
    }

    async fn block(&self, rows: std::ops::Range<usize>) -> prediction_depth::Result<std::borrow::Cow<'_, [f32]>> {
        Ok(std::borrow::Cow::Owned(self.0.block(rows).await?.into_owned()))
    }
}

#[test]
fn manhattan_goes_through_blocks() {
    // 70,000 dims: a block has 59 rows.
    let rows = normals(130, 70_000, 7);
    let right = neighbors_by(manhattan_distance, &rows, &rows, K, Exclude::Itself);
    let elsewhere = Elsewhere(rows);
    let found = block_on(Manhattan.search(Query::leave_one_out(&elsewhere, K), &())).expect("finite rows");
    same_neighbors(&right, &found).expect("the same");
}

#[test]
fn what_has_no_distance_is_named() {
    let labels = [0; 9];
    let probe = |support: &Matrix, queries: &Matrix, metric| {
        let probe = KnnProbe { support: support.clone(), labels: &labels, k: 2, ties: Ties::Lowest, metric };
        block_on(probe.predict(queries, Exclude::Nothing, &Cpu::default(), &())).map(|_| ()).expect_err("refused")
    };
    let with = |value: f32, row: usize| {
        let mut values = vec![1.0; 27];
        values[3 * row..3 * row + 3].fill(value);
        Matrix::new(values, 9, 3).expect("nine rows")
    };
    let error = probe(&with(1.0, 0), &with(0.0, 4), Metric::Cosine);
    assert!(error.to_string().starts_with("row 4 of the queries is zero"), "{error}");
    let error = probe(&with(0.0, 8), &with(1.0, 0), Metric::Cosine);
    assert!(error.to_string().starts_with("row 8 of the support is zero"), "{error}");
    for metric in [Metric::Cosine, Metric::Manhattan] {
        for value in [f32::NAN, f32::INFINITY] {
            let error = probe(&with(value, 5), &with(1.0, 0), metric);
            assert!(matches!(error, Error::NotFinite { what: "the support", row: 5, col: 0, .. }), "{error}");
            let error = probe(&with(1.0, 0), &with(value, 6), metric);
            assert!(matches!(error, Error::NotFinite { what: "the queries", row: 6, .. }), "{error}");
        }
    }
}

#[test]
fn a_row_without_direction_is_named_by_layer_and_split() {
    let probing = Probing { k: 1, metric: Metric::Cosine, ..Probing::default() };
    let column = |values: &[f32]| Matrix::new(values.to_vec(), values.len(), 1).expect("a column");
    let split = |values: &[f32]| {
        let layers = vec![column(&vec![1.0; values.len()]), column(values)];
        Recorded::new(["input", "relu"].map(String::from).into(), layers, vec![0; values.len()]).expect("they fit")
    };
    let fails = |training: &Recorded, test: &Recorded| {
        let measured = block_on(measure(training, &[0; 3], &[test], probing, &Cpu::default(), &()));
        measured.map(|_| ()).expect_err("a row of zeros").to_string()
    };
    let (full, gap) = (split(&[1.0, 2.0, 3.0]), split(&[1.0, 2.0, 0.0]));
    assert!(fails(&gap, &full).starts_with("row 2 of layer relu of the training split"), "{}", fails(&gap, &full));
    assert!(fails(&full, &gap).starts_with("row 2 of layer relu of held-out split 1"), "{}", fails(&full, &gap));
}

const SIZES: [usize; 2] = [60, 25];

/// Three layers of few values, no row of zeros.
fn recorded(split: usize) -> Recorded {
    let layers = [2, 3, 4].map(|dims| nonzero(&integers(SIZES[split], dims, (10 * split + dims) as u64)));
    let predictions = (0..SIZES[split] as Class).map(|row| row % 3).collect();
    Recorded::new(["input", "hidden1", "softmax"].map(String::from).into(), layers.into(), predictions).expect("fit")
}

fn labels() -> Vec<Class> {
    (0..SIZES[0] as Class).map(|row| row * row / 7 % 3).collect()
}

fn ways() -> impl Iterator<Item = Probing> {
    let supports =
        [Support::All, Support::Random { examples: 31, seed: 4 }, Support::PerClass { examples: 9, seed: 5 }];
    let metrics = [Metric::Euclidean, Metric::Cosine, Metric::Manhattan];
    supports.into_iter().flat_map(move |support| {
        metrics.into_iter().flat_map(move |metric| {
            [false, true].map(|include_self| Probing { k: K, metric, support, include_self, ..Probing::default() })
        })
    })
}

/// The votes of one layer by plain loops: every training row is left out of its own neighbours, if it is one of them.
fn by_loops(probing: Probing, training: &Matrix, queries: &Matrix, is_training: bool) -> Vec<(Class, bool)> {
    let labels = labels();
    let voting = probing.support.rows(&labels).expect("enough").unwrap_or_else(|| (0..SIZES[0] as u32).collect());
    let all = SIZES[0];
    let whole = match probing.metric {
        Metric::Cosine => neighbors(&unit(training), &unit(queries), all, Exclude::Nothing),
        Metric::Manhattan => neighbors_by(manhattan_distance, training, queries, all, Exclude::Nothing),
        _ => neighbors(training, queries, all, Exclude::Nothing),
    };
    let near = |query: usize| {
        let itself = (is_training && !probing.include_self).then_some(query as u32);
        let near = whole.of(query).iter().filter(|&row| voting.contains(row) && Some(*row) != itself);
        near.copied().take(K).collect::<Vec<u32>>()
    };
    (0..queries.rows()).map(|query| vote(&near(query), &labels)).collect()
}

fn votes(depth: &PredictionDepth, layer: usize) -> Vec<(Class, bool)> {
    depth.probes[layer].iter().copied().zip(depth.tied[layer].iter().copied()).collect()
}

#[test]
fn every_support_and_metric_has_the_votes_of_plain_loops() {
    let (training, test, labels) = (recorded(0), recorded(1), labels());
    let layers = |split| [2, 3, 4].map(|dims| nonzero(&integers(SIZES[split], dims, (10 * split + dims) as u64)));
    for device in devices() {
        for probing in ways() {
            let whole = block_on(measure(&training, &labels, &[&test], probing, &device.device, &())).expect("all");
            for split in [0, 1] {
                for (layer, (support, queries)) in layers(0).iter().zip(&layers(split)).enumerate() {
                    let right = by_loops(probing, support, queries, split == 0);
                    assert_eq!(votes(&whole[split], layer), right, "{probing:?}, {split}, {layer}, {}", device.name);
                }
            }
        }
    }
}

#[test]
fn every_way_to_measure_has_the_same_result() {
    let (training, test, labels) = (recorded(0), recorded(1), labels());
    let rows: [Vec<u32>; 2] = [(0..SIZES[0] as u32).step_by(7).collect(), vec![3, 24]];
    for probing in ways() {
        let whole = block_on(measure(&training, &labels, &[&test], probing, &Cpu::default(), &())).expect("all");
        let (only, _) =
            block_on(measure_depths(&training, &labels, &[&test], probing, &Cpu::default(), &())).expect("depths");
        let chosen = [Chosen { source: &training, rows: &rows[0] }, Chosen { source: &test, rows: &rows[1] }];
        let some =
            block_on(measure_some(&chosen, &labels, probing, None, &Cpu::default(), &())).expect("some examples");
        for split in [0, 1] {
            assert_eq!(only[split].depths(), whole[split].depths(), "{probing:?}");
            let depths = whole[split].depths();
            let right: Vec<usize> = rows[split].iter().map(|&row| depths[row as usize]).collect();
            assert_eq!(some[split].depths(), right, "{probing:?}");
        }
    }
}

#[test]
fn voters_are_rows_of_the_training_split() {
    let (training, labels) = (recorded(0), labels());
    for probing in ways().filter(|probing| !probing.include_self) {
        let voting = probing.support.rows(&labels).expect("enough").unwrap_or_else(|| (0..SIZES[0] as u32).collect());
        let mut seen = std::collections::BTreeSet::new();
        let hear = |_, _, found: Neighbors| {
            for (query, near) in found.indices.chunks_exact(K).enumerate() {
                assert!(!near.contains(&(query as u32)), "{query} votes for itself");
                seen.extend(near.iter().copied());
            }
        };
        block_on(measure_with_neighbors(&training, &labels, &[], probing, &Cpu::default(), &(), hear)).expect("all");
        assert!(seen.iter().all(|row| voting.contains(row)), "{probing:?}");
        assert!(seen.len() > voting.len() / 2, "{probing:?}");
    }
}
