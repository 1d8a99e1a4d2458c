//! Round trips of records, and merges worked out by hand.

use super::*;
use crate::class::Class;
use crate::class::UNPROBED;
use crate::data::Split;
use crate::depth::PredictionDepth;
use crate::difficulty::{Kind, Quantiles};
use crate::metrics::{Consensus, Dynamics, NEVER_LEARNED};
use crate::{Error, Matrix};

const PLAN: &str = "abc";

/// Three examples, two layers, two classes. Depths are 0, 1 and 2 (undetermined); the last example is a test image.
fn record(seed: u64, splits: [Split; 3]) -> Record {
    Record {
        plan: PLAN.into(),
        seed,
        layers: vec!["input".into(), "softmax".into()],
        splits: splits.to_vec(),
        measured: PredictionDepth {
            probes: vec![vec![0, 0, 1], vec![0, 1, 0]],
            tied: vec![vec![false; 3]; 2],
            predictions: vec![0, 1, 1],
            distances: None,
        },
        input_margins: vec![1.0, f32::NAN, 3.0],
        logits: Matrix::new(vec![3.0_f32.ln(), 0.0, 0.0, 0.0, 0.0, 1000.0], 3, 2).expect("three rows"),
        dynamics: Dynamics {
            iteration_learned: vec![0, 10, 1000],
            forgetting: vec![0, 3, NEVER_LEARNED],
            el2n: vec![0.1, 0.2, 0.3],
            aum: vec![1.0, -1.0, 0.5],
            data_map_confidence: vec![0.9, 0.4, 0.5],
            data_map_variability: vec![0.1, 0.2, 0.0],
        },
        probe_iteration_learned: vec![vec![0, 10, 20], vec![5, 15, 25]],
    }
}

const SEEN: [Split; 3] = [Split::Train, Split::Train, Split::Test];
const UNSEEN: [Split; 3] = [Split::Validation, Split::Train, Split::Test];

fn empty() -> Ensemble {
    Ensemble::new(PLAN, &record(0, SEEN).layers, 2, vec![0, 0, 1], vec![0, 1, 1]).expect("labels of two classes")
}

/// Three models. Example 0 is held out once, with another prediction and depth 2.
fn merged() -> Ensemble {
    let mut merge = empty();
    let mut other = record(2, UNSEEN);
    other.measured.predictions[0] = 1;
    for record in [record(1, SEEN), other, record(3, SEEN)] {
        merge.add(&record).expect("they fit");
    }
    merge
}

#[test]
fn there_and_back() {
    for probed in [true, false] {
        let mut record = record(1 << 60, UNSEEN);
        if !probed {
            record.probe_iteration_learned.clear();
            record.measured.probes[0][2] = UNPROBED;
        }
        let bytes = record.to_bytes().expect("a record");
        assert_eq!(bytes, record.to_bytes().expect("a record"), "the same record, the same bytes");
        let read = Record::from_bytes(&bytes).expect("what was written");
        // NaN is not equal to itself, but prints the same.
        assert_eq!(format!("{read:?}"), format!("{record:?}"));
    }
}

#[test]
fn logits_that_are_no_numbers_are_refused() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut record = record(1, SEEN);
        let sound = without_checksum(record.to_bytes().expect("a record"));
        record.logits = Matrix::new(vec![3.0, 0.0, 0.0, value, 0.0, 1000.0], 3, 2).expect("three rows");
        let error = empty().add(&record).expect_err("no numbers");
        assert!(matches!(&error, Error::Unusable { tensor, place: 3, .. } if tensor == "logits"), "{error}");
        assert!(record.to_bytes().is_err());
        // As an earlier version wrote it.
        let (from, to) = (1000.0_f32.to_le_bytes(), value.to_le_bytes());
        let place = sound.windows(4).position(|bytes| bytes == from).expect("a logit");
        let bytes = [&sound[..place], &to, &sound[place + 4..]].concat();
        assert!(Record::from_bytes(&bytes).expect_err("no numbers").is_divergence());
    }
}

#[test]
fn many_classes_take_two_bytes() {
    let wide = |classes: usize| {
        let mut record = record(1, SEEN);
        record.logits = Matrix::new(vec![0.0; 3 * classes], 3, classes).expect("three rows");
        record.measured.predictions = vec![0, 1, classes as Class - 1];
        record.measured.probes = vec![vec![0, classes as Class - 1, UNPROBED], vec![0, 1, 0]];
        let bytes = record.to_bytes().expect("a record");
        let read = Record::from_bytes(&bytes).expect("what was written");
        assert_eq!(read.measured, record.measured, "{classes}");
        String::from_utf8_lossy(&bytes).contains(r#""probe":{"dtype":"U8""#)
    };
    assert!(wide(255) && !wide(256) && !wide(300));
}

/// Hides the checksum, as if an earlier version had written the record.
fn without_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let key = b"\"sha256\"";
    let at = bytes.windows(key.len()).position(|window| window == key).expect("a checksum");
    bytes[at + 1] = b'S';
    bytes
}

fn altered(from: &str, to: &str) -> Error {
    let mut bytes = without_checksum(record(1, SEEN).to_bytes().expect("a record"));
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect("it is there");
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    Record::from_bytes(&bytes).expect_err("it was altered")
}

#[test]
fn other_files_are_refused() {
    let newer = altered(r#""version":"1""#, r#""version":"9""#);
    assert!(matches!(&newer, Error::Version { what: "record", found, known: 1 } if found == "9"), "{newer}");
    assert!(altered("prediction-depth-record", "prediction-depth-ragout").to_string().contains("ragout"));
    assert!(altered(r#""el2n":"#, r#""el3n":"#).to_string().contains("el2n"));
    assert!(altered(r#""seed":"1""#, r#""seed":"x""#).to_string().contains("seed"));
    let bytes = record(1, SEEN).to_bytes().expect("a record");
    for length in [0, 7, 300, bytes.len() - 1] {
        let error = Record::from_bytes(&bytes[..length]).expect_err("cut off");
        assert!(matches!(error, Error::Format { format: "record", .. }), "{error}");
    }
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let refused = |change: fn(&mut Record)| {
        let mut record = record(1, SEEN);
        change(&mut record);
        assert!(empty().add(&record).is_err(), "the merge sees it too");
        record.to_bytes().expect_err("it does not fit").to_string()
    };
    assert!(refused(|record| record.dynamics.aum.truncate(2)).contains("AUM"));
    assert!(refused(|record| record.measured.predictions[1] = 2).contains("label 2"));
    assert!(refused(|record| record.measured.probes[0][1] = 7).contains("label 7"));
    assert!(refused(|record| record.probe_iteration_learned.truncate(1)).contains("layers"));
    assert!(refused(|record| record.measured.probes[1][1] = UNPROBED).contains("example 1"));
}

#[test]
fn a_merge_refuses_what_belongs_elsewhere() {
    let mut merge = merged();
    let before = format!("{merge:?}");
    let error = merge.add(&Record { plan: "xyz".into(), ..record(9, SEEN) }).expect_err("another plan");
    assert!(error.to_string().contains("xyz") && error.to_string().contains(PLAN), "{error}");
    let error = merge.add(&record(2, SEEN)).expect_err("again");
    assert!(matches!(error, Error::SameSeed { seed: 2 }), "{error}");
    assert_eq!(format!("{merge:?}"), before, "what is refused changes nothing");
    let mut larger = Ensemble::new(PLAN, &record(0, SEEN).layers, 2, vec![0; 4], vec![0; 4]).expect("labels");
    assert!(matches!(larger.add(&record(1, SEEN)), Err(Error::Mismatch { expected: 4, found: 3, .. })));
    assert!(Ensemble::new(PLAN, &[], 2, vec![0, 1], vec![0, 2]).is_err(), "no class 2");
}

#[test]
fn means_are_over_the_models_of_each_side() {
    let table = merged().examples(Quantiles { validation: 0.5, training: 0.5 }).expect("a table");
    let of = |name: &str| table.measure(name).unwrap_or_else(|| panic!("no column {name}")).to_vec();
    assert_eq!(of("n_train"), [Some(2.0), Some(3.0), Some(0.0)]);
    assert_eq!(of("n_validation"), [Some(1.0), Some(0.0), Some(3.0)], "test images are held out from all");
    assert_eq!(of("depth_train"), [Some(0.0), Some(1.0), None]);
    assert_eq!(of("depth_validation"), [Some(2.0), None, Some(2.0)]);
    assert_eq!(of("depth_determined_validation"), [None, None, None]);
    assert_eq!(of("undetermined_validation"), [Some(1.0), None, Some(1.0)]);
    assert_eq!(of("depth_se_train"), [Some(0.0), Some(0.0), None]);
    assert_eq!(of("depth_se_validation"), [None, None, Some(0.0)], "one model has no spread");
    assert_eq!(of("input_margin_train"), [Some(1.0), None, None], "NaN is no margin");
    assert_eq!(of("forgetting_train"), [Some(0.0), Some(3.0), None]);
    assert_eq!(of("never_learned_validation"), [Some(0.0), None, Some(1.0)]);
    let confidence = of("mean_softmax_confidence_train");
    assert!((confidence[0].expect("two models") - 0.75).abs() < 1e-7, "{confidence:?}");
    assert_eq!(confidence[1..], [Some(0.5), None]);
    assert_eq!(of("output_margin_validation")[2], Some(1000.0));
    assert_eq!(of("mean_softmax_entropy_validation")[2], Some(0.0));
    assert_eq!(table.consensus[0], Some(Consensus { class: 1, consistency: 1.0 }));
    assert_eq!((table.consensus[1], table.c_score.clone()), (None, vec![Some(0.0), None, Some(1.0)]));
    assert_eq!(table.kinds, [Some(Kind::Easy), None, None], "one example has both depths: both are their own median");
    assert_eq!(table.by_validation_depth(&table.c_score, 2), [None, None, Some(0.5)]);
}

#[test]
fn the_standard_error_is_of_the_sample() {
    let mut merge = empty();
    // Example 0 has the depths 0, 1, 2, 0.
    for (seed, probes, prediction) in [(1, [0, 0], 0), (2, [1, 0], 0), (3, [0, 0], 1), (4, [1, 1], 1)] {
        let mut record = record(seed, SEEN);
        (record.measured.probes[0][0], record.measured.probes[1][0]) = (probes[0], probes[1]);
        record.measured.predictions[0] = prediction;
        merge.add(&record).expect("it fits");
    }
    let table = merge.examples(Quantiles { validation: 0.5, training: 0.5 }).expect("a table");
    let of = |name: &str| table.measure(name).expect("a column")[0].expect("a number");
    assert!((of("depth_train") - 0.75).abs() < 1e-15 && (of("depth_determined_train") - 1.0 / 3.0).abs() < 1e-15);
    assert!((of("depth_se_train") - (2.75_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-15);
    assert!((of("undetermined_train") - 0.25).abs() < 1e-15);
}

#[test]
fn probes_and_depths_over_all_models() {
    let merge = merged();
    let (given, own) = (merge.given_labels(), merge.labels());
    // Example 1, three times in training: the input's probe predicts 0, its own label, and the softmax 1, the given
    // label.
    assert_eq!(merge.train().probe_accuracy(given, &[1]), [Some(0.0), Some(1.0)]);
    assert_eq!(merge.train().probe_accuracy(own, &[0, 1]), [Some(1.0), Some(2.0 / 5.0)]);
    assert_eq!(merge.held_out().probe_accuracy(own, &[1]), [None, None]);
    assert_eq!(merge.train().probe_iteration_learned(&[0, 1]), [Some(30.0 / 5.0), Some(55.0 / 5.0)]);
    let by_depth: Vec<_> = merge.train().by_depth().iter().map(|of| (of.predictions, of.given, of.own)).collect();
    assert_eq!(by_depth, [(2, 2, 2), (3, 3, 0), (0, 0, 0)]);
    let undetermined = merge.held_out().by_depth()[2];
    assert_eq!((undetermined.predictions, undetermined.given), (4, 3));
}

#[test]
fn a_probe_that_was_not_asked_has_no_accuracy() {
    let mut merge = empty();
    let mut record = record(1, SEEN);
    record.measured.probes[0][2] = UNPROBED;
    merge.add(&record).expect("it fits");
    let accuracy = |examples: &[usize]| merge.held_out().probe_accuracy(&[0, 1, 1], examples);
    assert_eq!(accuracy(&[2]), [None, Some(0.0)]);
    assert_eq!(merge.train().probe_accuracy(&[0, 1, 1], &[0, 1]), [Some(0.5), Some(1.0)]);
}

#[cfg(feature = "formats")]
#[test]
fn the_table_as_text_and_as_columns() {
    let table = merged().examples(Quantiles { validation: 0.5, training: 0.5 }).expect("a table");
    let names = ["a.png", "", "c.png"].map(String::from);
    assert!(table.clone().with_names(&names[..2], &[]).is_err(), "a name is missing");
    let table = table.with_names(&names, &["ant".into(), "bee".into()]).expect("a name for each");
    let csv = String::from_utf8(table.to_csv().expect("a table")).expect("text");
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let first = "id,name,label_name,label,given_label,consensus,given_label_name,consensus_name,consistency,c_score,kind,n_train,n_validation,depth_train,\
                 depth_validation,depth_se_train,depth_se_validation,iteration_learned_train";
    assert!(csv.starts_with(first), "{csv}");
    let one = ["0", "a.png", "ant", "0", "0", "1", "ant", "bee", "1", "0", "easy", "2", "1"];
    assert_eq!(&rows[1][..13], one);
    let other = ["1", "", "ant", "0", "1", "", "bee", "", "", "", "", "3", "0", "1", ""];
    assert_eq!(&rows[2][..15], other);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()) && rows.len() == 4);
    let lines: Vec<serde_json::Value> = String::from_utf8(table.to_jsonl())
        .expect("text")
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    for (row, line) in rows[1..].iter().zip(&lines) {
        let object = line.as_object().expect("an object");
        assert_eq!(object.keys().collect::<Vec<_>>(), rows[0]);
        for (cell, value) in row.iter().zip(object.values()) {
            assert_eq!(cell.is_empty(), value.is_null());
            assert!(value.as_f64().is_none_or(|number| cell.parse() == Ok(number)), "{cell} {value}");
        }
    }
    let columns = table.columns();
    assert_eq!(
        columns.iter().map(|column| &column.name[..]).collect::<Vec<_>>(),
        [&rows[0][5..6], &rows[0][8..]].concat()
    );
    let of = |name: &str| &columns.iter().find(|column| column.name == name).expect("a column").values;
    assert!(of("kind")[0] == 0.0 && of("kind")[1].is_nan() && of("consensus")[2] == 1.0);
}

#[test]
fn records_in_the_same_order_give_the_same_bits() {
    let [one, other] = [merged(), merged()].map(|merge| format!("{merge:?}"));
    assert_eq!(one, other);
}
