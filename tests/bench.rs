//! Tests of `pdepth bench`: results are correct in every mode, and invalid input is refused with the reason.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::CommandCargoExt;
use candle_core::{Device, Tensor};
use prediction_depth::search::{Exclude, Neighbors};
use prediction_depth::{Matrix, Rows};
use prediction_depth_tests::{neighbors as oracle, normals, same_neighbors};
use serde_json::Value;

const K: usize = 3;
const FILES: [&str; 5] = ["bench", "search", "--k", "3", "--runs=1"];
const SUPPORT: [&str; 2] = ["--support", "support.npy"];
const QUERIES: [&str; 2] = ["--queries", "queries.npy"];

fn pdepth(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::cargo_bin("pdepth").expect("`cargo build --workspace --bins` makes it");
    command.current_dir(folder).args(arguments).args(["--device", "cpu"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // A command that ends without reading closes the pipe; this is not a failure.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn objects(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("a line is an object")).collect()
}

fn write(path: &Path, rows: &Matrix) {
    let tensor = Tensor::from_slice(rows.values(), &rows.shape()[..], &Device::Cpu).expect("sizes agree");
    tensor.write_npy(path).expect("writable");
}

fn write_classes(path: &Path, classes: &[i64]) {
    Tensor::from_slice(classes, classes.len(), &Device::Cpu).expect("sizes agree").write_npy(path).expect("writable");
}

fn read<T: candle_core::WithDType>(path: &Path) -> Vec<T> {
    let tensor = Tensor::read_npy(path).expect("it was written");
    tensor.flatten_all().and_then(|tensor| tensor.to_vec1()).expect("of this type")
}

fn found(folder: &Path) -> Neighbors {
    let (indices, distances) = (read(&folder.join("indices.npy")), read(&folder.join("distances.npy")));
    Neighbors { k: K, indices, distances }
}

/// support.npy [40, 5], queries.npy [7, 5], labels.npy [40].
fn arrays() -> (tempfile::TempDir, Matrix, Matrix) {
    let folder = tempfile::tempdir().expect("a folder");
    let (support, queries) = (normals(40, 5, 0), normals(7, 5, 1));
    write(&folder.path().join("support.npy"), &support);
    write(&folder.path().join("queries.npy"), &queries);
    let labels: Vec<i64> = (0..40).map(|row| row % 3).collect();
    write_classes(&folder.path().join("labels.npy"), &labels);
    (folder, support, queries)
}

#[test]
fn a_search_on_files_finds_what_the_oracle_finds() {
    let (folder, support, queries) = arrays();
    let arguments = [&FILES[..], &SUPPORT, &QUERIES, &["--json", "--out", "out"]].concat();
    let object = &objects(&pdepth(folder.path(), &arguments, ""))[0];
    assert!(object["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{object}");
    assert_eq!(object["sizes"], serde_json::json!({"queries": 7, "support": 40, "dims": 5, "k": 3}));
    let expected = oracle(&support, &queries, K, Exclude::Nothing);
    same_neighbors(&expected, &found(&folder.path().join("out"))).expect("the same");

    let arguments = [&FILES[..], &SUPPORT, &["--leave-one-out", "--out", "left"]].concat();
    assert!(text(&pdepth(folder.path(), &arguments, "").stdout).contains("40 x 40 x 5"));
    let left = found(&folder.path().join("left"));
    same_neighbors(&oracle(&support, &support, K, Exclude::Itself), &left).expect("the same");
    let with_itself = oracle(&support, &support, K, Exclude::Nothing);
    assert!(same_neighbors(&with_itself, &left).is_err(), "leaving out makes a difference");
}

#[test]
fn it_runs_once_for_each_line_and_votes() {
    let (folder, support, queries) = arrays();
    let votes = ["--votes", "labels.npy", "--each-line", "--out", "out"];
    let arguments = [&FILES[..], &SUPPORT, &QUERIES, &votes].concat();
    assert_eq!(objects(&pdepth(folder.path(), &arguments, "\n\n\n")).len(), 3);
    let classes: Vec<u32> = read(&folder.path().join("out/classes.npy"));
    let neighbors = oracle(&support, &queries, K, Exclude::Nothing);
    let winner = |query| {
        let count = |class| neighbors.of(query).iter().filter(|&&row| row % 3 == class).count();
        (0..3).rev().max_by_key(|&class| count(class)).expect("three classes")
    };
    let expected: Vec<u32> = (0..7).map(winner).collect();
    assert_eq!(classes, expected);
    assert!(classes.iter().any(|class| *class != classes[0]), "a constant answer would be seen");
}

#[test]
fn depths_of_a_folder_of_activations() {
    let folder = tempfile::tempdir().expect("a folder");
    // Two clusters in each of two layers. Example 2 moves to the other cluster in the second layer, as does the
    // network's prediction. Its label then becomes the vote for example 5, whose nearest neighbour it is.
    let layers = [[0.0, 1.0, 2.0, 90.0, 91.0, 92.5], [0.0, 1.0, 93.0, 90.0, 91.0, 92.5]];
    for split in ["train", "validation"] {
        let split = folder.path().join(split);
        fs::create_dir(&split).expect("a folder");
        for (number, layer) in layers.iter().enumerate() {
            write(&split.join(format!("layer{number}.npy")), &Matrix::new(layer.to_vec(), 6, 1).expect("six rows"));
        }
        write_classes(&split.join("predictions.npy"), &[0, 0, 1, 1, 1, 1]);
    }
    write_classes(&folder.path().join("train/labels.npy"), &[0, 0, 0, 1, 1, 1]);
    let arguments = ["bench", "depth", "--activations", ".", "--k", "1", "--runs", "1", "--json", "--out", "out"];
    assert_eq!(objects(&pdepth(folder.path(), &arguments, ""))[0]["layers"], 2);
    assert_eq!(read::<u32>(&folder.path().join("out/train.npy")), [0, 0, 1, 0, 0, 2]);
    fs::remove_file(folder.path().join("validation/layer0.npy")).expect("it was there");
    let output = pdepth(folder.path(), &arguments, "");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("validation: there is no layer0.npy"), "{}", text(&output.stderr));
}

#[test]
fn the_built_in_table_has_a_row_for_each_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["bench", "search", "--json", "--quick", "--runs", "1", "--quiet"];
    let output = pdepth(folder.path(), &arguments, "");
    let report: Value = serde_json::from_slice(&output.stdout).expect("one object");
    let cases = report["cases"].as_array().expect("a list");
    assert!(cases.iter().any(|case| case["case"] == "leave-one-out 2000x512"), "{report}");
    assert!(cases.iter().all(|case| case["ms"].as_f64().is_some_and(|ms| ms > 0.0)), "{report}");
}

#[test]
fn bad_input_is_refused_in_one_line_with_the_file() {
    let (folder, ..) = arrays();
    write(&folder.path().join("narrow.npy"), &normals(7, 4, 0));
    fs::write(folder.path().join("text.npy"), "no array").expect("writable");
    write_classes(&folder.path().join("few.npy"), &[0, 1]);
    write_classes(&folder.path().join("negative.npy"), &[-1; 40]);
    let cases: [(&[&str], &[&str]); 8] = [
        (&["--support", "nowhere.npy", "--leave-one-out"], &["nowhere.npy"]),
        (
            &["--support", "support.npy", "--queries", "narrow.npy"],
            &["support.npy and narrow.npy", "expected 5, found 4"],
        ),
        (&["--support", "support.npy", "--leave-one-out", "--k", "40"], &["support.npy", "k = 40", "39"]),
        (&["--support", "text.npy", "--leave-one-out"], &["text.npy", "no array of NumPy"]),
        (&["--support", "labels.npy", "--leave-one-out"], &["labels.npy", "float32"]),
        (&["--support", "support.npy", "--leave-one-out", "--votes", "few.npy"], &["few.npy", "expected 40, found 2"]),
        (
            &["--support", "support.npy", "--leave-one-out", "--votes", "negative.npy"],
            &["negative.npy", "-1 at example 0"],
        ),
        (&["--support", "support.npy", "--leave-one-out", "--votes", "support.npy"], &["support.npy", "integers"]),
    ];
    for (arguments, words) in cases {
        let output = pdepth(folder.path(), &[&FILES[..], arguments].concat(), "");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty() && message.lines().count() == 1, "{arguments:?}: {message}");
        for word in words {
            assert!(message.contains(word), "{arguments:?}: {word:?} is not in {message:?}");
        }
    }
    for usage in [&["--support", "support.npy"][..], &["--leave-one-out"], &["--quick", "--support", "support.npy"]] {
        assert_eq!(pdepth(folder.path(), &[&FILES[..], usage].concat(), "").status.code(), Some(2), "{usage:?}");
    }
}
