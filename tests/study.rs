//! Tests of the study file: round trip, and errors for damaged files.

use prediction_depth::UNPROBED;
use prediction_depth::data::{Dataset, Images, Preprocessing, Split};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::ensemble::Column;
use prediction_depth::experiment::Experiment;
use prediction_depth::measurement::Probing;
use prediction_depth::nets::{Mlp, Network};
use prediction_depth::study::{Architecture, Study, VERSION};
use prediction_depth::{Error, Matrix};
use prediction_depth_tests::without_checksum;

/// Four examples of 2 x 2 pixels, three layers, two classes.
fn small() -> Study {
    let network = Mlp::new(4, &[3], 2, 5).expect("a network");
    let dataset = Dataset {
        name: "small".into(),
        source: "made up".into(),
        images: Images::new((0..16).collect(), [1, 2, 2]).expect("four images"),
        labels: vec![0, 1, 0, 1],
        training: 3,
        classes: vec!["left".into(), "right".into()],
        ..Dataset::default()
    };
    Study {
        layers: network.taps().to_vec(),
        architecture: Some(Architecture::mlp(vec![3])),
        preprocessing: Preprocessing { mean: vec![0.25], std: vec![0.5] },
        probing: Probing { k: 1, ..Probing::default() },
        given_labels: vec![0, 1, 1, 1],
        splits: vec![Split::Train, Split::Train, Split::Validation, Split::Test],
        weights: Study::weights_of(&network).expect("its weights"),
        measured: PredictionDepth {
            probes: vec![vec![1, 1, 0, 1], vec![0, 0, 0, 1], vec![0, 1, 1, 1]],
            tied: vec![vec![false, true, false, false]; 3],
            predictions: vec![0, 1, 0, 1],
            distances: None,
        },
        output_margins: vec![0.5, 1.5, 2.5, 3.5],
        representations: vec![Matrix::new(vec![1.0; 8], 4, 2).expect("a layer"); 3],
        ensemble: vec![Column { name: "depth_train".into(), values: vec![0.0, 1.5, 2.0, 0.25] }],
        ..Study::untrained(dataset)
    }
}

/// Returns the error for a file with one part of its header replaced by one of the same length.
fn altered(from: &str, to: &str) -> Error {
    let bytes = without_checksum(small().to_bytes().expect("a study"));
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect("it is there");
    let mut bytes = bytes;
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    Study::from_bytes(&bytes).expect_err("it was altered")
}

#[test]
fn there_and_back() {
    let study = small();
    for bytes in [study.to_bytes().expect("plain"), study.to_gzip().expect("gzipped")] {
        let read = Study::from_bytes(&bytes).expect("what was written");
        assert_eq!(read.layers, ["input", "hidden1", "softmax"]);
        assert_eq!(read.measured, study.measured);
        assert_eq!((read.inputs.clone(), read.splits.clone()), (study.inputs.clone(), study.splits.clone()));
        assert_eq!((&read.labels, &read.given_labels), (&study.labels, &study.given_labels));
        assert_eq!((read.probing, &read.preprocessing), (study.probing, &study.preprocessing));
        assert_eq!((&read.output_margins, &read.representations), (&study.output_margins, &study.representations));
        assert_eq!(read.column("depth_train"), Some(&[0.0, 1.5, 2.0, 0.25][..]));
        assert_eq!(read.column("depth_validation"), None);
        assert_eq!(read.network().expect("its network").taps(), study.layers);
        assert_eq!(Study::weights_of(&read.network().expect("its network")).expect("weights").len(), 4);
    }
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut study = small();
        study.weights[1].values[2] = value;
        let name = study.weights[1].name.clone();
        let error = Study::from_bytes(&study.to_bytes().expect("a study")).expect_err("no numbers");
        let known = matches!(&error, Error::Unusable { tensor, place: 2, step: None, .. } if *tensor == name);
        assert!(known && error.is_divergence(), "{error}");
        assert!(study.network().is_err_and(|error| error.is_divergence()));
    }
}

#[test]
fn the_same_study_makes_the_same_bytes() {
    assert!(small().to_bytes().expect("a study") == small().to_bytes().expect("a study"));
}

#[test]
fn a_column_of_another_length_is_refused() {
    let mut study = small();
    study.ensemble[0].values.pop();
    assert!(study.to_bytes().is_err());
}

#[test]
fn numbers_of_the_study() {
    let summary = small().summary();
    let train = summary.train.expect("training examples");
    assert_eq!(train.depth_histogram, [0, 1, 1, 0], "examples 0 and 1 settle at hidden1 and softmax");
    assert_eq!((train.tied_votes, train.undetermined), (Some(3), 0));
    let [validation, test] = [summary.validation, summary.test].map(|split| split.expect("it has an example"));
    assert_eq!(validation.undetermined, 1);
    assert_eq!(validation.mean_depth_determined, None);
    assert_eq!(test.accuracy_by_depth, [Some(1.0), None, None, None]);
    let noise = summary.label_noise.expect("example 2 has a flipped label");
    assert_eq!((noise.flipped, noise.mean_depth_flipped), (0, None), "but it is not in the training split");
    assert_eq!(noise.mean_depth_clean, Some(1.5));
    assert_eq!(small().hardest_first(Split::Train), [1, 0]);
}

#[test]
fn a_split_that_is_not_there_has_no_numbers() {
    let splits = vec![Split::Train, Split::Train, Split::Validation, Split::Train];
    let summary = Study { splits, ..small() }.summary();
    assert_eq!((summary.train.as_ref().map(|train| train.examples), summary.test.clone()), (Some(3), None));
    assert_eq!(summary.splits().map(|(split, _)| split).collect::<Vec<_>>(), [Split::Train, Split::Validation]);
}

#[test]
fn names_and_an_own_validation_split_are_in_the_file() {
    let names = ["a/ä.png", "", "a, \"quoted\"\nname", "b.png"].map(String::from).to_vec();
    let study = Study { names: names.clone(), own_validation: true, ..small() };
    let read = Study::from_bytes(&study.to_bytes().expect("a study")).expect("what was written");
    assert_eq!((read.names.clone(), read.own_validation), (names, true));
    assert_eq!([0, 1, 3].map(|id| read.name(id)), [Some("a/ä.png"), None, Some("b.png")]);
    let again = Experiment::from_study(&read).expect("images").dataset;
    assert_eq!((again.training, again.validation, again.labels.len(), &again.names), (2, 1, 4, &read.names));
    let drawn = Study::from_bytes(&small().to_bytes().expect("a study")).expect("what was written");
    assert!(drawn.names.is_empty() && !drawn.own_validation);
    assert_eq!(Experiment::from_study(&drawn).expect("images").dataset.training, 3);
}

#[test]
fn damaged_names_are_refused() {
    let refused = |names: Vec<&str>, from: &[u8], to: &[u8]| {
        let study = Study { names: names.into_iter().map(String::from).collect(), ..small() };
        let mut bytes = without_checksum(study.to_bytes().expect("a study"));
        let place = bytes.windows(from.len()).rposition(|window| window == from);
        if let Some(at) = place {
            bytes[at..at + from.len()].copy_from_slice(to);
        }
        Study::from_bytes(&bytes).expect_err("damaged names").to_string()
    };
    let no_text = refused(vec!["one", "two", "three", "four"], b"onetwothreefour", b"onetwo\xffhreefour");
    assert!(no_text.contains("the name of example 2"), "{no_text}");
    let too_few = refused(vec!["one", "two"], b"nothing of this", b"nothing of this");
    assert!(too_few.contains("names"), "{too_few}");
    let offsets: Vec<u8> = [0_u64, 3, 6, 11, 15].iter().flat_map(|offset| offset.to_le_bytes()).collect();
    let wrong: Vec<u8> = [0_u64, 3, 2, 11, 99].iter().flat_map(|offset| offset.to_le_bytes()).collect();
    let beyond = refused(vec!["one", "two", "three", "four"], &offsets, &wrong);
    assert!(beyond.contains("the name of example 1"), "{beyond}");
}

/// The same study without the probes that depths do not need.
fn depths_only() -> Study {
    let mut study = small();
    // Example 1 settles at the softmax, example 2 nowhere. Both differ at hidden1 or later.
    study.measured.probes[0][1] = UNPROBED;
    study.measured.probes[0][2] = UNPROBED;
    study.measured.probes[1][2] = UNPROBED;
    study.measured.tied = vec![vec![false; 4]; 3];
    study
}

#[test]
fn what_was_not_probed_stays_unknown() {
    let study = depths_only();
    assert_eq!(study.measured.depths(), small().measured.depths());
    let read = Study::from_bytes(&study.to_bytes().expect("a study")).expect("what was written");
    assert_eq!(read.measured, study.measured);
    assert!(!read.measured.is_whole() && small().measured.is_whole());
    let (known, all) = (read.summary(), small().summary());
    let [train, all] = [known.train, all.train].map(|train| train.expect("training examples"));
    assert_eq!(train.depth_histogram, all.depth_histogram);
    assert_eq!(train.probe_accuracy, [None, all.probe_accuracy[1], all.probe_accuracy[2]]);
    let of_test = known.test.expect("a test example").probe_accuracy[0];
    assert_eq!((train.tied_votes, of_test), (None, Some(1.0)));
    let marked = |study: &Study| {
        let bytes = study.to_bytes().expect("a study");
        String::from_utf8_lossy(&bytes).contains(r#""unprobed":"4294967295""#)
    };
    assert!(marked(&study) && !marked(&small()));
}

#[test]
fn a_probe_that_a_depth_hangs_on_must_be_there() {
    let refused = |layer: usize, example: usize| {
        let mut study = depths_only();
        study.measured.probes[layer][example] = UNPROBED;
        Study::from_bytes(&study.to_bytes().expect("a study")).expect_err("a gap").to_string()
    };
    assert!(refused(1, 1).contains("example 1 has no probe at layer 1"), "{}", refused(1, 1));
    assert!(refused(0, 3).contains("example 3 has no probe at layer 0"), "{}", refused(0, 3));
}

#[test]
fn a_newer_version_is_refused_with_both_versions() {
    let newer = altered(r#""version":"1""#, r#""version":"7""#);
    assert!(matches!(&newer, Error::Version { what: "study", found, known: VERSION } if found == "7"), "{newer}");
    assert!(newer.to_string().contains("version 7") && newer.to_string().contains("up to version 3"), "{newer}");
}

#[test]
fn damaged_studies_are_refused_by_name() {
    let bytes = small().to_bytes().expect("a study");
    for length in [0, 5, 200, bytes.len() - 1] {
        assert!(matches!(Study::from_bytes(&bytes[..length]), Err(Error::Format { format: "study", .. })), "{length}");
    }
    let packed = small().to_gzip().expect("a study");
    let error = Study::from_bytes(&packed[..packed.len() - 20]).expect_err("cut off");
    assert!(matches!(error, Error::Format { format: "gzip file", .. }), "{error}");
    let error = altered("prediction-depth-study", "prediction-depth-stuff");
    assert!(error.to_string().contains("prediction-depth-stuff"), "{error}");
    let error = altered(r#""output_margin":"#, r#""output_mergin":"#);
    assert!(error.to_string().contains("output_margin"), "{error}");
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let refused =
        |study: Study| study.to_bytes().and_then(|bytes| Study::from_bytes(&bytes)).expect_err("it does not fit");
    let error = refused(Study { classes: vec!["left".into()], ..small() });
    assert!(matches!(error, Error::BadLabel { label: 1, classes: 1, .. }), "{error}");
    let error = refused(Study { layers: vec!["input".into(), "softmax".into()], ..small() });
    assert!(error.to_string().contains("probe"), "{error}");
    let weights = small().weights[1..].to_vec();
    let error = Study { weights, ..small() }.network().err().expect("a weight is missing");
    assert!(error.to_string().contains("hidden1.weight"), "{error}");
}
