//! Tests that a network that is none, or that learned nothing, is never reported as a result.

use std::fs;
use std::path::{Path, PathBuf};

use prediction_depth::nets::{Architecture, Device, Net, read_weights};
use prediction_depth::study::{Study, Weight};
use prediction_depth_tests::{entries, pdepth, run_small, text, without_checksum};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use tempfile::TempDir;

/// Weights become NaN within a few epochs. ReLU turns NaN into 0, which may keep the loss finite.
const DIVERGING: [&str; 7] = ["--examples", "500", "--learning-rate", "3", "--epochs", "10", "--quiet"];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Runs a command that must fail with these words and no result; returns its message.
fn fails(folder: &Path, arguments: &[&str], words: &[&str]) -> String {
    let output = pdepth(folder, arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: {word:?} is not in {message:?}");
    }
    message
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = pdepth(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("an object")
}

#[test]
fn a_training_whose_weights_are_nan_is_no_result() {
    let folder = folder();
    for command in ["run", "train"] {
        let arguments = [&[command], &DIVERGING[..], &["--out", "out"]].concat();
        let message = fails(folder.path(), &arguments, &["diverged", "hold", "step", "--learning-rate"]);
        let own = message.lines().filter(|line| line.starts_with("pdepth: ")).count();
        assert_eq!(own, 1, "{message:?}");
        assert_eq!(entries(folder.path()), [""; 0], "{command} left something behind");
    }
    // The folder is free for other settings.
    let output = run_small(folder.path(), &["--out", "out", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(json(&text(&output.stdout))["warnings"], Value::Array(vec![]));
}

#[test]
fn a_loss_of_another_world_is_no_result() {
    let folder = folder();
    for steps in ["1", "2", "3"] {
        let arguments = ["train", "--learning-rate", "1e6", "--steps", steps, "--quiet", "--out", "out"];
        fails(folder.path(), &arguments, &["diverged", "step", "--learning-rate"]);
        assert_eq!(entries(folder.path()), [""; 0], "{steps} steps left something behind");
    }
}

/// Writes weights as a file of this kind of floats.
fn file(weights: &[Weight], kind: Dtype, bytes: impl Fn(f64) -> Vec<u8>) -> Vec<u8> {
    let bytes = |weight: &Weight| weight.values.iter().flat_map(|&value| bytes(f64::from(value))).collect::<Vec<u8>>();
    let all: Vec<_> = weights.iter().map(|weight| (&weight.name, weight.shape.clone(), bytes(weight))).collect();
    let views =
        all.iter().map(|(name, shape, bytes)| (name, TensorView::new(kind, shape.clone(), bytes).expect("a tensor")));
    safetensors::serialize(views, None).expect("a file")
}

#[test]
fn weights_that_are_no_numbers_are_not_measured() {
    let folder = folder();
    assert!(run_small(folder.path(), &["--out", "out"]).status.success());
    let bytes = fs::read(folder.path().join("out/checkpoints/final.safetensors")).expect("weights");
    let sound = read_weights(&bytes).expect("weights");
    let measure = ["measure", "out", "--weights", "w.safetensors", "--out", "x", "--quiet"];
    let write = |bytes: Vec<u8>| fs::write(folder.path().join("w.safetensors"), bytes).expect("writable");
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut weights = sound.clone();
        let last = weights.iter_mut().find(|weight| weight.name == "hidden2.bias").expect("a layer");
        last.values[3] = value;
        write(file(&weights, Dtype::F32, |value| (value as f32).to_le_bytes().into()));
        fails(folder.path(), &measure, &["w.safetensors", "hidden2.bias", "value 3", "finite"]);
        // All ways into a network of the library take the same one.
        let architecture = Architecture::mlp(vec![16, 8]);
        let network = Net::with_weights(&architecture, [1, 28, 28], 10, &weights, &Device::Cpu);
        assert!(network.is_err_and(|error| error.is_divergence()));
    }
    // Finite in double precision, but not in the network's.
    write(file(&sound, Dtype::F64, |value| (value * 1e300).to_le_bytes().into()));
    fails(folder.path(), &measure, &["w.safetensors", "hidden1.weight", "inf"]);
    // Finite weights, whose logits are not.
    let mut weights = sound.clone();
    weights.iter_mut().flat_map(|weight| &mut weight.values).for_each(|value| *value *= 1e30);
    write(file(&weights, Dtype::F32, |value| (value as f32).to_le_bytes().into()));
    fails(folder.path(), &measure, &["logits"]);
    assert!(!folder.path().join("x").exists(), "a result");
    // A study with such weights cannot be opened, and a run with such weights cannot be measured.
    let path = folder.path().join("out/study.safetensors");
    let mut study = Study::from_bytes(&fs::read(&path).expect("a study")).expect("sound");
    study.weights[0].values[0] = f32::NAN;
    fs::write(folder.path().join("wrong.safetensors"), study.to_bytes().expect("a study")).expect("writable");
    fails(folder.path(), &["issues", "wrong.safetensors"], &["NaN", &study.weights[0].name]);
    fails(folder.path(), &["export", "wrong.safetensors", "--out", "x"], &["NaN", &study.weights[0].name]);
}

/// Writes a plan of two models.
fn plan(folder: &Path, more: &[&str]) {
    let printed = done(folder, &[&["ensemble", "plan", "--runs", "2", "--margin-examples", "0"], more].concat());
    fs::write(folder.join("plan.json"), printed).expect("writable");
}

fn of_plan<'a>(what: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["ensemble", what, "--plan", "plan.json", "--out", "e"], more].concat()
}

/// Returns the file of the second model.
fn second(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder.join("e/models")).expect("models").flatten();
    let mut paths = entries.map(|entry| entry.path());
    let is_second = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().contains("seed-00001"));
    paths.find(is_second).expect("the second model")
}

#[test]
fn models_that_diverge_are_marked_and_the_others_go_on() {
    let folder = folder();
    plan(folder.path(), &DIVERGING[..6]);
    let words = ["2 of 2 models failed", "seed", "diverged", "step", "--learning-rate"];
    for _ in 0..2 {
        fails(folder.path(), &of_plan("run", &["--quiet", "--jobs", "1"]), &words[..1]);
    }
    let status = done(folder.path(), &of_plan("status", &[]));
    assert!(status.contains("0 of 2") && words[1..].iter().all(|word| status.contains(word)), "{status}");
    let status = json(&done(folder.path(), &of_plan("status", &["--json"])));
    assert_eq!(status["missing"], json("[[0, 1]]"));
    assert_eq!((&status["failed"][0]["seed"], &status["failed"][1]["seed"]), (&0.into(), &1.into()));
    fails(folder.path(), &of_plan("merge", &[]), &words[1..]);
    fails(folder.path(), &of_plan("merge", &["--partial"]), &["no model of the plan is there"]);
}

#[test]
fn a_merge_says_which_models_it_leaves_out_and_why() {
    let folder = folder();
    plan(folder.path(), &["--examples", "300", "--epochs", "3", "--hidden", "16,8"]);
    done(folder.path(), &of_plan("run", &["--quiet"]));
    let whole = json(&done(folder.path(), &of_plan("merge", &["--json"])));
    assert_eq!((&whole["models"], &whole["warnings"]), (&2.into(), &Value::Array(vec![])));
    let path = second(folder.path());
    // A record with logits that are no numbers, as an earlier version may have left it.
    let mut bytes = without_checksum(fs::read(&path).expect("a record"));
    let place = {
        let record = SafeTensors::deserialize(&bytes).expect("a record");
        let logits = record.tensor("logits").expect("logits").data();
        logits.as_ptr() as usize - bytes.as_ptr() as usize
    };
    bytes[place..place + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(&path, bytes).expect("writable");
    fails(folder.path(), &of_plan("merge", &[]), &["seed-00001", "logits", "NaN"]);
    let check = |words: &str| {
        let partial = done(folder.path(), &of_plan("merge", &["--partial"]));
        assert!(
            partial.contains("PARTIAL: the models of seeds 1 ") && partial.contains("WARNING: the model of seed 1"),
            "{partial}"
        );
        let report = fs::read_to_string(folder.path().join("e/report.html")).expect("a report");
        let findings = json(&fs::read_to_string(folder.path().join("e/ensemble.json")).expect("findings"));
        assert_eq!((&findings["models"], &findings["missing"]), (&1.into(), &json("[[1, 1]]")));
        let warning = findings["warnings"][0].as_str().expect("a warning");
        assert!(warning.contains(words) && report.contains("Warning: the model of seed 1"), "{warning}");
    };
    check("logits");
    // A model that failed.
    fs::remove_file(&path).expect("it is there");
    fs::write(path.with_extension("failed"), "the training diverged\n").expect("writable");
    fails(
        folder.path(),
        &of_plan("merge", &[]),
        &["the models of seeds 1 are missing", "seed 1 failed: the training diverged"],
    );
    check("failed: the training diverged");
    // Without its mark it is made again.
    fs::remove_file(path.with_extension("failed")).expect("it is there");
    assert_eq!(json(&done(folder.path(), &of_plan("run", &["--quiet", "--json"])))["failed"], 0);
    assert_eq!(json(&done(folder.path(), &of_plan("merge", &["--json"])))["models"], 2);
}

/// Writes a table whose pixels tell nothing about its labels: 36 ants, 24 bees.
fn write_hopeless(folder: &Path) {
    let row = |example: usize| {
        let label = if example % 5 < 3 { "ant" } else { "bee" };
        format!("{label},{},{},7,9\n", 3 + example / 30, 200 - example / 30)
    };
    let rows: String = (0..60).map(row).collect();
    fs::write(folder.join("hopeless.csv"), format!("label,pixel0,pixel1,pixel2,pixel3\n{rows}")).expect("writable");
}

#[test]
fn a_network_that_learned_nothing_brings_a_warning_everywhere() {
    let folder = folder();
    write_hopeless(folder.path());
    let run = ["run", "--data", "hopeless.csv", "--hidden", "8", "--epochs", "5", "--k", "3", "--quiet"];
    let table = done(folder.path(), &[&run[..], &["--out", "table"]].concat());
    assert!(table.contains("WARNING: the network predicts the class ant"), "{table}");
    let printed = json(&done(folder.path(), &[&run[..], &["--out", "json", "--json"]].concat()));
    let warnings = printed["warnings"].as_array().expect("a list");
    assert_eq!(warnings.len(), 4, "two about equal rows, two about the network: {warnings:?}");
    assert!(warnings[3].as_str().expect("words").contains("always ant would be"), "{warnings:?}");
    let report = fs::read_to_string(folder.path().join("table/report.html")).expect("a report");
    assert!(report.contains("Warning: the network predicts the class ant"));
    let issues = json(&done(folder.path(), &["issues", "table", "--json"]));
    assert_eq!(issues["warnings"], printed["warnings"]);
    let issues = done(folder.path(), &["issues", "table"]);
    assert!(issues.contains("WARNING: "), "{issues}");
    let resumed = done(folder.path(), &[&run[..], &["--out", "table", "--resume"]].concat());
    assert!(resumed.contains("WARNING: "), "{resumed}");
    let measured = done(folder.path(), &["measure", "table", "--k", "4", "--out", "again", "--quiet"]);
    assert!(measured.contains("WARNING: "), "{measured}");
}
