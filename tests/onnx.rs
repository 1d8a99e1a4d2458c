//! `pdepth run --model` and `pdepth measure --model`: networks from ONNX files.

use std::fs;
use std::path::{Path, PathBuf};

use prediction_depth::study::Study;
use prediction_depth_tests::{pdepth, text};
use rten_onnx::onnx::{DataLocation, ModelProto, StringStringEntryProto};
use serde_json::Value;
use tempfile::tempdir;

/// The values that the networks were trained with.
const SCALE: [&str; 4] = ["--mean", "0.286", "--std", "0.353"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/onnx").join(name)
}

/// Measures a network on the embedded data, and returns the printed object and the study.
fn measured(folder: &Path, model: &Path, out: &str, more: &[&str]) -> (Value, Study) {
    let model = model.display().to_string();
    let arguments =
        [&["run", "--model", &model, "--k", "10", "--device", "cpu", "--json", "--out", out], more].concat();
    let output = pdepth(folder, &arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let study = fs::read(folder.join(out).join("study.safetensors")).expect("a study");
    let result = serde_json::from_slice(&output.stdout).expect("an object");
    (result, Study::from_bytes(&study).expect("a study"))
}

fn refused(folder: &Path, arguments: &[&str], code: i32, words: &[&str]) {
    let output = pdepth(folder, arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: {word:?} is not in {message:?}");
    }
    assert!(
        code == 2 || message.trim_end().lines().filter(|line| line.starts_with("pdepth")).count() == 1,
        "{message}"
    );
}

#[test]
fn a_network_is_measured_on_data() {
    let folder = tempdir().expect("a folder");
    let (result, study) = measured(folder.path(), &fixture("free.onnx"), "free", &SCALE);
    let layers = ["images", "/1/Relu_output_0", "/3/Relu_output_0", "softmax"];
    assert_eq!(study.layers, layers);
    assert_eq!(result["layers"], serde_json::json!(layers));
    assert_eq!((&result["train"]["examples"], &result["test"]["examples"]), (&2000.into(), &500.into()));
    assert!(result["validation"].is_null(), "none is drawn: the network was trained on all images");
    assert!(result["train"]["accuracy"].as_f64().is_some_and(|right| right > 0.85), "{result}");
    assert!(
        study.architecture.is_none()
            && study.images().is_some()
            && study.output_margins.iter().all(|margin| *margin >= 0.0)
    );
    assert_eq!(result["warnings"], serde_json::json!([]));
    for file in ["config.toml", "depth.csv", "report.html", "manifest.json"] {
        assert!(folder.path().join("free").join(file).is_file(), "{file}");
    }
    let again = pdepth(folder.path(), &["measure", "free"]);
    assert!(text(&again.stderr).contains("from an ONNX file"), "{}", text(&again.stderr));
    // The same network, seven examples at a time, its channels last, with its own softmax.
    let (_, fixed) = measured(folder.path(), &fixture("fixed.onnx"), "fixed", &SCALE);
    assert_eq!(fixed.layers.len(), 4);
    assert_eq!(fixed.measured.predictions, study.measured.predictions);
    let differ = (0..2500).filter(|&example| fixed.measured.depth(example) != study.measured.depth(example)).count();
    assert!(differ <= 5, "{differ} depths differ, more than near-equal neighbours explain");
    assert!((fixed.output_margins[0] - study.output_margins[0]).abs() < 1e-3, "margins are those of the logits");
}

#[test]
fn layers_that_do_not_fit_are_measured_alike() {
    let folder = tempdir().expect("a folder");
    let taps = [&SCALE[..], &["--taps", "all", "--examples", "400"]].concat();
    let (_, plain) = measured(folder.path(), &fixture("free.onnx"), "plain", &taps);
    assert_eq!(plain.layers.len(), 7);
    let small = [&taps[..], &["--memory", "7MB", "--scratch", "."]].concat();
    let (_, small) = measured(folder.path(), &fixture("free.onnx"), "small", &small);
    assert_eq!(small.measured, plain.measured);
}

#[test]
fn the_expected_values_are_guessed_and_said() {
    let folder = tempdir().expect("a folder");
    let (result, _) = measured(folder.path(), &fixture("free.onnx"), "guess", &["--examples", "600"]);
    let notes = result["read"]["notes"].to_string();
    // Its own mean and deviation, or those of these 600 images, which are nearly the same.
    let (guessed, next) =
        (notes.find("Fashion-MNIST's mean and deviation"), notes.find("each channel of the training images"));
    assert!(notes.contains("Guessed: ") && guessed.is_some() && next.is_some(), "{notes}");
    assert!(notes.contains("of 512 training images; with "), "{notes}");
    let model = fixture("free.onnx").display().to_string();
    let wrong = ["run", "--model", &model, "--mean", "40", "--examples", "600", "--k", "5", "--out", "wrong"];
    let output = pdepth(folder.path(), &wrong);
    let message = text(&output.stderr);
    assert!(message.contains("about as often as chance") && message.contains("--scale"), "{message}");
    let report = fs::read_to_string(folder.path().join("wrong/report.html")).expect("a report");
    assert!(report.contains("about as often as chance"));
}

#[test]
fn measure_takes_a_file_too() {
    let folder = tempdir().expect("a folder");
    let model = fixture("free.onnx").display().to_string();
    let arguments =
        ["measure", "--model", &model, "--taps", "re:Conv", "--out", "m", "--k", "5", "--depth-only", "--quiet"];
    let output = pdepth(folder.path(), &[&arguments[..], &SCALE].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("/2/Conv_output_0"), "{}", text(&output.stdout));
    assert!(text(&output.stdout).starts_with("free.onnx on embedded data"));
}

#[test]
fn weights_lie_beside_the_file() {
    let folder = tempdir().expect("a folder");
    let mut proto = ModelProto::parse_buf(&fs::read(fixture("free.onnx")).expect("a file")).expect("a model");
    let mut beside = Vec::new();
    for tensor in &mut proto.graph.as_mut().expect("a graph").initializer {
        let bytes = tensor.raw_data.take().expect("bytes").into_inner();
        let entry = |key: &str, value: String| StringStringEntryProto { key: Some(key.into()), value: Some(value) };
        let place =
            [("location", "w.bin".into()), ("offset", beside.len().to_string()), ("length", bytes.len().to_string())];
        tensor.external_data = place.into_iter().map(|(key, value)| entry(key, value)).collect();
        tensor.data_location = Some(DataLocation::EXTERNAL);
        beside.extend(bytes);
    }
    let model = folder.path().join("split.onnx");
    fs::write(&model, proto.write_buf().expect("bytes")).expect("a file");
    refused(folder.path(), &["run", "--model", "split.onnx"], 1, &["split.onnx", "w.bin", "put it beside the model"]);
    fs::write(folder.path().join("w.bin"), &beside).expect("a file");
    let few = [&SCALE[..], &["--examples", "300"]].concat();
    let (_, study) = measured(folder.path(), &model, "split", &few);
    let (_, whole) = measured(folder.path(), &fixture("free.onnx"), "whole", &few);
    assert_eq!(study.measured, whole.measured);
    fs::write(folder.path().join("w.bin"), &beside[1..]).expect("a file");
    refused(folder.path(), &["run", "--model", "split.onnx"], 1, &["w.bin ends before its values"]);
}

#[test]
fn what_does_not_suit_is_refused() {
    let folder = tempdir().expect("a folder");
    let model = fixture("free.onnx").display().to_string();
    let run = |more: &[&'static str], code, words: &[&str]| {
        refused(folder.path(), &[&["run", "--model", &model][..], more].concat(), code, words);
    };
    run(&["--epochs", "3"], 2, &["--model", "--epochs"]);
    run(&["--resume"], 2, &["--resume"]);
    run(&["--taps", "hidden1"], 1, &["free.onnx", "--taps hidden1", "`/1/Relu_output_0`"]);
    run(&["--input", "pixels"], 1, &["\"pixels\"", "`images`"]);
    run(&["--output", "classes"], 1, &["\"classes\"", "`scores`"]);
    run(&["--mean", "0.1,0.2,0.3"], 1, &["3 values", "1 channels"]);
    run(&["--std", "0"], 1, &["above 0"]);
    run(&["--scale", "1/0"], 2, &["1/255"]);
    refused(folder.path(), &["run", "--mean", "0.5"], 2, &["--model"]);
    refused(folder.path(), &["run", "--taps", "all", "--epochs", "1"], 1, &["--taps all", "--model"]);
    refused(folder.path(), &["measure"], 2, &["RUN"]);
    refused(folder.path(), &["run", "--model", "none.onnx"], 1, &["--model none.onnx"]);
    fs::write(folder.path().join("text.onnx"), "no graph").expect("a file");
    refused(folder.path(), &["run", "--model", "text.onnx"], 1, &["text.onnx", "not a valid ONNX file"]);
    let table: String = (0..40).map(|row| format!("{},{},{}\n", row % 2, row, row * 3 % 7)).collect();
    fs::write(folder.path().join("table.csv"), format!("label,a,b\n{table}")).expect("a file");
    run(&["--data", "table.csv"], 1, &["free.onnx", "1 x 1 x 2"]);
    let classes = "label,".to_owned() + &(0..784).map(|at| format!("pixel{at}")).collect::<Vec<_>>().join(",") + "\n";
    let row = |label: usize| format!("{label},") + &vec!["7"; 784].join(",") + "\n";
    fs::write(folder.path().join("two.csv"), classes + &(0..30).map(|at| row(at % 2)).collect::<String>())
        .expect("a file");
    run(&["--data", "two.csv"], 1, &["10 classes", "the data 2"]);
    assert!(fs::read_dir(folder.path().join("runs")).is_err(), "nothing is left");
}
