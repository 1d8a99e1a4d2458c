//! Tests of `pdepth run` from the outside: results, files, errors.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use prediction_depth::study::Study;
use prediction_depth_tests::{entries, pdepth, refused, run_small, text};
use serde_json::Value;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_run_leaves_everything_in_its_folder() {
    let folder = folder();
    let output = run_small(folder.path(), &["--json", "--label-noise", "0.1", "--out", "out", "--representations"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object on stdout");
    assert_eq!(json["run"], "out");
    assert_eq!(json["layers"], serde_json::json!(["input", "hidden1", "hidden2", "softmax"]));
    for (split, examples) in [("train", 270), ("validation", 30), ("test", 500)] {
        assert_eq!(json[split]["examples"], examples);
        assert_eq!(json[split]["depth_histogram"].as_array().map(Vec::len), Some(5));
        assert_eq!(json[split]["probe_accuracy"].as_array().map(Vec::len), Some(4));
    }
    for key in ["version", "device", "k", "seed", "seconds"] {
        assert!(!json[key].is_null(), "{key}");
    }
    for file in ["config.toml", "manifest.json", "metrics.jsonl", "checkpoints/final.safetensors", "report.html"] {
        assert!(folder.path().join("out").join(file).is_file(), "{file}");
    }
    assert!(entries(folder.path()).iter().all(|name| name.starts_with("out")), "{:?}", entries(folder.path()));

    let study =
        Study::from_bytes(&fs::read(folder.path().join("out/study.safetensors")).expect("a study")).expect("sound");
    assert_eq!(study.representations.len(), 4);
    let table = fs::read_to_string(folder.path().join("out/depth.csv")).expect("a table");
    let mut lines = table.lines();
    let columns = "split,id,name,label_name,label,given_label,predicted,given_label_name,predicted_name,depth,undetermined,output_margin,probe_input,probe_hidden1,probe_hidden2,probe_softmax";
    assert_eq!(lines.next(), Some(columns));
    let depths: Vec<usize> =
        lines.map(|line| line.split(',').nth(9).expect("a depth").parse().expect("a number")).collect();
    assert_eq!(depths, study.measured.depths());
    assert_eq!(depths.len(), 800);
}

#[test]
fn the_same_settings_give_the_same_depths_on_every_device() {
    let folder = folder();
    for device in ["cpu", "gpu"] {
        let output = run_small(folder.path(), &["--device", device, "--out", device]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    let table = |device: &str| fs::read(folder.path().join(device).join("depth.csv")).expect("a table");
    assert!(table("cpu") == table("gpu"));
}

#[test]
fn an_earlier_run_is_never_lost() {
    let folder = folder();
    assert!(run_small(folder.path(), &["--out", "out"]).status.success());
    assert!(run_small(folder.path(), &["--out", "out"]).status.success(), "the same run may be made again");
    refused(folder.path(), &["--out", "out", "--seed", "1"], &["out", "other settings"]);
    fs::create_dir(folder.path().join("mine")).expect("a folder");
    fs::write(folder.path().join("mine/thesis.txt"), "years").expect("a file");
    refused(folder.path(), &["--out", "mine"], &["mine", "not empty"]);
    refused(folder.path(), &["--out", "mine/thesis.txt"], &["thesis.txt", "in the way"]);
}

#[test]
fn bad_input_is_refused_with_the_file_and_the_place() {
    let folder = folder();
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    let assets = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../core/assets/fashion-mnist"));
    let names = [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ];
    let restore = || {
        for name in names {
            fs::copy(assets.join(name), data.join(name)).expect("an asset");
        }
    };
    let images = data.join(names[0]);

    restore();
    let bytes = fs::read(&images).expect("an asset");
    fs::write(&images, &bytes[..bytes.len() / 2]).expect("writable");
    refused(folder.path(), &["--data", "data"], &[names[0], "gzip", "cut off"]);
    fs::write(&images, b"GIF89a").expect("writable");
    refused(folder.path(), &["--data", "data"], &[names[0], "begins with 47 49 46", "byte 0"]);
    restore();
    fs::write(data.join(names[1]), [&[0, 0, 8, 1, 0, 0, 7, 208][..], &[77; 2000]].concat()).expect("writable");
    fs::write(data.join("classes.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n").expect("writable");
    refused(folder.path(), &["--data", "data"], &["classes.txt", "label 77", "10 classes, 0 to 9"]);
    fs::remove_file(data.join("classes.txt")).expect("it was there");
    restore();
    fs::write(data.join(names[3]), [0, 0, 8, 1, 0, 0, 0, 1, 0]).expect("writable");
    refused(folder.path(), &["--data", "data"], &[names[3], "expected 500, found 1"]);
    fs::remove_file(data.join(names[3])).expect("it was there");
    refused(folder.path(), &["--data", "data"], &["t10k-labels"]);
    restore();
    fs::write(&images, [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2]).expect("writable");
    fs::write(data.join(names[1]), [0, 0, 8, 1, 0, 0, 0, 0]).expect("writable");
    refused(folder.path(), &["--data", "data"], &["empty"]);

    refused(folder.path(), &["--data", "nowhere"], &["nowhere", "cifar10"]);
    let cifar = folder.path().join("sets/cifar10");
    fs::create_dir_all(&cifar).expect("a folder");
    fs::write(cifar.join("data_batch_1.bin"), [3; 3073]).expect("writable");
    let named = ["--data", "cifar10", "--data-dir", "sets"];
    refused(folder.path(), &named, &["data_batch_2.bin", "test_batch.bin", "sets/cifar10", "Krizhevsky"]);
    for batch in ["data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"] {
        fs::write(cifar.join(format!("{batch}.bin")), [3; 3000]).expect("writable");
    }
    refused(folder.path(), &named, &["data_batch_2.bin", "3000 bytes", "cut off", "byte 0"]);
    refused(folder.path(), &["--k", "270"], &["k = 270", "269"]);
    refused(folder.path(), &["--examples", "2001"], &["2001", "2000"]);
    refused(folder.path(), &["--examples", "2"], &["90:10"]);
    refused(folder.path(), &["--learning-rate", "1e30"], &["smaller learning rate"]);
}

#[test]
fn a_folder_may_have_no_test_images_and_names_of_its_own() {
    let folder = folder();
    let assets = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../core/assets/fashion-mnist"));
    for name in ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"] {
        fs::copy(assets.join(name), folder.path().join(name)).expect("an asset");
    }
    let names: Vec<String> = (0..12).map(|class| format!("class <{class}>")).collect();
    fs::write(folder.path().join("classes.txt"), names.join("\n")).expect("writable");
    let output = run_small(folder.path(), &["--data", ".", "--out", "out"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("class <"), "{}", text(&output.stdout));
    let report = fs::read_to_string(folder.path().join("out/report.html")).expect("a report");
    assert!(report.contains("class &lt;") && !report.contains("class <"), "names are escaped");
}

#[test]
fn usage_errors_exit_with_2() {
    let folder = folder();
    for arguments in
        [vec!["--k", "0"], vec!["--label-noise", "2"], vec!["--frobnicate"], vec!["--device", "abacus"], vec!["fly"]]
    {
        let output = pdepth(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    assert!(entries(folder.path()).is_empty());
}

#[test]
fn datasets_tells_what_is_found_and_what_is_missing() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("sets/svhn")).expect("a folder");
    for file in ["train_32x32.mat", "test_32x32.mat"] {
        fs::write(folder.path().join("sets/svhn").join(file), "").expect("writable");
    }
    let output = pdepth(folder.path(), &["datasets", "--data-dir", "sets"]);
    let said = text(&output.stdout);
    assert!(output.status.success() && said.starts_with("embedded "), "{said}");
    let line = |name: &str| said.lines().find(|line| line.starts_with(name)).expect("a line for each");
    assert!(line("svhn").ends_with("sets/svhn"), "{said}");
    for words in ["not here", "train.bin, test.bin", "sets/cifar100 or /usr/share/datasets/cifar100", "Krizhevsky"] {
        assert!(line("cifar100").contains(words), "{said}");
    }
    let output = pdepth(folder.path(), &["datasets", "--data-dir", "sets", "--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let named = |name: &str| {
        found.as_array().expect("a list").iter().find(|one| one["name"] == name).expect("it")["found"].clone()
    };
    assert_eq!((named("svhn").as_str(), named("cifar100").is_null()), (Some("sets/svhn"), true));
}

#[test]
fn doctor_tells_what_is_there() {
    let output = pdepth(folder().path(), &["doctor", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert!(json["adapters"].as_array().is_some_and(|adapters| !adapters.is_empty()), "{json}");
    assert!(json["auto"].as_str().is_some_and(|auto| auto.starts_with("cpu") || auto.starts_with("gpu")), "{json}");
    assert!(text(&pdepth(folder().path(), &["doctor"]).stdout).contains("--device auto takes"));
}

#[test]
fn a_reader_who_goes_away_is_no_failure() {
    let program = assert_cmd::cargo::cargo_bin("pdepth");
    let mut child =
        Command::new(program).arg("datasets").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stderr), "");
}

/// The main claim on real data: examples with wrong labels have a larger depth.
#[test]
fn flipped_labels_are_deeper() {
    let folder = folder();
    let output = pdepth(folder.path(), &["--label-noise", "0.05", "--json", "--quiet", "--device", "cpu"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let noise = |key: &str| json["label_noise"][key].as_f64().expect("a mean");
    assert!(noise("mean_depth_flipped") - noise("mean_depth_clean") >= 2.0, "{}", json["label_noise"]);
    assert!(json["train"]["accuracy"].as_f64().expect("a fraction") > 0.99, "the training split is fitted");
    assert!(json["run"].as_str().expect("a folder").starts_with("runs/embedded-mlp-"));
    assert!(folder.path().join(json["run"].as_str().expect("a folder")).join("report.html").is_file());
}
