//! Tests of `pdepth depth`: the program on folders of recorded activations.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use prediction_depth::data::Inputs;
use prediction_depth::study::Study;
use prediction_depth_tests::{TypedArray, copy_folder, entries, normals, pdepth, text, write_files};
use serde_json::Value;
use tempfile::TempDir;

const CLASSES: [&str; 3] = ["ant", "bee", "owl"];

/// Writes a split: two layers, the second of which tells the classes apart.
fn write_split(folder: &Path, examples: usize, seed: u64) {
    let noise = normals(examples, 6, seed);
    let class = |example: usize| example % CLASSES.len();
    let apart: Vec<f32> = noise
        .values()
        .chunks_exact(6)
        .enumerate()
        .flat_map(|(example, row)| row.iter().map(move |value| value + 5.0 * class(example) as f32))
        .collect();
    let lines =
        |line: &dyn Fn(usize) -> String| (0..examples).map(|at| line(at) + "\n").collect::<String>().into_bytes();
    let files = [
        ("embedding.npy", TypedArray::floats(noise.values(), &[examples, 2, 3]).npy()),
        ("head.npy", TypedArray::floats(&apart, &[examples, 6]).npy()),
        ("order.txt", b"embedding\nhead\n".to_vec()),
        ("labels.txt", lines(&|at| CLASSES[class(at)].into())),
        ("predictions.txt", lines(&|at| CLASSES[class(if at == 4 { 5 } else { at })].into())),
        ("ids.txt", lines(&|at| format!("{seed}/{at}.wav"))),
        ("texts.txt", lines(&|at| format!("text {at} <of> {seed} {}", "and so on ".repeat(at % 20)))),
        (".hidden", Vec::new()),
        ("notes.md", b"mine".to_vec()),
    ];
    write_files(folder, &files.map(|(name, bytes)| (name.to_owned(), bytes)));
}

/// A folder with the splits `acts/train`, `acts/test` and `acts/noisy`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (split, examples, seed) in [("train", 60, 1), ("test", 15, 2), ("noisy", 9, 3)] {
        write_split(&folder.path().join("acts").join(split), examples, seed);
    }
    folder
}

const MEASURE: [&str; 11] = [
    "depth",
    "--train",
    "acts/train",
    "--held-out",
    "noisy=acts/noisy",
    "--held-out",
    "test=acts/test",
    "--k",
    "5",
    "--quiet",
    "--json",
];

fn measure(folder: &Path, more: &[&str]) -> Value {
    let output = pdepth(folder, &[&MEASURE, more].concat());
    assert!(output.status.success(), "{more:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

#[test]
fn a_folder_becomes_a_run() {
    let folder = folder();
    let result = measure(folder.path(), &["--out", "run", "--device", "cpu"]);
    assert_eq!(result["layers"], serde_json::json!(["embedding", "head"]));
    assert_eq!((&result["train"]["examples"], &result["test"]["examples"]), (&60.into(), &15.into()));
    assert_eq!(result["held_out"]["noisy"]["examples"], 9);
    assert!(result["validation"].is_null() && result["label_noise"].is_null());
    assert_eq!(result["train"]["probe_accuracy"][1], 1.0, "the head tells the classes apart");
    assert_eq!(
        result["read"]["layers"][0],
        serde_json::json!({"name": "embedding", "shape": [2, 3], "dtype": "float32"})
    );
    assert_eq!(result["read"]["skipped"].as_array().map(Vec::len), Some(6), "{}", result["read"]);

    let run = folder.path().join("run");
    assert_eq!(entries(&run), ["config.toml", "depth.csv", "manifest.json", "report.html", "study.safetensors"]);
    let table = fs::read_to_string(run.join("depth.csv")).expect("a table");
    let row = |start: &str| table.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    // Example 4 is predicted as another class than its neighbours have, at every layer.
    assert!(row("train,4,1/4.wav,bee,1,1,2,bee,owl,2,true,,").ends_with(",1"), "{}", row("train,4,"));
    assert!(row("noisy,60,3/0.wav,ant,0,0,0,ant,ant,").contains(",false,,"), "{}", row("noisy,60"));
    assert!(row("test,69,2/0.wav,").ends_with(",0"), "{}", row("test,69"));
    let study = Study::from_bytes(&fs::read(run.join("study.safetensors")).expect("a study")).expect("a study");
    assert!(study.architecture.is_none() && study.representations.is_empty());
    assert!(matches!(&study.inputs, Inputs::Texts(texts) if texts.len() == 84 && texts[60] == "text 0 <of> 3 "));
    assert_eq!(study.title, "acts");
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    for part in
        ["text 4 &lt;of&gt; 1", "The noisy split", "2 x 3", "<details class=\"text\">", "Left out, hidden file: 3"]
    {
        assert!(report.contains(part), "{part}");
    }

    // What the rest of the program does with it.
    let issues = pdepth(folder.path(), &["issues", "run", "--quiet"]);
    assert!(issues.status.success(), "{}", text(&issues.stderr));
    let found = fs::read_to_string(run.join("issues.html")).expect("a page");
    assert!(found.contains("&lt;of&gt;"), "its texts");
    let export = pdepth(folder.path(), &["export", "run", "--out", "study.gz"]);
    assert!(export.status.success(), "{}", text(&export.stderr));
    let message = text(&pdepth(folder.path(), &["measure", "run", "--out", "again"]).stderr);
    assert!(message.contains("recorded elsewhere"), "{message}");
}

#[test]
fn the_terminal_says_what_was_read_and_found() {
    let folder = folder();
    let arguments: Vec<&str> = MEASURE.iter().filter(|word| **word != "--json").copied().collect();
    let output = pdepth(folder.path(), &[&arguments[..], &["--title", "a net of mine"]].concat());
    let said = text(&output.stdout);
    for part in [
        "a net of mine",
        "60 train, 15 test, 9 noisy examples; k = 5",
        "Read: 84 examples of 3 classes: ant 28, bee 28, owl 28",
        "2 layers: embedding [2, 3] float32, head [6] float32",
        "Left out, hidden file: acts/train/.hidden and 2 more",
        "accuracy: train     test    noisy",
        "Report, with all other files beside it: runs/a-net-of-mine-depth-",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}{}", text(&output.stderr));
    }
}

#[test]
fn equal_activations_give_equal_files_wherever_they_fit() {
    let folder = folder();
    measure(folder.path(), &["--out", "one"]);
    measure(folder.path(), &["--out", "two", "--memory", "2000"]);
    measure(folder.path(), &["--out", "three", "--device", "cpu"]);
    for file in ["config.toml", "depth.csv", "study.safetensors"] {
        let of = |run: &str| fs::read(folder.path().join(run).join(file)).expect("a file");
        assert!(of("one") == of("two") && of("one") == of("three"), "{file}");
    }
    // The same command again replaces its own result; other settings and other values do not.
    measure(folder.path(), &["--out", "one"]);
    let refused = |more: &[&str], words: &str| {
        let output = pdepth(folder.path(), &[&MEASURE, more].concat());
        let message = text(&output.stderr);
        assert!(output.status.code() == Some(1) && message.contains(words), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    };
    refused(&["--out", "one", "--k", "7"], "other settings");
    refused(&["--out", "new", "--k", "60"], "k = 60, but each query has only 59 candidates");
    refused(&["--out", "new", "--train", "nowhere"], "nowhere");
    refused(&["--out", "new", "--held-out", "test=acts/noisy"], "another held-out split has this name");
    fs::write(folder.path().join("acts/train/labels.txt"), "ant\n").expect("a file");
    refused(&["--out", "new"], "acts/train/labels.txt: it has 1 entries, but there are 60 examples");
    let usage = pdepth(folder.path(), &["depth", "--train", "acts/train", "--held-out", "acts/test"]);
    assert_eq!(usage.status.code(), Some(2), "{}", text(&usage.stderr));
    assert!(!folder.path().join("new").exists());
}

#[test]
fn representations_and_depths_alone() {
    let folder = folder();
    let whole = measure(folder.path(), &["--out", "whole", "--representations"]);
    let only = measure(folder.path(), &["--out", "only", "--depth-only", "--memory", "2000"]);
    for split in ["train", "test"] {
        assert_eq!(whole[split]["depth_histogram"], only[split]["depth_histogram"]);
    }
    assert!(only["work"]["probes"].is_number() && whole["work"].is_null());
    let bytes = fs::read(folder.path().join("whole/study.safetensors")).expect("a study");
    let study = Study::from_bytes(&bytes).expect("a study");
    assert_eq!(
        study.representations.iter().map(|layer| (layer.rows(), layer.cols())).collect::<Vec<_>>(),
        [(84, 6); 2]
    );
    // Rows stand in the order of the study: training split, then held-out splits as given.
    assert_eq!(study.representations[0].row(60), normals(9, 6, 3).row(0));
}

/// Compressed layers that do not fit go to a scratch file, and only they.
#[test]
fn a_scratch_file_is_made_for_compressed_layers_that_do_not_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let values = normals(40, 50, 1);
    let array = TypedArray::floats(values.values(), &[40, 50]);
    let labels: Vec<u32> = (0..40).map(|at| at % 2).collect();
    let rest = [("labels", TypedArray::numbers(&labels)), ("predictions", TypedArray::numbers(&labels))];
    for compressed in [false, true] {
        let arrays = [&[("layer0", array.clone())], &rest[..]].concat();
        let name = if compressed { "deflated.npz" } else { "stored.npz" };
        fs::write(folder.path().join(name), prediction_depth_tests::npz(&arrays, compressed)).expect("a file");
    }
    let run = |file: &str, memory: &str, scratch: &str| {
        let mut command = Command::cargo_bin("pdepth").expect("`cargo build --workspace --bins` makes it");
        let arguments =
            ["depth", "--train", file, "--k", "3", "--memory", memory, "--out", &format!("{file}-{memory}")];
        let arguments = arguments.map(String::from);
        command.current_dir(folder.path()).env("TMPDIR", scratch).args(arguments).args(["--quiet", "--device", "cpu"]);
        command.output().expect("it starts")
    };
    for (file, memory) in [("stored.npz", "1MB"), ("stored.npz", "10000"), ("deflated.npz", "1MB")] {
        assert!(run(file, memory, "/nowhere").status.success(), "{file} {memory}");
    }
    if cfg!(unix) {
        let message = text(&run("deflated.npz", "10000", "/nowhere").stderr);
        assert!(message.contains("/nowhere") && message.contains("--scratch"), "{message}");
    }
    copy_folder(folder.path(), &folder.path().join("copy"));
    fs::create_dir(folder.path().join("scratch")).expect("a folder");
    assert!(run("deflated.npz", "10000", "scratch").status.success());
    assert!(entries(&folder.path().join("scratch")).is_empty());
    let table = |run: &str| fs::read(folder.path().join(run).join("depth.csv")).expect("a table");
    assert!(table("deflated.npz-10000") == table("stored.npz-1MB"));
    assert!(table("stored.npz-10000") == table("stored.npz-1MB"));
}
