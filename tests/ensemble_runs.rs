//! Tests of `pdepth ensemble` from the outside: whole, in shards or killed and resumed, the result is bit-identical.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use prediction_depth::study::Study;
use prediction_depth_tests::{pdepth, text};
use serde_json::Value;
use tempfile::TempDir;

const MODELS: [&str; 13] = [
    "ensemble",
    "plan",
    "--examples",
    "300",
    "--hidden",
    "16,8",
    "--epochs",
    "8",
    "--label-noise",
    "0.1",
    "--k",
    "10",
    "--runs",
];
const MERGED: [&str; 4] = ["examples.csv", "examples.jsonl", "ensemble.json", "study.safetensors"];

/// Returns a folder with a plan of this many models.
fn planned(runs: &str, more: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let output = pdepth(folder.path(), &[&MODELS[..], &[runs], more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    fs::write(folder.path().join("plan.json"), output.stdout).expect("writable");
    folder
}

fn ensemble(folder: &Path, what: &str, out: &str, more: &[&str]) -> std::process::Output {
    pdepth(folder, &[&["ensemble", what, "--plan", "plan.json", "--out", out], more].concat())
}

fn done(folder: &Path, what: &str, out: &str, more: &[&str]) -> String {
    let output = ensemble(folder, what, out, more);
    assert!(output.status.success(), "{what} {out} {more:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn refused(folder: &Path, what: &str, out: &str, words: &[&str]) {
    let output = ensemble(folder, what, out, &[]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{what} {out}: {message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

fn assert_same(folder: &Path, a: &str, b: &str) {
    for name in MERGED {
        let read = |out: &str| fs::read(folder.join(out).join(name)).expect("a file");
        assert!(read(a) == read(b), "{name} of {a} and {b}");
    }
}

#[test]
fn shards_jobs_and_order_do_not_show() {
    let folder = planned("5", &["--probe-checkpoints", "--margin-examples", "20"]);
    let folder = folder.path();
    done(folder, "run", "whole", &["--quiet", "--jobs", "2"]);
    done(folder, "merge", "whole", &[]);
    assert_eq!(done(folder, "status", "shards", &["--json"]).trim(), r#"{"runs":5,"done":0,"missing":[[0,4]]}"#);
    done(folder, "run", "shards", &["--quiet", "--jobs", "1", "--shard", "2/3"]);
    let status = done(folder, "status", "shards", &[]);
    assert!(status.contains("1 of 5") && status.contains("0-1, 3-4"), "{status}");
    refused(folder, "merge", "shards", &["0-1, 3-4", "--partial"]);
    let partial = done(folder, "merge", "shards", &["--partial"]);
    assert!(partial.contains("PARTIAL") && partial.contains("0-1, 3-4") && partial.contains("No study"), "{partial}");
    for shard in ["1/3", "0/3"] {
        done(folder, "run", "shards", &["--quiet", "--jobs", "3", "--shard", shard]);
    }
    done(folder, "merge", "shards", &[]);
    assert_same(folder, "whole", "shards");

    let again: Value = serde_json::from_str(&done(folder, "run", "whole", &["--quiet", "--json"])).expect("an object");
    assert_eq!((&again["made"], &again["skipped"]), (&0.into(), &5.into()), "what is there is skipped");
    let bytes = fs::read(folder.join("whole/study.safetensors")).expect("a study");
    let study = Study::from_bytes(&bytes).expect("sound");
    for column in ["depth_train", "depth_validation", "input_margin_validation", "kind"] {
        assert_eq!(study.column(column).map(<[f32]>::len), Some(800), "{column}");
    }
    let findings: Value =
        serde_json::from_slice(&fs::read(folder.join("whole/ensemble.json")).expect("it")).expect("JSON");
    assert_eq!(findings["models"], 5);
    assert_eq!(findings["probe_iteration_learned"].as_array().map(Vec::len), Some(4));
    let flipped: u64 =
        findings["kinds"].as_array().expect("kinds").iter().filter_map(|kind| kind["flipped"].as_u64()).sum();
    assert!((1..=30).contains(&flipped), "of those with both depths: {flipped}");
    let report = fs::read_to_string(folder.join("whole/report.html")).expect("a report");
    assert!(report.contains("looks like a different class") && report.contains("<svg"));
}

#[test]
fn the_table_has_the_columns_that_scripts_rely_on() {
    let folder = planned("3", &["--margin-examples", "20"]);
    done(folder.path(), "run", "e", &["--quiet"]);
    done(folder.path(), "merge", "e", &[]);
    let table = fs::read_to_string(folder.path().join("e/examples.csv")).expect("a table");
    let header: Vec<&str> = table.lines().next().expect("a header").split(',').collect();
    let of_classes = ["id", "name", "label_name", "label", "given_label", "consensus"];
    assert_eq!(header[..6], of_classes);
    assert_eq!(header[6..11], ["given_label_name", "consensus_name", "consistency", "c_score", "kind"]);
    for measure in [
        "n",
        "depth",
        "depth_se",
        "iteration_learned",
        "output_margin",
        "input_margin",
        "confidence",
        "entropy",
        "forgetting",
        "el2n",
        "aum",
        "undetermined",
    ] {
        for side in ["train", "validation"] {
            assert!(header.contains(&format!("{measure}_{side}").as_str()), "{measure}_{side}");
        }
    }
    let place = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 800);
    let models = |row: &[&str], side: &str| row[place(&format!("n_{side}"))].parse::<usize>().expect("a number");
    for (id, row) in rows.iter().enumerate() {
        assert_eq!(row[0], id.to_string());
        assert_eq!(models(row, "train") + models(row, "validation"), 3);
        assert_eq!(row[place("depth_train")].is_empty(), models(row, "train") == 0);
    }
    assert!(rows[300..].iter().all(|row| models(row, "validation") == 3), "test images are held out from all");
    let margins = rows.iter().filter(|row| {
        !row[place("input_margin_train")].is_empty() || !row[place("input_margin_validation")].is_empty()
    });
    assert!((1..=20).contains(&margins.count()), "margins are for 20 examples only");
}

/// Returns the number of models of the ensemble `killed`.
fn models(folder: &Path) -> usize {
    fs::read_dir(folder.join("killed/models")).map_or(0, |entries| {
        entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("seed-")).count()
    })
}

#[test]
fn killed_in_the_middle_it_goes_on_with_what_is_there() {
    let folder = planned("6", &[]);
    let folder = folder.path();
    done(folder, "run", "whole", &["--quiet"]);
    done(folder, "merge", "whole", &[]);
    // A watcher that was not scheduled in time sees all models; then try again.
    let in_the_middle = (0..10).any(|_| {
        let _ = fs::remove_dir_all(folder.join("killed"));
        let mut command = Command::new(cargo_bin("pdepth"));
        command.current_dir(folder).args(["ensemble", "run", "--plan", "plan.json", "--out", "killed", "--jobs", "1"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        while models(folder) < 2 && child.try_wait().expect("a process").is_none() {
            sleep(Duration::from_millis(2));
        }
        child.kill().expect("a process");
        child.wait().expect("a process");
        (2..6).contains(&models(folder))
    });
    assert!(in_the_middle, "it makes no models, or was killed too late to tell, ten times");
    done(folder, "run", "killed", &["--quiet"]);
    done(folder, "merge", "killed", &[]);
    assert_same(folder, "whole", "killed");
}

#[test]
fn plans_do_not_mix() {
    let folder = planned("2", &[]);
    let other = planned("2", &["--seed", "7"]);
    let folder = folder.path();
    done(folder, "run", "mine", &["--quiet"]);
    fs::copy(other.path().join("plan.json"), folder.join("other.json")).expect("a plan");
    let mixed = pdepth(folder, &["ensemble", "run", "--plan", "other.json", "--out", "mine", "--quiet"]);
    assert_eq!(mixed.status.code(), Some(1));
    assert!(text(&mixed.stderr).contains("another plan"), "{}", text(&mixed.stderr));
    // A model of another plan, copied by hand.
    let models = folder.join("mine/models");
    let record = fs::read_dir(&models)
        .expect("models")
        .flatten()
        .find(|entry| entry.file_name().to_string_lossy().starts_with("seed-00001"));
    let record = record.expect("a record").path();
    fs::copy(&record, models.join("seed-00007-0123456789abcdef.safetensors")).expect("a copy");
    refused(folder, "merge", "mine", &["seed-00007-0123456789abcdef", "no model of this plan"]);
    fs::remove_file(models.join("seed-00007-0123456789abcdef.safetensors")).expect("it is there");
    let bytes = fs::read(&record).expect("a record");
    fs::write(&record, &bytes[..bytes.len() / 2]).expect("writable");
    refused(folder, "merge", "mine", &["seed-00001"]);
    fs::write(folder.join("plan.json"), "{}").expect("writable");
    refused(folder, "status", "mine", &["plan.json", "not a plan"]);
}
