//! Tests of what `pdepth` says about the data that it read.

use std::fs;
use std::path::Path;

use image::{GrayImage, Luma};
use prediction_depth_tests::{pdepth, run_small, text};
use serde_json::Value;
use tempfile::TempDir;

const RUN: [&str; 9] = ["run", "--data", "pictures", "--epochs", "2", "--hidden", "8", "--k", "3"];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Returns the output of a command that succeeds.
fn done(folder: &Path, arguments: &[&str]) -> [String; 2] {
    let output = pdepth(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    [text(&output.stdout), text(&output.stderr)]
}

/// Writes a grey image whose pixels depend on `seed`.
fn picture(path: &Path, seed: u8) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    let pixel = |x: u32, y: u32| Luma([if seed == 0 { 0 } else { (x * 40 + y * 3) as u8 ^ seed }]);
    GrayImage::from_fn(6, 6, pixel).save(path).expect("writable");
}

/// Twelve training images of each of two classes, and a test image that is one of them; one image is black.
fn pictures(folder: &Path) {
    for (class, first) in [("cat", 1), ("dog", 101)] {
        for number in 0..12_u8 {
            picture(&folder.join(format!("pictures/{class}/{number:02}.png")), first + number);
        }
        picture(&folder.join(format!("pictures/test/{class}/t.png")), first + 50);
    }
    picture(&folder.join("pictures/test/dog/again.png"), 103);
    picture(&folder.join("pictures/cat/black.png"), 0);
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("one JSON object")
}

#[test]
fn a_run_says_what_was_read_and_says_it_again() {
    let folder = folder();
    pictures(folder.path());
    let [stdout, _] = done(folder.path(), &[&RUN[..], &["--json", "--out", "out"]].concat());
    let run = json(&stdout);
    assert_eq!(run["read"]["shape"], serde_json::json!([1, 6, 6]));
    assert_eq!(run["read"]["classes"], serde_json::json!({"cat": 14, "dog": 14}));
    let splits = run["read"]["splits"].as_array().expect("splits");
    let told: Vec<_> = splits.iter().map(|split| (split["split"].as_str(), split["examples"].as_u64())).collect();
    assert_eq!(told, [(Some("train"), Some(22)), (Some("validation"), Some(3)), (Some("test"), Some(3))]);
    assert_eq!(splits[1]["from"], "drawn at random, seed 0");
    let twice = &run["read"]["duplicates"];
    let again: u64 =
        ["test_in_training", "validation_in_training"].iter().filter_map(|key| twice[key]["count"].as_u64()).sum();
    assert!(again <= 1 && twice["labelled_differently"]["count"] == 0, "{twice}");
    assert_eq!(run["read"]["constant"]["count"], 1);
    let warnings = run["warnings"].to_string();
    assert!(warnings.contains("1 image has one value everywhere"), "{warnings}");

    let [stdout, stderr] = done(folder.path(), &[&RUN[..], &["--out", "out", "--resume"]].concat());
    for line in [
        "Read: 28 images of 6 x 6 pixels, 1 channel; 2 classes: cat 14, dog 14\n",
        "Validation: drawn at random, seed 0; test: the data set's own\n",
        "WARNING: 1 image has one value everywhere: ",
    ] {
        assert!(stdout.contains(line), "{line}: {stdout}");
    }
    assert!(!stderr.contains("WARNING"), "it was finished: {stderr}");
    let report = fs::read_to_string(folder.path().join("out/report.html")).expect("a report");
    assert!(report.contains("What was read") && report.contains("Images with one value everywhere: 1"), "{report}");

    let [stdout, _] = done(folder.path(), &["measure", "out", "--json", "--k", "5", "--out", "other", "--quiet"]);
    assert_eq!(json(&stdout)["read"], run["read"]);
}

#[test]
fn warnings_about_the_data_come_before_the_training() {
    let folder = folder();
    pictures(folder.path());
    let train = |more: &[&str]| done(folder.path(), &[&["train"][..], &RUN[1..7], more].concat());
    let [stdout, stderr] = train(&["--out", "one"]);
    assert!(stderr.contains("WARNING: 1 image has one value everywhere"), "{stderr}");
    assert!(stdout.contains("WARNING: 1 image has one value everywhere") && stdout.contains("Read: 28"), "{stdout}");
    let [stdout, stderr] = train(&["--out", "two", "--quiet", "--json"]);
    assert!(stderr.is_empty(), "{stderr}");
    assert_eq!(json(&stdout)["read"]["constant"]["count"], 1);
    assert_eq!(json(&stdout)["warnings"].as_array().map(Vec::len).map(|count| count > 0), Some(true));
}

#[test]
fn a_test_image_that_was_trained_on_is_told() {
    let folder = folder();
    pictures(folder.path());
    // Whatever is held out, two copies of one image leave one in training.
    picture(&folder.path().join("pictures/dog/copy.png"), 103);
    picture(&folder.path().join("pictures/dog/another copy.png"), 103);
    picture(&folder.path().join("pictures/cat/a dog.png"), 103);
    let [stdout, _] = done(folder.path(), &[&RUN[..], &["--json", "--out", "out", "--quiet"]].concat());
    let run = json(&stdout);
    assert_eq!(run["read"]["duplicates"]["test_in_training"]["count"], 1, "{}", run["read"]);
    let warnings = run["warnings"].to_string();
    assert!(warnings.contains("1 of 3 test examples is in the training split, too: "), "{warnings}");
    assert!(warnings.contains("the same image as another one, but another label"), "{warnings}");
}

#[test]
fn a_split_that_is_not_there_is_null_and_takes_no_place() {
    let folder = folder();
    pictures(folder.path());
    fs::remove_dir_all(folder.path().join("pictures/test")).expect("it is there");
    let [stdout, _] = done(folder.path(), &[&RUN[..], &["--out", "out", "--quiet"]].concat());
    assert!(!stdout.contains("test"), "{stdout}");
    assert!(
        stdout.contains("22 train, 3 validation examples; k = 3") || stdout.contains("23 train, 2 validation"),
        "{stdout}"
    );
    let [stdout, _] = done(folder.path(), &[&RUN[..], &["--out", "out", "--quiet", "--json"]].concat());
    let run = json(&stdout);
    assert!(run["test"].is_null() && run["validation"].is_object() && run.get("test").is_some(), "{run}");
    let report = fs::read_to_string(folder.path().join("out/report.html")).expect("a report");
    assert!(report.contains(">validation<") && !report.contains(">test<"), "{report}");
    assert!(!report.contains("The test split"), "{report}");
}

#[test]
fn a_sample_is_recorded_and_found_again() {
    let folder = folder();
    let run = |more: &[&str]| {
        let output = run_small(folder.path(), &[more, &["--json"]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        json(&text(&output.stdout))
    };
    let [one, other] = [run(&["--out", "one"]), run(&["--out", "other", "--sample-seed", "1"])];
    assert_eq!(one["read"]["notes"][0], "300 of the 2000 training examples were drawn, by class, sample seed 0");
    assert_eq!(other["read"]["notes"][0], "300 of the 2000 training examples were drawn, by class, sample seed 1");
    let table = |name: &str| fs::read(folder.path().join(name).join("depth.csv")).expect("a table");
    assert!(table("one") != table("other"));
    let config = fs::read_to_string(folder.path().join("other/config.toml")).expect("settings");
    assert!(config.contains("sample_seed = 1") && config.contains("training_images = 300"), "{config}");
    done(folder.path(), &["measure", "other", "--out", "again", "--quiet"]);
    assert!(table("again") == table("other"), "the same examples");
}

#[test]
fn a_plan_says_what_was_read_on_stderr() {
    let folder = folder();
    pictures(folder.path());
    let plan = |more: &[&str]| {
        let options = ["--runs", "2", "--margin-examples", "0", "--sample-seed", "3"];
        done(folder.path(), &[&["ensemble", "plan"][..], &options, &RUN[1..], more].concat())
    };
    let [stdout, stderr] = plan(&["--examples", "20"]);
    assert_eq!(json(&stdout)["runs"], 2);
    for line in ["Read: 23 images", "each model holds out a tenth", "20 of the 25 training examples"] {
        assert!(stderr.contains(line), "{line}: {stderr}");
    }
    fs::write(folder.path().join("plan.json"), stdout).expect("writable");
    let of_plan = ["--plan", "plan.json", "--out", "e"];
    done(folder.path(), &[&["ensemble", "run", "--quiet"][..], &of_plan].concat());
    let [stdout, _] = done(folder.path(), &[&["ensemble", "merge", "--json"][..], &of_plan].concat());
    assert_eq!(json(&stdout)["read"]["classes"].as_object().map(serde_json::Map::len), Some(2));
    let rows = fs::read_to_string(folder.path().join("e/examples.csv")).expect("a table");
    assert_eq!(rows.lines().count(), 1 + 23);
    let report = fs::read_to_string(folder.path().join("e/report.html")).expect("a report");
    assert!(report.contains("What was read"), "{report}");
}
