//! Tests of `pdepth settle`: the program on predictions of layers.

use std::fs;
use std::path::Path;

use prediction_depth::data::{Inputs, Split};
use prediction_depth::study::{ProbeSource, Study};
use prediction_depth::{Class, UNLABELED};
use prediction_depth_tests::{PREDICTED, SomePredictions, class_array, entries, npz, pdepth, text};
use serde_json::{Value, json};
use tempfile::TempDir;

const NAMES: [&str; 5] = ["ant", "bee", "<cow>", "dog", "eel"];

/// A folder with distributions, their classes, and everything beside them.
fn folder() -> (TempDir, SomePredictions) {
    let (folder, some) = (tempfile::tempdir().expect("a folder"), SomePredictions::new(1));
    let ([layers, examples, _], [said, predicted]) = (PREDICTED, some.classes());
    let [stack, last] = some.arrays("<f4", false);
    let lines = |line: &dyn Fn(usize) -> String| (0..examples).map(|at| line(at) + "\n").collect::<String>();
    let label = |at: usize| NAMES[(predicted[at] as usize + usize::from(at.is_multiple_of(5))) % 5].to_owned();
    for (name, bytes) in [
        ("lens.npy", stack.npy()),
        ("final.npy", last.npy()),
        ("classes.npy", class_array(&said, &[layers, examples]).npy()),
        ("predicted.npz", npz(&[("predictions", class_array(&predicted, &[examples]))], true)),
        ("names.txt", NAMES.join("\n").into_bytes()),
        ("labels.txt", lines(&label).into_bytes()),
        ("ids.txt", lines(&|at| format!("key {at}")).into_bytes()),
        ("texts.txt", lines(&|at| format!("text {at} <of> all")).into_bytes()),
    ] {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    (folder, some)
}

const BESIDE: [&str; 8] =
    ["--classes", "names.txt", "--labels", "labels.txt", "--ids", "ids.txt", "--texts", "texts.txt"];
const DISTANCE: [&str; 7] = ["settle", "--layers", "lens.npy", "--final", "final.npy", "--until-distance", "0.3"];
const CLASSES: [&str; 5] = ["settle", "--layers", "classes.npy", "--final", "predicted.npz"];

fn settle(folder: &Path, arguments: &[&str]) -> Value {
    let output = pdepth(folder, &[arguments, &["--json", "--quiet"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// The cells of a table, by row.
fn table(run: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(run.join("depth.csv")).expect("a table");
    text.lines().map(|line| line.split(',').map(String::from).collect()).collect()
}

fn column(table: &[Vec<String>], name: &str) -> Vec<String> {
    let at = table[0].iter().position(|cell| cell == name).expect(name);
    table[1..].iter().map(|row| row[at].clone()).collect()
}

fn study(run: &Path) -> Study {
    Study::from_bytes(&fs::read(run.join("study.safetensors")).expect("a study")).expect("a study")
}

#[test]
fn classes_and_labels_become_a_run() {
    let (folder, some) = folder();
    let result = settle(folder.path(), &[&CLASSES[..], &BESIDE, &["--out", "run"]].concat());
    let depths = some.depths(None);
    let right = (0..30_usize).filter(|at| !at.is_multiple_of(5)).count() as f64 / 30.0;
    assert!((result["test"]["accuracy"].as_f64().expect("labels") - right).abs() < 1e-12, "{}", result["test"]);
    for absent in ["train", "validation", "k", "device", "label_noise", "work"] {
        assert!(result[absent].is_null(), "{absent}: {}", result[absent]);
    }
    assert_eq!(result["layers"], json!(["layer0", "layer1", "layer2", "layer3"]));
    assert!(result["test"]["tied_votes"].is_null(), "nothing voted");
    let histogram: Vec<usize> = (0..=4).map(|depth| depths.iter().filter(|&&other| other == depth).count()).collect();
    assert_eq!(result["test"]["depth_histogram"], json!(histogram));
    assert_eq!(result["held_out"], json!({}));

    let run = folder.path().join("run");
    assert_eq!(entries(&run), ["config.toml", "depth.csv", "manifest.json", "report.html", "study.safetensors"]);
    let cells = table(&run);
    assert_eq!(column(&cells, "depth"), depths.iter().map(usize::to_string).collect::<Vec<_>>());
    assert_eq!(column(&cells, "name")[7], "key 7");
    assert_eq!(column(&cells, "split"), ["test"; 30]);
    assert!(cells[0].iter().all(|name| !name.starts_with("distance")), "{:?}", cells[0]);
    let said: Vec<Class> = (0..4)
        .flat_map(|layer| column(&cells, &format!("probe_layer{layer}")))
        .map(|class| class.parse().expect("a class"))
        .collect();
    assert_eq!(said, some.classes()[0]);
    let study = study(&run);
    assert_eq!((study.measured.depths(), study.probe_source, study.k()), (depths, ProbeSource::Given, None));
    assert!(study.has_labels() && study.architecture.is_none() && study.splits() == [Split::Test]);
    assert!(matches!(&study.inputs, Inputs::Texts(texts) if texts[3] == "text 3 <of> all"));
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    for part in [
        "text 3 &lt;of&gt; all",
        "&lt;cow&gt;",
        "Test examples from the shallowest",
        "all later ones predict the class that the network",
        "Accuracy by depth",
        "no neighbours",
    ] {
        assert!(report.contains(part), "{part}");
    }
    assert!(!report.contains("k = "), "nothing voted");
    let issues = pdepth(folder.path(), &["issues", "run", "--quiet"]);
    assert!(issues.status.success(), "{}", text(&issues.stderr));
    let message = text(&pdepth(folder.path(), &["measure", "run", "--out", "again"]).stderr);
    assert!(message.contains("pdepth settle") && message.contains("no network"), "{message}");
}

#[test]
fn distances_decide_and_are_written() {
    let (folder, some) = folder();
    let result = settle(folder.path(), &[&DISTANCE[..], &["--classes", "names.txt", "--out", "run"]].concat());
    let (run, depths) = (folder.path().join("run"), some.depths(Some(0.3)));
    assert_ne!(depths, some.depths(None), "another reading");
    let cells = table(&run);
    assert_eq!(column(&cells, "depth"), depths.iter().map(usize::to_string).collect::<Vec<_>>());
    let far: Vec<f64> = column(&cells, "distance_layer2").iter().map(|cell| cell.parse().expect("a number")).collect();
    let study = study(&run);
    let distances = study.measured.distances.as_ref().expect("distances");
    assert_eq!((&far, distances.until), (&distances.values[2], 0.3));
    assert_eq!(study.measured.depths(), depths);
    assert!(fs::read_to_string(run.join("config.toml")).expect("settings").contains("until_distance = 0.3"));
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    assert!(report.contains("is at most 0.3"), "the report says the distance");
    let notes = result["read"]["notes"].to_string();
    assert!(notes.contains("Jensen-Shannon distance (base 2) of their distributions is at most 0.3"), "{notes}");
}

#[test]
fn without_labels_nothing_is_said_about_accuracy() {
    let (folder, _) = folder();
    let arguments = [&DISTANCE[..], &["--out", "run"]].concat();
    let result = settle(folder.path(), &arguments);
    assert!(result["test"]["accuracy"].is_null());
    for list in ["accuracy_by_depth", "probe_accuracy"] {
        let values = result["test"][list].as_array().expect("a list");
        assert!(values.len() >= 4 && values.iter().all(Value::is_null), "{list}: {values:?}");
    }
    assert_eq!(result["read"]["classes"][0], json!(["0", null]));
    let run = folder.path().join("run");
    let cells = table(&run);
    for name in ["label", "label_name", "given_label", "given_label_name"] {
        assert_eq!(column(&cells, name), [""; 30], "{name}");
    }
    assert!(column(&cells, "predicted_name").iter().all(|name| !name.is_empty()));
    let bytes = fs::read(run.join("study.safetensors")).expect("a study");
    let header = String::from_utf8_lossy(&bytes).into_owned();
    assert!(header.contains(r#""version":"3""#) && !header.contains(r#""labels""#), "{header}");
    assert!(!header.contains(r#""given_label""#) && !header.contains(r#""k""#), "{header}");
    let study = Study::from_bytes(&bytes).expect("a study");
    assert!(!study.has_labels() && study.labels == [UNLABELED; 30] && study.given_labels == study.labels);
    assert_eq!(study.to_bytes().expect("a study"), bytes, "the same bytes");
    assert!(study.label_issues().is_err(), "no labels");
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    assert!(report.contains("not known") && !report.contains("Accuracy") && !report.contains("✗"), "accuracy");
    let output = text(&pdepth(folder.path(), &arguments).stdout);
    assert!(output.contains("not known") && !output.contains("given label"), "{output}");
    assert!(!output.contains("0.0 %") && !output.contains("k = ") && output.contains("The deepest test examples"));
    let issues = pdepth(folder.path(), &["issues", "run", "--quiet"]);
    let message = text(&issues.stderr);
    assert!(issues.status.code() == Some(1) && message.contains("no labels"), "{message}");
    let export = pdepth(folder.path(), &["export", "run", "--out", "study.gz"]);
    assert!(export.status.success(), "{}", text(&export.stderr));
}

#[test]
fn the_same_files_give_the_same_run_and_others_are_refused() {
    let (folder, _) = folder();
    settle(folder.path(), &[&DISTANCE[..], &["--out", "one"]].concat());
    settle(folder.path(), &[&DISTANCE[..], &["--out", "two"]].concat());
    for file in ["config.toml", "depth.csv", "study.safetensors", "report.html"] {
        let of = |run: &str| fs::read(folder.path().join(run).join(file)).expect("a file");
        assert!(of("one") == of("two"), "{file}");
    }
    let before = entries(folder.path());
    let refused = |arguments: &[&str], code: i32, words: &str| {
        let output = pdepth(folder.path(), &[arguments, &["--quiet"]].concat());
        let message = text(&output.stderr);
        assert!(output.status.code() == Some(code) && message.contains(words), "{arguments:?}: {message}");
        assert!(code == 2 || message.lines().count() == 1, "{message}");
        assert_eq!(entries(folder.path()), before, "{arguments:?}");
    };
    let named = |name: &'static str| [&DISTANCE[..], &["--out", name]].concat();
    refused(&[&named("one")[..], &["--until-distance", "0.2"]].concat(), 1, "other settings");
    refused(&[&named("new")[..], &["--until-distance", "1.2"]].concat(), 2, "from 0 to 1");
    refused(&[&named("new")[..], &["--until-distance", "NaN"]].concat(), 2, "from 0 to 1");
    refused(
        &[&named("new")[..], &["--final", "predicted.npz"]].concat(),
        1,
        "it holds classes, and a distance needs distributions",
    );
    refused(&[&named("new")[..], &["--final", "nowhere.npy"]].concat(), 1, "--final: nowhere.npy");
    refused(&[&named("new")[..], &["--labels", "."]].concat(), 1, "--labels: .: is a folder");
    refused(&[&named("new")[..], &["--ids", "config.toml"]].concat(), 1, "--ids");
    refused(&["settle", "--layers", "lens.npy"], 2, "--final");
    refused(
        &[&CLASSES[..], &["--until-distance", "0.2"]].concat(),
        1,
        "it holds classes, and a distance needs distributions",
    );
}

#[test]
fn what_has_no_use_here_is_said() {
    let (folder, some) = folder();
    let ([_, examples, _], [said, predicted]) = (PREDICTED, some.classes());
    fs::create_dir(folder.path().join("acts")).expect("a folder");
    for (name, bytes) in [
        ("layer0.npy", class_array(&said[..examples], &[examples]).npy()),
        ("mask.npy", class_array(&[1].repeat(2 * examples), &[examples, 2]).npy()),
        ("predictions.txt", predicted.iter().map(|class| format!("{class}\n")).collect::<String>().into_bytes()),
    ] {
        fs::write(folder.path().join("acts").join(name), bytes).expect("a file");
    }
    let result = settle(folder.path(), &["settle", "--layers", "acts", "--final", "predicted.npz", "--out", "run"]);
    let skipped = result["read"]["skipped"].to_string();
    for part in ["acts/mask.npy", "no positions to pool", "acts/predictions.txt", "the final prediction is given apart"]
    {
        assert!(skipped.contains(part), "{part:?} is not in {skipped}");
    }
}

#[test]
fn titles_say_that_predictions_were_given() {
    let (folder, _) = folder();
    settle(folder.path(), &[&CLASSES[..], &BESIDE, &["--out", "run"]].concat());
    let report = fs::read_to_string(folder.path().join("run/report.html")).expect("a report");
    assert!(report.contains("Accuracy of what each layer predicts") && report.contains("Accuracy of the layers"));
    assert!(!report.contains("k-NN") && !report.contains("Accuracy of the probes"), "nothing voted");
    let printed = text(&pdepth(folder.path(), &[&CLASSES[..], &BESIDE, &["--out", "run"]].concat()).stdout);
    assert!(printed.contains("Accuracy of what each layer predicts on the given labels"), "{printed}");
}
