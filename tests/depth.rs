//! Votes and depths on examples worked out by hand.

use pollster::block_on;
use prediction_depth::depth::{PredictionDepth, settled_at};
use prediction_depth::logits::output_margin;
use prediction_depth::measurement::{Probing, measure};
use prediction_depth::metric::Metric;
use prediction_depth::probe::{KnnProbe, Ties, majority};
use prediction_depth::representations::Recorded;
use prediction_depth::search::{Cpu, Exclude};
use prediction_depth::{Error, Matrix};

#[test]
fn settled_from_the_last_change_on() {
    let settled = |entries: &[u32]| settled_at(entries.iter().copied(), 7);
    assert_eq!(settled(&[7, 7, 7]), 0);
    assert_eq!(settled(&[1, 7, 7]), 1);
    assert_eq!(settled(&[7, 1, 7]), 2, "an early agreement that is lost again does not count");
    assert_eq!(settled(&[7, 7, 1]), 3, "undetermined: the length");
    assert_eq!(settled(&[]), 0);
}

#[test]
fn ties_go_to_the_lowest_class_or_to_the_nearest_member() {
    assert_eq!(majority(&[4, 2, 2, 4, 9], Ties::Lowest), (2, true));
    assert_eq!(majority(&[4, 2, 2, 4, 9], Ties::Nearest), (4, true));
    assert_eq!(majority(&[9, 4, 4], Ties::Nearest), (4, false), "no tie: the nearest alone decides nothing");
    assert_eq!(majority(&[3], Ties::Lowest), (3, false));
}

#[test]
fn margins() {
    assert!((output_margin(&[1.0, 3.5, 3.0]) - 0.5).abs() < 1e-6);
    assert!(output_margin(&[2.0, 2.0]).abs() < 1e-6);
    assert!(output_margin(&[2.0]).abs() < 1e-6, "one class: there is no second");
}

fn column(values: &[f32]) -> Matrix {
    Matrix::new(values.to_vec(), values.len(), 1).expect("a column")
}

#[test]
fn leaving_out_goes_by_index_not_by_distance() {
    // Rows 0 and 1 are duplicates with different labels: each must be the other's nearest neighbour.
    let support = column(&[0.0, 0.0, 5.0, 5.1]);
    let probe =
        KnnProbe { support: &support, labels: &[0, 1, 2, 3], k: 1, ties: Ties::Lowest, metric: Metric::Euclidean };
    let predict =
        |exclude| block_on(probe.predict(&support, exclude, &Cpu::default(), &())).expect("four rows").classes;
    assert_eq!(predict(Exclude::Itself), [1, 0, 3, 2]);
    assert_eq!(predict(Exclude::Nothing), [0, 0, 2, 3], "with itself: the lower index of the duplicates");
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|layer| format!("layer{layer}")).collect()
}

/// Two clusters. Example 2 is in the wrong cluster in layer 0, and in its own in layer 1.
fn moving() -> Recorded {
    let layers = vec![column(&[0.0, 0.1, 0.2, 9.0, 9.1, 9.2]), column(&[0.0, 0.1, 9.3, 9.0, 9.1, 9.2])];
    Recorded::new(names(2), layers, vec![0, 0, 1, 1, 1, 1]).expect("they fit")
}

fn measured(probing: Probing, labels: &[u32], held_out: &[&Recorded]) -> Result<Vec<PredictionDepth>, Error> {
    block_on(measure(&moving(), labels, held_out, probing, &Cpu::default(), &()))
}

#[test]
fn depth_is_where_the_probes_begin_to_agree_with_the_network_not_with_the_label() {
    let probing = Probing { k: 2, ..Probing::default() };
    let all = measured(probing, &[0, 0, 1, 1, 1, 1], &[]).expect("six rows");
    assert_eq!(all[0].probes, [[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]]);
    // Examples 0 and 1 have tied votes in both layers (one for 0, one for 1): the lowest class wins.
    assert_eq!(all[0].tied, [[true, true, false, false, false, false], [true, true, false, false, false, false]]);
    assert_eq!(all[0].depths(), [0, 0, 1, 0, 0, 0]);
    let labels = [0, 0, 0, 1, 1, 1];
    let flipped = measured(probing, &labels, &[]).expect("six rows");
    assert_eq!(flipped[0].predictions[2], 1);
    assert_eq!(flipped[0].depths()[2], 1, "the label says 0, the network 1: depth follows the network");
    // In layer 1, example 2 is predicted as 1, and its wrong label ties the vote of its neighbour, example 5.
    let accuracy = flipped[0].probe_accuracy(&labels).expect("as many");
    assert_eq!(accuracy, [Some(1.0), Some(4.0 / 6.0)]);
}

#[test]
fn a_last_probe_that_disagrees_is_undetermined() {
    let labels = [0, 0, 1, 1, 1, 1];
    let held_out = Recorded::new(names(2), vec![column(&[0.05]), column(&[9.05])], vec![0]).expect("they fit");
    let all = measured(Probing { k: 2, ..Probing::default() }, &labels, &[&held_out]).expect("seven rows");
    assert_eq!(all[1].depths(), [2], "probes say 0 then 1, the network says 0: P = 2");
}

#[test]
fn including_itself_changes_the_vote() {
    let labels = [0, 0, 1, 1, 1, 1];
    let with_itself = Probing { k: 1, include_self: true, ..Probing::default() };
    let all = measured(with_itself, &labels, &[]).expect("six rows");
    assert_eq!(all[0].depths(), [0; 6], "every example is its own nearest neighbour");
}

#[test]
fn what_does_not_fit_is_refused() {
    let probing = Probing { k: 6, ..Probing::default() };
    let error = measured(probing, &[0; 6], &[]).expect_err("five candidates");
    assert!(matches!(error, Error::BadK { k: 6, candidates: 5 }), "{error}");
    let error = measured(Probing { k: 2, ..probing }, &[0; 5], &[]).expect_err("a label is missing");
    assert!(matches!(error, Error::Mismatch { expected: 6, found: 5, .. }), "{error}");
    let fewer = Recorded::new(names(1), vec![column(&[0.0])], vec![0]).expect("they fit");
    let error = measured(Probing { k: 2, ..probing }, &[0; 6], &[&fewer]).expect_err("a layer is missing");
    assert!(matches!(error, Error::Mismatch { expected: 2, found: 1, .. }), "{error}");
    let empty = Recorded::new(names(2), vec![column(&[]), column(&[])], vec![]).expect("they fit");
    let error = measured(Probing { k: 2, ..probing }, &[0; 6], &[&empty]).expect_err("no example");
    assert!(matches!(error, Error::Empty { .. }), "{error}");
}
