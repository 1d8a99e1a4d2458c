//! Tests of `--memory`, `--scratch` and `--depth-only`: the results do not depend on them.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use prediction_depth::UNPROBED;
use prediction_depth::study::Study;
use prediction_depth_tests::{entries, pdepth, refused, run_small, text};
use serde_json::Value;
use tempfile::TempDir;

/// All embedded images. With 8 MB, their 784 values each do not fit into half of the memory, but a batch of them does.
const ALL: [&str; 7] = ["run", "--epochs", "2", "--hidden", "16,8", "--quiet", "--json"];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn run_all(folder: &Path, more: &[&str]) -> Value {
    let output = pdepth(folder, &[&ALL, more].concat());
    assert!(output.status.success(), "{more:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn read(folder: &Path, file: &str) -> Vec<u8> {
    fs::read(folder.join(file)).expect("a file of the run")
}

#[test]
fn a_scratch_file_changes_nothing_and_leaves_nothing() {
    let folder = folder();
    fs::create_dir(folder.path().join("scratch")).expect("a folder");
    run_all(folder.path(), &["--out", "held"]);
    run_all(folder.path(), &["--out", "spilled", "--memory", "8MB", "--scratch", "scratch"]);
    run_all(folder.path(), &["--out", "in-passes", "--memory", "8MB"]);
    for (file, other) in
        ["depth.csv", "study.safetensors"].into_iter().flat_map(|file| [(file, "spilled"), (file, "in-passes")])
    {
        assert!(read(&folder.path().join("held"), file) == read(&folder.path().join(other), file), "{file} {other}");
    }
    assert!(entries(&folder.path().join("scratch")).is_empty());
    let other = ["--out", "other", "--memory", "8MB", "--seed", "1"];
    run_all(folder.path(), &other);
    assert!(read(&folder.path().join("held"), "depth.csv") != read(&folder.path().join("other"), "depth.csv"));
}

/// If the scratch file cannot be created, only a run that needs one fails. This shows that it is used, and only when
/// needed.
#[test]
fn a_scratch_file_is_made_where_it_is_needed() {
    let folder = folder();
    let run = |more: &[&str]| {
        let mut command = Command::cargo_bin("pdepth").expect("`cargo build --workspace --bins` makes it");
        let command = command.current_dir(folder.path()).env("TMPDIR", "/nowhere").args(ALL).args(more);
        command.output().expect("it starts")
    };
    assert!(run(&["--out", "held"]).status.success());
    if cfg!(unix) {
        let output = run(&["--out", "spilled", "--memory", "8MB"]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(
            ["layer input", "8000000", "/nowhere", "--scratch"].iter().all(|word| message.contains(word)),
            "{message}"
        );
        assert_eq!(message.matches("/nowhere").count(), message.lines().count(), "said once: {message}");
    }
}

#[test]
fn what_cannot_be_is_refused_before_training() {
    let folder = folder();
    refused(folder.path(), &["--scratch", "nowhere"], &["--scratch", "nowhere"]);
    refused(folder.path(), &["--memory", "1MB"], &["--memory 1000000", "layer input", "784", "at least 6422528"]);
    let output = run_small(folder.path(), &["--memory", "plenty"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(run_small(folder.path(), &["--memory", "6422528"]).status.success(), "the least that was named is enough");
}

/// Returns the columns of a table up to the probes, and the probes.
fn table(folder: &Path) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let text = String::from_utf8(read(folder, "depth.csv")).expect("text");
    let rows = text.lines().skip(1).map(|line| line.split(',').map(String::from).collect::<Vec<_>>());
    rows.map(|row| (row[..12].to_vec(), row[12..].to_vec())).unzip()
}

#[test]
fn depths_alone_are_the_same_and_the_rest_is_left_out() {
    let folder = folder();
    let whole = run_all(folder.path(), &["--label-noise", "0.1", "--out", "whole"]);
    let only = run_all(folder.path(), &["--label-noise", "0.1", "--out", "only", "--depth-only"]);
    let (whole_table, only_table) = (table(&folder.path().join("whole")), table(&folder.path().join("only")));
    assert!(whole_table.0 == only_table.0, "depths, predictions and margins");
    let cells = || whole_table.1.iter().flatten().zip(only_table.1.iter().flatten());
    assert!(cells().all(|(whole, only)| only.is_empty() || whole == only));
    let asked = cells().filter(|(_, only)| !only.is_empty()).count();
    assert_eq!(only["work"]["probes"], asked);
    assert_eq!(only["work"]["probes_of_all"], cells().count());
    assert!(asked < cells().count());
    for split in ["train", "validation", "test"] {
        for key in ["depth_histogram", "mean_depth", "mean_depth_determined", "undetermined", "accuracy_by_depth"] {
            assert_eq!(whole[split][key], only[split][key], "{split} {key}");
        }
        assert!(only[split]["probe_accuracy"][0].is_null() && only[split]["tied_votes"].is_null(), "{only}");
        assert_eq!(only[split]["probe_accuracy"][3], whole[split]["probe_accuracy"][3], "the last is always asked");
        assert!(whole[split]["probe_accuracy"][0].is_number() && whole[split]["tied_votes"].is_number());
    }
    assert!(whole["work"].is_null());

    let study = Study::from_bytes(&read(&folder.path().join("only"), "study.safetensors")).expect("a study");
    assert_eq!(study.measured.probes.iter().flatten().filter(|&&probe| probe != UNPROBED).count(), asked);
    let report = |run: &str| String::from_utf8(read(&folder.path().join(run), "report.html")).expect("text");
    assert!(report("whole").contains("Accuracy of the probes") && !report("whole").contains("not probed"));
    assert!(!report("only").contains("Accuracy of the probes") && report("only").contains("not probed"));
    let output = run_small(folder.path(), &["--depth-only"]);
    assert!(text(&output.stdout).contains("% of the multiply-adds"), "{}", text(&output.stdout));
}

/// A support of 640 MiB is searched within 64 MiB. Held in memory, it exceeds the limit, and the check fails.
#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells the peak")]
fn a_search_stays_within_its_memory() {
    let folder = folder();
    let peak = |more: &[&str]| {
        let mut command = Command::cargo_bin("peak_memory").expect("`cargo build --workspace --bins` makes it");
        let size = ["--queries", "8", "--support", "20480", "--dims", "8192", "--memory", "64MiB"];
        let output = command.current_dir(folder.path()).args(size).args(more).output().expect("it starts");
        println!("{}{}", text(&output.stdout), text(&output.stderr));
        output.status.code()
    };
    assert_eq!(peak(&["--scratch", "."]), Some(0));
    assert_eq!(peak(&["--hold"]), Some(1));
    assert!(entries(folder.path()).is_empty());
}
