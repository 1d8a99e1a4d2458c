//! Tests that a table is read as one, by program and library: its rows are no images.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use prediction_depth::data::{Dataset, NoiseSettings, ReadOptions, read_own};
use prediction_depth::experiment::Experiment;
use prediction_depth::nets::{Architecture, Device};
use prediction_depth::train::{Augmentation, Recipe};
use prediction_depth_tests::{pdepth, text};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::Value;
use tempfile::TempDir;

/// A table of 784 features, of which the first tells the label.
fn table() -> String {
    let names: Vec<String> = (0..784).map(|at| format!("v{at}")).collect();
    let row = |row: usize| {
        let values: Vec<String> = (0..784).map(|at| (((row % 2) * 500 + row * at) % 997).to_string()).collect();
        format!("{},{}\n", values.join(","), ["ant", "bee"][row % 2])
    };
    format!("{},label\n{}", names.join(","), (0..30).map(row).collect::<String>())
}

fn dataset(options: &ReadOptions) -> Dataset {
    read_own(&[("mine.csv", table())], options).expect("a table")
}

#[test]
fn the_library_refuses_for_rows_of_a_table_what_needs_images() {
    let experiment = Experiment::new(dataset(&ReadOptions::default()), &NoiseSettings::default(), 0).expect("rows");
    let vgg = Architecture::vgg_small(0.25).expect("an architecture");
    let words = |error: Option<prediction_depth::Error>| error.expect("refused").to_string();
    let error = words(experiment.network(&vgg, 0, &Device::Cpu).err());
    assert!(error.contains("net = vgg") && error.contains("--net mlp") && error.contains("--layout"), "{error}");
    let mlp = Architecture::mlp(vec![4]);
    let network = experiment.network(&mlp, 0, &Device::Cpu).expect("a perceptron");
    for (augmentation, name) in
        [(Augmentation { flip: true, crop: 0 }, "flip"), (Augmentation { flip: false, crop: 2 }, "crop")]
    {
        let error = words(experiment.trainer(&network, Recipe { augmentation, ..Recipe::default() }).err());
        assert!(error.contains(name) && error.contains("rows of a table"), "{error}");
        assert!(experiment.check_sense(&mlp, augmentation).is_err());
    }
    assert!(experiment.trainer(&network, Recipe::default()).is_ok());
}

/// Returns the same table as text with a separator, and as an array of float64.
fn both(rows: &[Vec<f64>], labels: &[usize], separator: &str) -> [Dataset; 2] {
    let names: Vec<String> = (0..rows[0].len()).map(|at| format!("v{at}")).collect();
    let line = |(row, label): (&Vec<f64>, &usize)| {
        row.iter().map(f64::to_string).chain([label.to_string()]).collect::<Vec<_>>().join(separator)
    };
    let header = [&names[..], &["label".to_owned()]].concat().join(separator);
    let csv = [header].into_iter().chain(rows.iter().zip(labels).map(line)).collect::<Vec<_>>().join("\n");
    let values: Vec<u8> = rows.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
    let numbers: Vec<u8> = labels.iter().flat_map(|label| (*label as i64).to_le_bytes()).collect();
    let x = TensorView::new(Dtype::F64, vec![rows.len(), rows[0].len()], &values).expect("a tensor");
    let y = TensorView::new(Dtype::I64, vec![labels.len()], &numbers).expect("a tensor");
    let tensors = safetensors::serialize([("x", x), ("y", y)], None).expect("a file");
    let read = |name: &str, bytes: &[u8]| read_own(&[(name, bytes)], &ReadOptions::default()).expect("a table");
    [read("a.csv", csv.as_bytes()), read("a.safetensors", &tensors)]
}

#[test]
fn the_same_numbers_are_the_same_rows_as_text_and_as_an_array() {
    let number = prop_oneof![
        (0..256_u32).prop_map(f64::from),
        -1e3..1e3,
        prop::num::f64::NORMAL,
        Just(0.0),
        Just(255.0),
        Just(256.0)
    ];
    let rows = (1_usize..5)
        .prop_flat_map(move |columns| prop::collection::vec(prop::collection::vec(number.clone(), columns), 2..12));
    let separator = prop::sample::select(vec![",", ";", "\t", "|"]);
    TestRunner::default()
        .run(&(rows, separator), |(mut rows, separator)| {
            // A first column that counts its rows would be an index of the text.
            rows[0][0] = -7.0;
            let labels: Vec<usize> = (0..rows.len()).map(|row| row % 2).collect();
            let [text, array] = both(&rows, &labels, separator);
            prop_assert_eq!((&text.images, &text.labels), (&array.images, &array.labels));
            prop_assert_eq!((&text.classes, text.features), (&array.classes, array.features));
            Ok(())
        })
        .expect("equal rows");
    let [one, other] = [0.0, 1.0].map(|value| both(&[vec![0.0, 1.0], vec![1.0, value]], &[0, 1], ","));
    assert_ne!(one[0].images, other[1].images, "the comparison sees another number");
}

/// 25 MB of numbers as text are read within 2.5 times as much; and a smaller limit is noticed.
#[cfg(target_os = "linux")]
#[test]
fn text_costs_at_most_two_and_a_half_times_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.csv");
    let names: Vec<String> = (0..300).map(|at| format!("v{at}")).collect();
    let row = |row: usize| {
        let values: Vec<String> = (0..300).map(|at| format!("{:.6}", ((row * at) as f64).sin())).collect();
        format!("{},{}\n", values.join(","), row % 2)
    };
    let rows: Vec<String> = (0..50).map(row).collect();
    fs::write(&file, format!("{},label\n{}", names.join(","), rows.concat().repeat(200))).expect("writable");
    let within = |more: &[&str]| {
        let mut command = Command::cargo_bin("peak_memory_read").expect("`cargo build --workspace --bins` makes it");
        let output = command.arg(&file).args(more).output().expect("it starts");
        println!("{}{}", text(&output.stdout), text(&output.stderr));
        output.status.success()
    };
    assert!(within(&[]) && !within(&["--times", "1"]));
}

fn refused(folder: &Path, arguments: &[&str], words: &[&str]) {
    let output = pdepth(folder, arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: {word:?} is not in {message:?}");
    }
}

#[test]
fn the_program_refuses_it_before_the_training() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mine.csv"), table()).expect("writable");
    let data = ["--data", "mine.csv"];
    for command in [&["run"][..], &["train"], &["ensemble", "plan", "--runs", "2"]] {
        for (more, name) in
            [(["--net", "vgg-small"], "net"), (["--net", "resnet-small"], "net"), (["--crop", "2"], "crop")]
        {
            refused(folder.path(), &[command, &data, &more].concat(), &[name, "--layout"]);
        }
        refused(folder.path(), &[command, &data, &["--flip"]].concat(), &["flip", "rows of a table"]);
    }
}

fn trained(folder: &Path, more: &[&str]) -> Value {
    let output =
        pdepth(folder, &[&["run", "--quiet", "--json", "--hidden", "4", "--steps", "1", "--k", "2"], more].concat());
    assert!(output.status.success(), "{more:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

#[test]
fn the_program_says_what_it_made_of_a_table() {
    let folder: TempDir = tempfile::tempdir().expect("a folder");
    let rows: String =
        (0..20).map(|row| format!("{row};u{row};{},5;{};\n", row * row % 7, ["ant", ""][row % 2])).collect();
    fs::write(folder.path().join("mine.csv"), format!(";id;size;kind;\n{rows}")).expect("writable");
    let options = ["--data", "mine.csv", "--label-column", "kind", "--drop-unlabelled"];
    refused(folder.path(), &[&["train"], &options[..4]].concat(), &["row 2, column `kind`", "10 such values"]);
    refused(folder.path(), &["train", "--data", "mine.csv"], &["`kind` (", "--label-column NAME"]);
    let more = |label: &str| rows.replace(";ant;", &format!(";{label};"));
    fs::write(folder.path().join("mine.csv"), format!(";id;size;kind;\n{rows}{}", more("bee"))).expect("writable");
    let shared = trained(folder.path(), &[&options[..], &["--out", "shared"]].concat())["read"].to_string();
    assert!(shared.contains("20 of 20 examples share theirs, such as \\\"u0\\\" (ids 0 and 10)"), "{shared}");
    let dropped = [&options[..], &["--drop-columns", "id", "--out", "out"]].concat();
    let read = trained(folder.path(), &dropped)["read"].to_string();
    for word in ["\"ant\":10", "\"bee\":10", "no label", "an index", "comma separates the decimals", "--drop-columns"] {
        assert!(read.contains(word), "{word} is not in {read}");
    }
    assert!(!read.contains("share theirs"), "{read}");
}

#[test]
fn a_folder_of_tables_is_one_data_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let set = folder.path().join("set");
    fs::create_dir(&set).expect("a folder");
    for (name, rows) in [("train.csv", 12), ("val.csv", 4), ("test.csv", 6)] {
        let rows: String = (0..rows).map(|row| format!("{},{},{}\n", row * row, row % 3, row % 2)).collect();
        fs::write(set.join(name), format!("a,b,label\n{rows}")).expect("writable");
    }
    fs::write(set.join("README.md"), "mine").expect("writable");
    let json = trained(folder.path(), &["--data", "set", "--out", "out"]);
    let counts = ["train", "validation", "test"].map(|split| json[split]["examples"].as_u64());
    assert_eq!(counts, [Some(12), Some(4), Some(6)], "{json}");
    assert!(json["read"].to_string().contains("README.md"), "{}", json["read"]);
}
