//! Tests of `pdepth depth --shard` and `pdepth depth merge`: the run folder does not depend on the number of shards.

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use prediction_depth_tests::{Shown, activations, entries, flip, pdepth, text};
use serde_json::{Value, json};

/// The splits; `few` is called before `test`, so that the order of splits is not that of their numbers.
const SPLITS: [&str; 6] = ["--train", "acts/train", "--held-out", "few=acts/few", "--held-out", "test=acts/test"];

/// Runs `pdepth depth` with `more` options.
fn depth(folder: &Path, more: &[&str]) -> Output {
    pdepth(folder, &[&["depth"], &SPLITS[..], &["--k", "5", "--device", "cpu", "--quiet"], more].concat())
}

fn done(output: Output) -> Output {
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

/// Measures all shards into the folder `shards`, and returns their files in a mixed order.
fn shards(folder: &Path, of: usize, more: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    for index in 0..of {
        let shard = format!("{index}/{of}");
        done(depth(folder, &[&["--shard", &shard, "--out", "shards"], more].concat()));
        names.insert(index / 2, format!("shards/shard-{index}-of-{of}.safetensors"));
    }
    names
}

fn merge(folder: &Path, names: &[String], more: &[&str]) -> Output {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    pdepth(folder, &[&["depth", "merge"], &names[..], more].concat())
}

/// Returns the files of a run by name; of the manifest all but its times and its place.
fn files(run: &Path) -> Vec<(String, Vec<u8>)> {
    let file = |name: String| {
        let mut bytes = fs::read(run.join(&name)).expect("a file");
        if name == "manifest.json" {
            let mut manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
            for (part, key) in [("/about/result", "seconds"), ("/about/result", "run"), ("", "manifest_sha256")] {
                let part = manifest.pointer_mut(part).and_then(Value::as_object_mut);
                part.expect("an object").remove(key).expect("a value");
            }
            bytes = serde_json::to_vec_pretty(&manifest).expect("JSON");
        }
        (name, bytes)
    };
    entries(run).into_iter().map(file).collect()
}

/// Checks that shards, merged, make the run folder of a whole measurement with the same options.
fn agree(sizes: [usize; 3], shown: Shown, numbers: &[usize], more: &[&str]) {
    let folder = activations(sizes, shown);
    let folder = folder.path();
    done(depth(folder, &[&["--out", "whole"], more].concat()));
    let whole = files(&folder.join("whole"));
    assert_eq!(whole.len(), 5, "{more:?}");
    let manifest: Value = serde_json::from_slice(&whole[2].1).expect("JSON");
    assert_ne!(manifest["about"]["result"]["train"]["tied_votes"], 0, "{more:?}: no vote is tied");
    for &of in numbers {
        let (names, run) = (shards(folder, of, more), format!("merged-{of}"));
        done(merge(folder, &names, &["--out", &run]));
        for ((name, whole), (_, merged)) in whole.iter().zip(files(&folder.join(run))) {
            assert!(*whole == merged, "{more:?}, {of} shards: {name}");
        }
    }
}

const NUMBERS: [usize; 4] = [1, 2, 3, 7];

#[test]
fn leave_one_out() {
    agree([40, 15, 4], Shown::Texts, &NUMBERS, &[]);
}

#[test]
fn an_example_among_its_own_neighbours_and_ties_to_the_nearest() {
    agree([40, 15, 4], Shown::Images, &NUMBERS, &["--include-self", "--ties", "nearest"]);
}

#[test]
fn layers_in_blocks() {
    agree([40, 15, 4], Shown::Table, &NUMBERS, &["--memory", "600"]);
}

#[test]
fn depths_alone() {
    agree([40, 15, 4], Shown::Texts, &NUMBERS, &["--depth-only"]);
    agree([40, 15, 4], Shown::Texts, &[3], &["--depth-only", "--include-self", "--memory", "600"]);
}

#[test]
fn representations() {
    agree([40, 15, 4], Shown::Texts, &NUMBERS, &["--representations"]);
}

#[test]
fn other_metrics_some_voters_and_pooled_layers() {
    let pool = ["--pool", "average:3", "--channels", "first", "--representations"];
    agree(
        [40, 15, 4],
        Shown::Texts,
        &NUMBERS,
        &[&["--metric", "cosine", "--support-per-class", "4"], &pool[..]].concat(),
    );
    let random = ["--metric", "manhattan", "--support", "20", "--support-seed", "3", "--memory", "600"];
    agree([40, 15, 4], Shown::Texts, &[3], &random);
    agree([40, 15, 4], Shown::Texts, &[3], &[&random[..], &["--depth-only"]].concat());
}

#[test]
fn more_shards_than_training_examples() {
    agree([12, 30, 2], Shown::Texts, &[20, 30], &[]);
    agree([12, 30, 2], Shown::Texts, &[20], &["--depth-only"]);
    let folder = activations([12, 30, 2], Shown::Texts);
    let output = depth(folder.path(), &["--shard", "0/31", "--out", "shards"]);
    refused(&output, &["--shard", "shards = 31", "from 1 to 30"]);
    assert!(!folder.path().join("shards").exists());
}

fn refused(output: &Output, words: &[&str]) {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{words:?}: {message}");
    assert!(output.stdout.is_empty(), "{words:?} printed a result");
    assert_eq!(message.lines().count(), 1, "{message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

#[test]
fn a_shard_tells_its_rows_and_is_kept_when_it_is_there() {
    let folder = activations([40, 15, 4], Shown::Texts);
    let shard = |more: &[&str]| {
        let output = done(depth(folder.path(), &[&["--json", "--shard", "1/3"], more].concat()));
        serde_json::from_slice::<Value>(&output.stdout).expect("one object")
    };
    let (file, made) = ("one/shard-1-of-3.safetensors", shard(&["--out", "one"]));
    assert_eq!((&made["out"], &made["shard"], &made["k"]), (&json!(file), &json!("1/3"), &json!(5)));
    assert_eq!(made["rows"], json!({"train": [13, 26], "few": [1, 2], "test": [5, 10]}));
    assert_eq!(made["kept"], json!(false));
    let (bytes, changed) = (fs::read(folder.path().join(file)).expect("a shard"), |file: &str| {
        fs::metadata(folder.path().join(file)).and_then(|there| there.modified()).expect("its time")
    });
    let before = changed(file);
    assert_eq!(shard(&["--out", "one"])["kept"], json!(true));
    assert_eq!(changed(file), before, "it was not written again");
    // A name of its own; neither the place nor the memory changes the bytes.
    shard(&["--out", "new/mine.safetensors", "--memory", "600"]);
    assert!(bytes == fs::read(folder.path().join("new/mine.safetensors")).expect("a shard"));

    for part in ["train rows 26 to 40 of 40, few rows 2 to 4 of 4, test rows 10 to 15 of 15", "it was there already"] {
        let said = text(&done(depth(folder.path(), &["--shard", "2/3", "--out", "one"])).stdout);
        assert!(said.contains("shard 2/3") && said.contains(part), "{said}");
    }
}

#[test]
fn what_is_in_the_way_of_a_shard_stays() {
    let folder = activations([40, 15, 4], Shown::Texts);
    let file = ["--out", "it.safetensors"];
    let try_shard = |more: &[&str]| depth(folder.path(), &[&file[..], more].concat());
    done(try_shard(&["--shard", "1/3"]));
    let before = fs::read(folder.path().join("it.safetensors")).expect("a shard");
    refused(&try_shard(&["--shard", "2/3"]), &["it.safetensors", "shard 1/3 is in the way", "delete it"]);
    refused(&try_shard(&["--shard", "1/4"]), &["another measurement", "number of shards is 3, not 4", "delete it"]);
    refused(&try_shard(&["--shard", "1/3", "--k", "6"]), &["probing.k is 5, not 6"]);
    assert!(before == fs::read(folder.path().join("it.safetensors")).expect("a shard"));
    fs::write(folder.path().join("it.safetensors"), "mine").expect("a file");
    refused(&try_shard(&["--shard", "1/3"]), &["it.safetensors", "in the way", "not a valid depth shard"]);
    fs::write(folder.path().join("file"), "mine").expect("a file");
    refused(&depth(folder.path(), &["--shard", "1/3", "--out", "file"]), &["--out file"]);
}

#[test]
fn missing_doubled_and_mixed_shards_are_refused_by_name() {
    let folder = activations([40, 15, 4], Shown::Texts);
    let folder = folder.path();
    let names = shards(folder, 3, &[]);
    let merged =
        |files: &[&str]| merge(folder, &files.iter().map(|&file| file.into()).collect::<Vec<_>>(), &["--out", "run"]);
    let [zero, one, two] = [0, 1, 2].map(|shard| format!("shards/shard-{shard}-of-3.safetensors"));
    assert!(names.contains(&two));
    refused(&merged(&[&one]), &["of 3 shards", "missing: 0, 2"]);
    refused(&merged(&[&zero, &one, &two, &one]), &[&one, "shard 1/3 is there twice"]);

    // Like shard 1/3, but of other measurements.
    let labels = fs::read(folder.join("acts/train/labels.npy")).expect("labels");
    for (name, more, what) in [
        ("k", &["--k", "6"][..], "whose probing.k is 6, not 5"),
        ("self", &["--include-self"], "probing.include_self is true, not false"),
        ("only", &["--depth-only"], "depth_only is true, not false"),
        ("title", &["--title", "mine"], r#"title is "mine", not "acts""#),
        ("number", &["--shard", "1/4"], "number of shards is 4, not 3"),
        ("more", &["--held-out", "more=acts/few"], "number of activations is 4, not 3"),
        ("files", &[], "activations.train.sha256"),
    ] {
        if name == "files" {
            flip(&folder.join("acts/train/labels.npy"), labels.len() - 8);
        }
        let file = format!("{name}.safetensors");
        let shard = if name == "number" { &[][..] } else { &["--shard", "1/3"] };
        done(depth(folder, &[shard, more, &["--out", &file]].concat()));
        refused(&merged(&[&zero, &file, &two]), &[&file, "another measurement", what]);
    }

    let bytes = fs::read(folder.join(&one)).expect("a shard");
    fs::write(folder.join("cut.safetensors"), &bytes[..bytes.len() - 8]).expect("writable");
    refused(&merged(&[&zero, "cut.safetensors", &two]), &["cut.safetensors", "not a valid"]);
    fs::write(folder.join("flipped.safetensors"), &bytes).expect("writable");
    flip(&folder.join("flipped.safetensors"), bytes.len() - 8);
    refused(&merged(&[&zero, "flipped.safetensors", &two]), &["flipped.safetensors", "not a valid depth shard"]);
    refused(&merged(&["shards"]), &["shards: it is a folder", "shards/*.safetensors"]);
    refused(&merged(&["nowhere.safetensors"]), &["nowhere.safetensors"]);
    assert!(!folder.join("run").exists());
    done(merged(&[&zero, &one, &two]));
}

#[test]
fn shards_started_elsewhere_make_the_result_of_the_first() {
    let folder = activations([40, 15, 4], Shown::Texts);
    let folder = folder.path();
    done(depth(folder, &["--out", "whole"]));
    let mut names = shards(folder, 3, &[]);
    names.retain(|name| !name.contains("shard-1"));
    // The same files by other paths, from another working directory.
    fs::create_dir(folder.join("below")).expect("a folder");
    let splits = ["--train", "../acts/train", "--held-out", "few=../acts/few", "--held-out", "test=../acts/test"];
    let options = ["--k", "5", "--device", "cpu", "--quiet", "--shard", "1/3", "--out", "."];
    done(pdepth(&folder.join("below"), &[&["depth"], &splits[..], &options].concat()));
    names.insert(0, "below/shard-1-of-3.safetensors".into());
    let output = done(merge(folder, &names, &["--out", "merged", "--json"]));
    let said = text(&output.stderr);
    for part in ["shard 1", "../acts/train, ../acts/few, ../acts/test", "shard 0, acts/train, acts/few"] {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
    assert_eq!(files(&folder.join("whole")), files(&folder.join("merged")));
    let result: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!((&result["run"], &result["seconds"]["measure"]), (&json!("merged"), &Value::Null));
}

#[test]
fn the_devices_of_all_shards_are_told() {
    let folder = activations([40, 15, 4], Shown::Texts);
    for (index, threads) in [(0, "2"), (1, "1"), (2, "2")] {
        let mut command = Command::cargo_bin("pdepth").expect("`cargo build --workspace --bins` makes it");
        let shard = format!("{index}/3");
        let options = ["--k", "5", "--device", "cpu", "--quiet", "--shard", &shard, "--out", "shards"];
        command
            .current_dir(folder.path())
            .env("RAYON_NUM_THREADS", threads)
            .args([&["depth"], &SPLITS[..], &options].concat());
        done(command.output().expect("it starts"));
    }
    let names = [2, 1, 0].map(|index| format!("shards/shard-{index}-of-3.safetensors"));
    let output = done(merge(folder.path(), &names, &["--json"]));
    let result: Value = serde_json::from_slice(&output.stdout).expect("one object");
    let devices: Vec<&str> = result["device"].as_str().expect("a text").split("; ").collect();
    assert_eq!(devices.len(), 2, "{devices:?}");
    assert!(devices[0].contains("2 threads") && devices[1].contains("1 thread"), "{devices:?}");
}

#[test]
fn usage() {
    let folder = activations([40, 15, 4], Shown::Texts);
    for more in [
        &["--shard", "0/3"][..],
        &["--shard", "3/3", "--out", "x"],
        &["--shard", "0/3", "--out", "x", "--neighbors", "graphs"],
    ] {
        let output = depth(folder.path(), more);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", text(&output.stderr));
    }
    for wrong in [&["depth"][..], &["depth", "merge"], &["depth", "--train", "acts/train", "merge", "x"]] {
        assert_eq!(pdepth(folder.path(), wrong).status.code(), Some(2), "{wrong:?}");
    }
    let help = text(&pdepth(folder.path(), &["depth", "--help"]).stdout);
    assert!(help.contains("pdepth depth [OPTIONS] --train <DIR>") && help.contains("  merge  "), "{help}");
}
