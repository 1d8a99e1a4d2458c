//! Tests that no file is used that is not as the program wrote it.

use std::fs;
use std::path::Path;

use prediction_depth::search::Shard;
use prediction_depth::study::Study;
use prediction_depth_tests::{copy_folder, entries, flip, pdepth, run_small, text};
use tempfile::TempDir;

const FINAL: &str = "checkpoints/final.safetensors";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = pdepth(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Checks that a command exits with code 1, with each of `words` in its message, and that it changes no name of a file.
fn fails(folder: &Path, arguments: &[&str], words: &[&str]) {
    let before = entries(folder);
    let output = pdepth(folder, arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: {word:?} is not in {message:?}");
    }
    assert_eq!(entries(folder), before, "{arguments:?}");
}

fn train(folder: &Path, out: &str, more: &[&str]) {
    let small = ["train", "--examples", "300", "--epochs", "2", "--hidden", "16,8", "--quiet", "--out", out];
    done(folder, &[&small[..], more].concat());
}

fn replace(path: &Path, from: &str, to: &str) {
    let before = fs::read_to_string(path).expect("text");
    let after = before.replace(from, to);
    assert_ne!(before, after, "{from:?} is not in {}", path.display());
    fs::write(path, after).expect("writable");
}

#[test]
fn measure_takes_only_the_files_that_training_wrote() {
    let folder = folder();
    let folder = folder.path();
    train(folder, "sound", &[]);
    let out = folder.join("out");
    let measure = ["measure", "out", "--quiet"];
    let damaged = |damage: &dyn Fn(), words: &[&str]| {
        let _ = fs::remove_dir_all(&out);
        copy_folder(&folder.join("sound"), &out);
        damage();
        fails(folder, &measure, words);
    };
    let (matches, changed) = ("does not match its sha256", "changed after pdepth wrote it");
    damaged(&|| flip(&out.join(FINAL), 3000), &["final.safetensors", matches, "copy", "--weights"]);
    damaged(&|| replace(&out.join("config.toml"), "seed = 0", "seed = 1"), &["config.toml", matches]);
    damaged(&|| flip(&out.join("checkpoints/step-00000001.safetensors"), 3000), &["step-00000001", changed]);
    damaged(&|| flip(&out.join("metrics.jsonl"), 3), &["metrics.jsonl", changed]);
    damaged(&|| fs::remove_file(out.join(FINAL)).expect("a file"), &["final.safetensors"]);
    let manifest = out.join("manifest.json");
    damaged(&|| replace(&manifest, "\"version\": 1", "\"version\": 2"), &["version 2", "version 1", "update"]);
    damaged(&|| replace(&manifest, "embedded", "embeddeD"), &["manifest.json", "manifest_sha256"]);
    let text = fs::read_to_string(folder.join("sound/manifest.json")).expect("text");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let zeros = "0".repeat(64);
    for key in ["settings_sha256", "manifest_sha256"] {
        let hash = json[key].as_str().expect("a hash");
        damaged(&|| fs::write(&manifest, text.replace(hash, &zeros)).expect("writable"), &["match"]);
    }

    // An old manifest has no checksum of its own; its hashes still count.
    let mut old = json;
    old.as_object_mut().expect("an object").remove("manifest_sha256");
    let mut zeroed = old.clone();
    zeroed["files_sha256"]["config.toml"] = zeros.clone().into();
    damaged(&|| fs::write(&manifest, zeroed.to_string()).expect("writable"), &["config.toml", matches]);
    zeroed["files_sha256"] = serde_json::json!({});
    damaged(&|| fs::write(&manifest, zeroed.to_string()).expect("writable"), &["config.toml", "names no such file"]);
    let mut zeroed = old.clone();
    zeroed["settings_sha256"] = zeros.into();
    damaged(&|| fs::write(&manifest, zeroed.to_string()).expect("writable"), &["settings_sha256"]);
    copy_folder(&folder.join("sound"), &out);
    fs::write(&manifest, old.to_string()).expect("writable");
    done(folder, &measure);
}

#[test]
fn a_study_is_read_as_it_was_written() {
    let folder = folder();
    let folder = folder.path();
    assert!(run_small(folder, &["--out", "out"]).status.success());
    let study = folder.join("out/study.safetensors");
    let sound = fs::read(&study).expect("a study");
    fs::write(folder.join("alone.safetensors"), &sound).expect("writable");
    assert_eq!(Study::from_bytes(&sound).and_then(|study| study.to_bytes()).expect("sound"), sound);

    // The last byte is a pixel: no check of the content would notice it.
    flip(&study, sound.len() - 1);
    fails(folder, &["issues", "out"], &["study.safetensors", "does not match its sha256 in manifest.json"]);
    fails(folder, &["export", "out"], &["study.safetensors", "does not match its sha256 in manifest.json"]);
    let alone = folder.join("alone.safetensors");
    flip(&alone, sound.len() - 1);
    fails(folder, &["issues", "alone.safetensors"], &["alone.safetensors", "sha256 in its metadata"]);
    fails(folder, &["export", "alone.safetensors"], &["alone.safetensors", "sha256 in its metadata"]);
    let title = String::from_utf8_lossy(&sound).find("seed 0").expect("a title");
    fs::write(&alone, &sound).expect("writable");
    flip(&alone, title + 5);
    fails(folder, &["issues", "alone.safetensors"], &["sha256 in its metadata"]);

    fs::create_dir(folder.join("bare")).expect("a folder");
    fs::write(folder.join("bare/study.safetensors"), &sound).expect("writable");
    fails(folder, &["issues", "bare"], &["bare", "holds no run"]);
    done(folder, &["issues", "bare/study.safetensors", "--out", "issues"]);
}

#[test]
fn a_folder_whose_files_are_being_moved_in_is_not_read() {
    let folder = folder();
    let folder = folder.path();
    assert!(run_small(folder, &["--out", "out"]).status.success());
    let partial = folder.join(".pdepth-partial-out");
    fs::create_dir(&partial).expect("a folder");
    fs::copy(folder.join("out/manifest.json"), partial.join("manifest.json")).expect("a file");
    for command in ["issues", "export"] {
        fails(folder, &[command, "out"], &["out", "was stopped", "completes"]);
    }
}

#[test]
fn a_damaged_state_of_a_training_is_named() {
    let folder = folder();
    let folder = folder.path();
    let run = ["--out", "out"];
    assert!(run_small(folder, &run).status.success());
    // A stopped run, as far as the program can tell.
    let hash: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("out/manifest.json")).expect("a file")).expect("JSON");
    fs::remove_dir_all(folder.join("out")).expect("a folder");
    let partial = folder.join(".pdepth-partial-out");
    fs::create_dir(&partial).expect("a folder");
    let claim = serde_json::json!({"settings_sha256": hash["settings_sha256"]});
    fs::write(partial.join(".claim.json"), claim.to_string()).expect("writable");
    fs::write(partial.join(".state.safetensors"), b"cut off").expect("writable");
    let output = run_small(folder, &["--out", "out", "--resume"]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    for word in [".state.safetensors", "cannot be continued", "delete", "trains again"] {
        assert!(message.contains(word), "{word}: {message}");
    }
    fs::remove_dir_all(&partial).expect("a folder");
    assert!(run_small(folder, &["--out", "out", "--resume"]).status.success());
}

#[test]
fn damaged_records_are_named_set_aside_and_made_again() {
    let folder = folder();
    let folder = folder.path();
    let plan = ["ensemble", "plan", "--runs", "3", "--examples", "100", "--steps", "2", "--hidden", "8", "--k", "3"];
    fs::write(folder.join("plan.json"), done(folder, &plan)).expect("writable");
    let ensemble = |what: &'static str| ["ensemble", what, "--plan", "plan.json", "--out", "e"];
    done(folder, &[&ensemble("run")[..], &["--quiet"]].concat());
    let models = folder.join("e/models");
    let record = |seed: u64| {
        let name = entries(&models).into_iter().find(|name| name.starts_with(&format!("seed-{seed:05}")));
        models.join(name.expect("a record"))
    };
    let sound: Vec<Vec<u8>> = (0..3).map(|seed| fs::read(record(seed)).expect("a file")).collect();
    let study = fs::read(models.join("first-study.safetensors")).expect("a file");

    let damages: [&dyn Fn(); 5] = [
        &|| flip(&record(1), sound[1].len() - 1),
        &|| fs::write(record(1), &sound[1][..sound[1].len() / 2]).expect("writable"),
        &|| fs::write(record(1), b"").expect("writable"),
        &|| fs::write(record(1), &sound[2]).expect("writable"),
        &|| flip(&models.join("first-study.safetensors"), study.len() - 1),
    ];
    for (place, damage) in damages.into_iter().enumerate() {
        damage();
        let name = if place < 4 { "seed-00001" } else { "first-study" };
        let status = done(folder, &ensemble("status"));
        assert!(status.contains("is damaged") && status.contains(name), "{place}: {status}");
        fails(folder, &ensemble("merge"), &[name]);
        let output = pdepth(folder, &[&ensemble("run")[..], &["--quiet"]].concat());
        let said = text(&output.stderr);
        assert!(output.status.success() && said.contains(name) && said.contains(".damaged"), "{place}: {said}");
        assert_eq!(fs::read(record(1)).expect("a file"), sound[1], "{place}");
        assert_eq!(fs::read(models.join("first-study.safetensors")).expect("a file"), study, "{place}");
        let aside = entries(&models).iter().filter(|name| name.contains(".damaged")).count();
        assert_eq!(aside, place + 1, "none is deleted");
    }
    flip(&record(1), 9);
    let partial = done(folder, &[&ensemble("merge")[..], &["--partial"]].concat());
    assert!(partial.contains("seed 1 is left out"), "{partial}");
    done(folder, &[&ensemble("run")[..], &["--quiet"]].concat());
    done(folder, &ensemble("merge"));
    flip(&folder.join("e/study.safetensors"), 5000);
    fails(folder, &["export", "e"], &["study.safetensors", "does not match"]);
}

#[test]
fn a_changed_shard_of_a_search_is_refused() {
    let shard = Shard {
        search: prediction_depth::search::ShardedSearch {
            shards: 1,
            k: 1,
            support: [3, 2],
            queries: 1,
            leave_one_out: false,
            support_sha256: "a".into(),
            queries_sha256: "b".into(),
        },
        index: 0,
        neighbors: prediction_depth::search::Neighbors { k: 1, indices: vec![1], distances: vec![2.0] },
    };
    let mut bytes = shard.to_bytes().expect("a file");
    assert_eq!(Shard::from_bytes(&bytes).expect("sound"), shard);
    *bytes.last_mut().expect("a byte") ^= 2;
    let error = Shard::from_bytes(&bytes).expect_err("changed").to_string();
    assert!(error.contains("sha256 in its metadata"), "{error}");
}
