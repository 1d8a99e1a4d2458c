//! Studies of networks and examples of any kind: texts, tables or nothing to show, no network, splits of any name.

use prediction_depth::data::{Images, Inputs, Split, Table};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::experiment::Experiment;
use prediction_depth::measurement::Probing;
use prediction_depth::search::Cpu;
use prediction_depth::study::{ProbeSource, Study, StudyExamples};
use prediction_depth::{Error, Matrix, UNLABELED};

const SPLITS: [Split; 5] = [Split::Train, Split::Train, Split::Train, Split::HeldOut(1), Split::HeldOut(0)];

/// A study of a network of somebody else, of two layers.
fn study(inputs: Inputs) -> Study {
    let examples = StudyExamples {
        title: "somebody's network".into(),
        source: "made up".into(),
        classes: vec!["no".into(), "yes".into()],
        inputs,
        names: Vec::new(),
        labels: vec![0, 0, 1, 1, 0],
        splits: SPLITS.to_vec(),
        held_out: vec!["robust".into(), "from, elsewhere".into()],
    };
    Study {
        layers: vec!["one".into(), "two".into()],
        probing: Probing { k: 1, ..Probing::default() },
        measured: PredictionDepth {
            probes: vec![vec![0, 0, 0, 1, 0], vec![0, 0, 0, 1, 0]],
            tied: vec![vec![false; 5]; 2],
            predictions: vec![0, 0, 1, 1, 0],
            distances: None,
        },
        output_margins: vec![f32::NAN; 5],
        ..Study::unmeasured(examples)
    }
}

fn texts() -> Inputs {
    Inputs::Texts(["so it goes", "", "größer\nals 1 < 2", "no", "a \"quoted\" text"].map(String::from).to_vec())
}

fn table() -> Inputs {
    let values = Matrix::new((0..10).map(|value| value as f32 / 4.0).collect(), 5, 2).expect("five rows");
    Inputs::Table(Table::new(["width", "age"].map(String::from).to_vec(), values).expect("a table"))
}

fn images() -> Inputs {
    Inputs::Images(Images::new((0..20).collect(), [1, 2, 2]).expect("five images"))
}

#[test]
fn whatever_is_shown_comes_back() {
    for inputs in [texts(), table(), images(), Inputs::Nothing] {
        let written = study(inputs.clone()).to_bytes().expect("a study");
        assert!(String::from_utf8_lossy(&written).contains(r#""version":"2""#));
        let read = Study::from_bytes(&written).expect("what was written");
        assert_eq!((&read.inputs, read.architecture.is_none()), (&inputs, true));
        assert_eq!((&read.splits[..], read.held_out.clone()), (&SPLITS[..], study(inputs).held_out));
        assert_eq!(read.to_bytes().expect("a study"), written, "the same bytes");
        assert!(matches!(read.network(), Err(Error::NoNetwork)));
        assert!(matches!(Experiment::from_study(&read), Err(Error::NoNetwork)));
    }
}

#[test]
fn splits_keep_their_names() {
    let study = study(texts());
    let splits = study.splits();
    let names: Vec<&str> = splits.iter().map(|&split| study.split_name(split)).collect();
    assert_eq!(names, ["train", "robust", "from, elsewhere"]);
    assert_eq!(study.split_named("from, elsewhere"), Some(Split::HeldOut(1)));
    assert_eq!((study.split_named("test"), study.split_named("held-out")), (None, None));
    let summary = study.summary();
    let sizes: Vec<_> = summary.splits().map(|(split, numbers)| (split, numbers.examples)).collect();
    assert_eq!(sizes, [(Split::Train, 3), (Split::HeldOut(0), 1), (Split::HeldOut(1), 1)]);
    assert_eq!(summary.splits().map(|(_, numbers)| numbers.undetermined).collect::<Vec<_>>(), [1, 0, 0]);
    let table = String::from_utf8(study.depth_csv(&[2, 3, 4]).expect("a table")).expect("text");
    let firsts: Vec<&str> = table.lines().skip(1).map(|line| line.split(",yes").next().unwrap_or(line)).collect();
    assert!(firsts[1].starts_with("\"from, elsewhere\",3"), "{table}");
}

#[test]
fn recorded_layers_are_measured_again_on_every_split() {
    let layer = |values: [f32; 5]| Matrix::new(values.to_vec(), 5, 1).expect("a layer");
    let representations = vec![layer([0.0, 1.0, 10.0, 9.0, 2.0]), layer([0.0, 0.5, 1.5, 1.6, 0.4])];
    let recorded = Study { representations, ..study(texts()) };
    let read = Study::from_bytes(&recorded.to_bytes().expect("a study")).expect("what was written");
    let mut heard = Vec::new();
    let listener = &mut |split: Split, layer: usize, _| heard.push((split, layer));
    let search = Cpu::default();
    let found = pollster::block_on(Experiment::measure_again(&read, Some(listener), &search, &()));
    let found = found.expect("a measurement");
    assert_eq!(found.depth.probes, recorded.measured.probes, "as a plain loop finds by hand");
    assert_eq!(heard.len(), 6, "three splits at two layers: {heard:?}");
    let alone = study(Inputs::Nothing);
    let found = pollster::block_on(Experiment::measure_again(&alone, None, &search, &()));
    assert!(matches!(found, Err(Error::NoNetwork)));
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let refused = |study: Study| {
        let bytes = study.to_bytes().expect("a study");
        Study::from_bytes(&bytes).expect_err("it does not fit").to_string()
    };
    let error = refused(study(Inputs::Texts(vec!["one".into()])));
    assert!(error.contains("texts"), "{error}");
    let error = refused(Study { held_out: vec!["robust".into()], ..study(texts()) });
    assert!(error.contains("a split is 4, but there are only 4 splits"), "{error}");
}

#[test]
fn labels_are_known_of_all_examples_or_of_none() {
    let unlabeled = |labels: &[u32]| {
        let probe_source = ProbeSource::Given;
        Study { labels: labels.to_vec(), given_labels: labels.to_vec(), probe_source, ..study(Inputs::Nothing) }
    };
    let none = unlabeled(&[UNLABELED; 5]);
    let bytes = none.to_bytes().expect("a study");
    assert!(String::from_utf8_lossy(&bytes).contains(r#""version":"3""#));
    let read = Study::from_bytes(&bytes).expect("what was written");
    assert!(!read.has_labels() && read.summary().train.expect("training examples").accuracy.is_none());
    assert_eq!((read.k(), read.summary().label_noise), (None, None));
    let voting = Study { probe_source: ProbeSource::Neighbors, ..none }.to_bytes().expect("a study");
    let refused = Study::from_bytes(&voting).expect_err("who votes with what?").to_string();
    assert!(refused.contains("no labels, but neighbours vote"), "{refused}");
    let some = unlabeled(&[UNLABELED, UNLABELED, 1, UNLABELED, UNLABELED]).to_bytes().expect("a study");
    let refused = Study::from_bytes(&some).expect_err("labels of some");
    assert!(matches!(refused, Error::BadLabel { example: 0, .. }), "{refused}");
}
