//! Tests of `pdepth depth` on what goes wrong: nothing is left behind, and what is odd is said.

use std::fs;
use std::path::Path;
use std::process::Output;

use prediction_depth_tests::{Shown, activations, entries, npz, pdepth, text, without_checksum};
use serde_json::Value;
use tempfile::TempDir;

const SPLITS: [&str; 4] = ["--train", "acts/train", "--held-out", "test=acts/test"];

fn folder() -> TempDir {
    activations([40, 15, 4], Shown::Texts)
}

fn depth(folder: &Path, more: &[&str]) -> Output {
    pdepth(folder, &[&["depth", "--device", "cpu", "--quiet"], more].concat())
}

/// Returns the object of `--json`.
fn measured(folder: &Path, more: &[&str]) -> Value {
    let output = depth(folder, &[more, &["--json"]].concat());
    assert!(output.status.success(), "{more:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one object")
}

/// Checks that a command is refused in one line with these words, and changes nothing.
fn refused(folder: &Path, more: &[&str], words: &[&str]) {
    let before = entries(folder);
    let output = depth(folder, more);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{more:?}: {message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    for word in words {
        assert!(message.contains(word), "{more:?}: {word:?} is not in {message:?}");
    }
    assert_eq!(entries(folder), before, "{more:?} left something behind");
}

#[test]
fn a_measurement_that_fails_leaves_no_folder() {
    let folder = folder();
    let layer = folder.path().join("acts/train/layer2.npy");
    let mut bytes = fs::read(&layer).expect("a layer");
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(&layer, bytes).expect("writable");
    let small = [&SPLITS[..], &["--k", "5"]].concat();
    for out in ["new", "new/deep", "new/deep/er", "./new/deep"] {
        refused(folder.path(), &[&small[..], &["--out", out]].concat(), &["layer2.npy[39, 2]", "it is NaN", "mask"]);
        refused(folder.path(), &[&small[..], &["--out", out, "--shard", "1/3"]].concat(), &["it is NaN"]);
        let file = format!("{out}/mine.safetensors");
        refused(folder.path(), &[&small[..], &["--out", &file, "--shard", "1/3"]].concat(), &["it is NaN"]);
    }
    // A folder that was there stays, and so does what is in it.
    fs::create_dir_all(folder.path().join("mine/empty")).expect("a folder");
    refused(folder.path(), &[&small[..], &["--out", "mine/empty"]].concat(), &["it is NaN"]);
    refused(folder.path(), &[&small[..], &["--out", "mine/other/deep"]].concat(), &["it is NaN"]);
    assert!(folder.path().join("mine/empty").is_dir());
}

#[test]
fn a_split_that_is_the_training_split_is_warned_about() {
    let folder = folder();
    let same = ["--train", "acts/train", "--k", "5", "--held-out", "mine=acts/train", "--held-out", "test=acts/test"];
    let warnings = measured(folder.path(), &[&same[..], &["--out", "same"]].concat())["warnings"].to_string();
    assert!(warnings.contains("`mine` holds the same files as the training split"), "{warnings}");
    assert!(!warnings.contains("`test`"), "{warnings}");
    let report = fs::read_to_string(folder.path().join("same/report.html")).expect("a report");
    assert!(report.contains("`mine` holds the same files"), "the report says it");
    // A copy elsewhere is the same; a changed one is not.
    fs::create_dir(folder.path().join("copy")).expect("a folder");
    for name in entries(&folder.path().join("acts/train")) {
        fs::copy(folder.path().join("acts/train").join(&name), folder.path().join("copy").join(&name)).expect("a file");
    }
    let copy = ["--train", "acts/train", "--k", "5", "--held-out", "mine=copy"];
    let said = measured(folder.path(), &[&copy[..], &["--out", "copied"]].concat());
    assert_eq!(said["warnings"].as_array().map(Vec::len), Some(1), "{}", said["warnings"]);
    fs::write(folder.path().join("copy/texts.txt"), "other\n".repeat(40)).expect("writable");
    let said = measured(folder.path(), &[&copy[..], &["--out", "changed"]].concat());
    assert_eq!(said["warnings"], serde_json::json!([]));
    // Shards are merged with the warning.
    for shard in ["0/2", "1/2"] {
        measured(folder.path(), &[&same[..], &["--out", "shards", "--shard", shard]].concat());
    }
    let names = ["shards/shard-0-of-2.safetensors", "shards/shard-1-of-2.safetensors"];
    let merged = pdepth(folder.path(), &["depth", "merge", names[0], names[1], "--out", "merged"]);
    assert!(text(&merged.stdout).contains("WARNING: the held-out split `mine`"), "{}", text(&merged.stdout));
}

#[test]
fn fewer_voters_than_neighbours_are_warned_about() {
    let folder = folder();
    let few = [&SPLITS[..], &["--k", "6", "--support-per-class", "4", "--out", "few"]].concat();
    let warnings = measured(folder.path(), &few)["warnings"].to_string();
    assert!(warnings.contains("only 4 examples of each class vote"), "{warnings}");
    assert!(warnings.contains("at least 2 neighbours"), "{warnings}");
    let enough = [&SPLITS[..], &["--k", "4", "--support-per-class", "4", "--out", "enough"]].concat();
    assert_eq!(measured(folder.path(), &enough)["warnings"], serde_json::json!([]));
}

#[test]
fn too_few_voters_are_refused_in_words_of_the_user() {
    let folder = folder();
    let named = "ant\nbee\nowl\n";
    for split in ["train", "test"] {
        fs::write(folder.path().join("acts").join(split).join("classes.txt"), named).expect("writable");
    }
    let splits = |more: &[&'static str]| [&SPLITS[..], &["--out", "new"], more].concat();
    let none = "and none of them for itself: choose k from 1 to 19";
    refused(folder.path(), &splits(&["--support", "20"]), &["k = 30: only 20 training examples vote", none]);
    let told = ["support-per-class = 25: the class `", "has only", "training examples: choose at most"];
    refused(folder.path(), &splits(&["--support-per-class", "25"]), &told);
    refused(folder.path(), &splits(&["--support", "41"]), &["support = 41: the training split has only 40"]);
    for (name, words) in [
        ("train", "the held-out split \"train\": this is the name of the training split: choose another"),
        ("test", "the held-out split \"test\": another held-out split has this name"),
        (" ", "its name is empty or holds control characters"),
    ] {
        let held_out = format!("{name}=acts/few");
        refused(folder.path(), &[&splits(&[])[..], &["--held-out", &held_out]].concat(), &[words]);
    }
}

#[test]
fn what_is_no_file_does_not_count_as_absent() {
    let folder = folder();
    let train = folder.path().join("acts/train");
    let splits = [&SPLITS[..], &["--k", "5", "--out", "new"]].concat();
    for name in ["layer3.npy", "classes.txt", "table.csv", "mask.npz"] {
        fs::create_dir(train.join(name)).expect("a folder");
        refused(folder.path(), &splits, &[&format!("acts/train/{name}: it is a folder, not a file")]);
        fs::remove_dir(train.join(name)).expect("a folder");
    }
    #[cfg(unix)]
    for name in ["layer3.npy", "classes.txt"] {
        std::os::unix::fs::symlink("nowhere", train.join(name)).expect("a link");
        refused(folder.path(), &splits, &[&format!("acts/train/{name}: it is a link that leads nowhere")]);
        fs::remove_file(train.join(name)).expect("a link");
    }
    // Other folders are left out, and that is said. They do not change what the run is.
    let before = measured(folder.path(), &splits);
    assert_eq!(before["read"]["skipped"], serde_json::json!([]));
    fs::create_dir(train.join("old")).expect("a folder");
    let skipped = measured(folder.path(), &splits)["read"]["skipped"].to_string();
    assert!(skipped.contains("acts/train/old") && skipped.contains("\"folder\""), "{skipped}");
}

#[test]
fn graphs_in_other_files_are_refused() {
    let folder = folder();
    let graphs = folder.path().join("graphs");
    for split in ["train", "test"] {
        fs::create_dir_all(graphs.join(split)).expect("a folder");
    }
    let splits = [&SPLITS[..], &["--k", "5", "--out", "new", "--neighbors", "graphs"]].concat();
    fs::write(graphs.join("train/layer0.npy"), "mine").expect("writable");
    refused(folder.path(), &splits, &["graphs/train/layer0.npy: it is no graph", "scipy.sparse.save_npz"]);
    fs::remove_file(graphs.join("train/layer0.npy")).expect("a file");
    fs::write(graphs.join("train/layer0.npz"), npz(&[], false)).expect("writable");
    fs::create_dir(graphs.join("train/layer1.npz")).expect("a folder");
    refused(folder.path(), &splits, &["graphs/train/layer1.npz: it is a folder, not a file"]);
    for (option, value, words) in [
        ("--metric", "cosine", "metric = cosine: the neighbours were found elsewhere: leave it out"),
        ("--support", "20", "support = 20: the neighbours were found elsewhere: leave it out"),
        ("--support-per-class", "7", "support-per-class = 7: the neighbours were found elsewhere"),
    ] {
        refused(folder.path(), &[&splits[..], &[option, value]].concat(), &[words]);
    }
}

/// Returns a file whose header is changed, without its checksum.
fn with_header(bytes: Vec<u8>, change: impl Fn(&str) -> String) -> Vec<u8> {
    let bytes = without_checksum(bytes);
    let (length, rest) = bytes.split_at(8);
    let length = u64::from_le_bytes(length.try_into().expect("eight bytes")) as usize;
    let header = change(std::str::from_utf8(&rest[..length]).expect("JSON"));
    let header = format!("{header:<width$}", width = header.len().next_multiple_of(8));
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &rest[length..]].concat()
}

/// The counts are far beyond any memory: a list of so many entries would end the program.
#[test]
fn a_shard_that_claims_any_number_of_examples_or_shards_is_refused() {
    const MANY: &str = "1000000000000000";
    let folder = folder();
    let small = [&SPLITS[..], &["--k", "5", "--out", "shards", "--shard"]].concat();
    for shard in ["0/3", "0/40"] {
        measured(folder.path(), &[&small[..], &[shard]].concat());
    }
    let claims = |file: &str, change: &dyn Fn(&str) -> String| {
        let bytes = fs::read(folder.path().join("shards").join(file)).expect("a shard");
        fs::write(folder.path().join("claims.safetensors"), with_header(bytes, change)).expect("writable");
        let output = pdepth(folder.path(), &["depth", "merge", "claims.safetensors", "--out", "run"]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let examples = |header: &str| {
        let changed = header.replacen(r#"\"examples\":40"#, &format!(r#"\"examples\":{MANY}"#), 1);
        assert_ne!(changed, header);
        changed
    };
    let message = claims("shard-0-of-3.safetensors", &examples);
    assert!(message.contains("its examples are not those of its rows"), "{message}");
    let both = |header: &str| {
        let changed = examples(header).replacen(r#""shards":"40""#, &format!(r#""shards":"{MANY}""#), 1);
        assert_ne!(changed, examples(header));
        changed
    };
    let message = claims("shard-0-of-40.safetensors", &both);
    assert!(message.contains("these are missing: 1 to 999999999999999"), "{message}");
}
