//! Tests of `pdepth checkpoints`: its depths are those that `pdepth measure` finds for the weights of each checkpoint.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use prediction_depth_tests::{copy_folder, entries, flip, pdepth, run_small, text};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The steps of the small run's checkpoints: three epochs of three steps.
const STEPS: [u32; 8] = [0, 1, 2, 3, 4, 6, 8, 9];

/// Depth of each example, by split and id.
type Depths = BTreeMap<(String, usize), usize>;

fn done(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = pdepth(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    output.stdout
}

/// Makes the small run in `run`.
fn small(folder: &Path, more: &[&str]) {
    let output = run_small(folder, &[&["--out", "run"], more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// Returns a column of a table as the depths of its rows. No cell of these tables contains a comma.
fn depths(table: &Path, column: &str) -> Depths {
    let table = fs::read_to_string(table).expect("a table");
    let mut rows = table.lines().map(|row| row.split(',').collect::<Vec<_>>());
    let header = rows.next().expect("a header");
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap_or_else(|| panic!("no {name}"));
    let (split, id, depth) = (place("split"), place("id"), place(column));
    let cell = |row: &[&str], place: usize| row[place].parse().expect("a number");
    rows.map(|row| ((row[split].to_owned(), cell(&row, id)), cell(&row, depth))).collect()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

/// Checks that each of these depths is also in `whole`.
fn contained(some: &Depths, whole: &Depths) -> Result<(), String> {
    match some.iter().find(|(example, depth)| whole.get(example) != Some(depth)) {
        Some((example, depth)) => Err(format!("{example:?}: {depth} instead of {:?}", whole.get(example))),
        None => Ok(()),
    }
}

/// Returns the depths that `measure` finds with the weights of a file of the run.
fn measured(folder: &Path, file: &str, more: &[&str]) -> (Depths, Value) {
    let (weights, out) = (format!("run/checkpoints/{file}.safetensors"), format!("of-{file}"));
    let arguments = ["measure", "run", "--weights", &weights, "--out", &out, "--quiet", "--json"];
    let result = json(&done(folder, &[&arguments, more].concat()));
    (depths(&folder.join(out).join("depth.csv"), "depth"), result)
}

#[test]
fn depths_are_those_of_measuring_each_checkpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // The layers take more than half of the least memory, so that the sample below is measured from scratch files.
    let run =
        ["run", "--examples", "300", "--epochs", "3", "--hidden", "300,8", "--label-noise", "0.1", "--out", "run"];
    done(folder, &[&run[..], &["--k", "11", "--include-self", "--ties", "nearest", "--quiet"]].concat());
    let result = json(&done(folder, &["checkpoints", "run", "--quiet", "--json"]));
    let steps: Vec<u64> =
        result["checkpoints"].as_array().expect("a list").iter().filter_map(|at| at["step"].as_u64()).collect();
    assert_eq!(steps, STEPS.map(u64::from));
    let probing = ["--k", "11", "--include-self", "--ties", "nearest"];
    let table = folder.join("run/depths.csv");
    for (place, step) in STEPS.into_iter().enumerate() {
        let (whole, summary) = measured(folder, &format!("step-{step:08}"), &probing);
        let found = depths(&table, &format!("depth_at_{step}"));
        assert_eq!(found.len(), 300 + 500, "all examples");
        assert_eq!(found, whole, "step {step}");
        for split in ["train", "validation", "test"] {
            assert_eq!(result["checkpoints"][place][split], summary[split], "{split} at step {step}");
        }
    }
    let last = depths(&folder.join("run/depth.csv"), "depth");
    assert_eq!(depths(&table, "depth_at_9"), last, "what the run itself measured");
    assert!(contained(&depths(&table, "depth_at_0"), &last).is_err(), "untrained and trained differ");

    let some = ["checkpoints", "run", "--out", "some", "--examples", "40", "--sample-seed", "3", "--quiet"];
    done(folder, &[&some[..], &["--memory", "6500000", "--scratch", "."]].concat());
    let of = |folder: &Path, step: u32| depths(&folder.join("depths.csv"), &format!("depth_at_{step}"));
    for step in STEPS {
        let found = of(&folder.join("some"), step);
        assert_eq!(found.len(), 40 + 30 + 40, "there are 30 validation images");
        contained(&found, &of(&folder.join("run"), step)).unwrap_or_else(|error| panic!("step {step}: {error}"));
    }
    done(folder, &["checkpoints", "run", "--out", "other", "--examples", "40", "--split", "test,train", "--quiet"]);
    let other = of(&folder.join("other"), 0);
    assert!(other.len() == 80 && contained(&other, &of(&folder.join("some"), 0)).is_err(), "another seed draws others");
    contained(&other, &of(&folder.join("run"), 0)).expect("the same depths");
}

#[test]
fn tables_and_report_say_how_layers_settle() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    small(folder, &[]);
    let before = entries(&folder.join("run"));
    let output = text(&done(folder, &["checkpoints", "run", "--split", "train", "--quiet"]));
    for words in ["8 checkpoints; 270 train examples; k = 30", "Depths: 0 input, 1 hidden1, 2 hidden2, 3 softmax"] {
        assert!(output.contains(words), "no {words} in {output}");
    }
    let new = ["checkpoints.csv", "checkpoints.html", "depths.csv", ".pdepth-files.json"];
    let after: Vec<String> = entries(&folder.join("run")).into_iter().filter(|name| !before.contains(name)).collect();
    assert!(after.len() == new.len() && new.iter().all(|name| after.contains(&(*name).to_owned())), "{after:?}");

    let table = fs::read_to_string(folder.join("run/checkpoints.csv")).expect("a table");
    let header = "step,epoch,split,examples,accuracy,mean_depth,mean_depth_determined,undetermined,tied_votes,\
                  depth_input,depth_hidden1,depth_hidden2,depth_softmax,probe_accuracy_input,probe_accuracy_hidden1,\
                  probe_accuracy_hidden2,probe_accuracy_softmax,settled_input,settled_hidden1,settled_hidden2,\
                  settled_softmax,settled_network";
    assert_eq!(table.lines().next(), Some(header));
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), STEPS.len());
    for (row, step) in rows.iter().zip(STEPS) {
        assert_eq!((row[0], row[2], row[3]), (step.to_string().as_str(), "train", "270"));
        let number = |place: usize| row[place].parse::<f64>().expect("a number");
        assert!((number(1) - f64::from(step) / 3.0).abs() < 1e-12, "three steps an epoch");
        assert!((number(7) + (9..13).map(number).sum::<f64>() - 270.0).abs() < 1e-12, "every example has one depth");
        assert!((number(17) - 1.0).abs() < 1e-12, "the input does not change");
        assert!(
            (18..22).all(|place| (number(place) < 1.0) == (step < 9)),
            "settled at the last checkpoint only: {row:?}"
        );
    }

    // An example settles where its prediction changes last: at the checkpoint after the last other class.
    let settled = depths(&folder.join("run/depths.csv"), "probe_iteration_learned_input");
    assert!(settled.len() == 270 && settled.values().all(|&step| step == 0));
    let settled = depths(&folder.join("run/depths.csv"), "probe_iteration_learned_hidden1");
    let at = |step: u32| settled.values().filter(|&&since| since <= step as usize).count() as f64 / 270.0;
    for (row, step) in rows.iter().zip(STEPS) {
        assert!((row[18].parse::<f64>().expect("a number") - at(step)).abs() < 1e-12, "hidden1 at step {step}");
    }

    let report = fs::read_to_string(folder.join("run/checkpoints.html")).expect("a report");
    assert_eq!(report.matches("<svg").count(), 2);
    assert!(!report.contains("src=\"http") && !report.contains("<script"), "it works offline");
    assert!(report.contains("Half of the examples are settled: 0 input at step 0, 1 hidden1 at step "), "{report}");

    // The same command writes the same bytes, and the run stays as it was.
    let kept = ["checkpoints.csv", "checkpoints.html", "depths.csv", "manifest.json", "depth.csv"];
    let bytes = || kept.map(|name| fs::read(folder.join("run").join(name)).expect("a file"));
    let first = bytes();
    done(folder, &["checkpoints", "run", "--split", "train", "--quiet"]);
    assert!(first == bytes(), "equal inputs write equal files");
}

#[test]
fn a_network_with_convolutions_is_followed_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let run = ["train", "--net", "vgg-small", "--width", "0.25", "--examples", "150", "--steps", "3", "--quiet"];
    done(folder, &[&run[..], &["--out", "run"]].concat());
    done(folder, &["checkpoints", "run", "--examples", "20", "--quiet"]);
    let table = folder.join("run/depths.csv");
    for (step, file) in [(2, "step-00000002"), (3, "final")] {
        let found = depths(&table, &format!("depth_at_{step}"));
        assert_eq!(found.len(), 20 + 15 + 20);
        contained(&found, &measured(folder, file, &[]).0).unwrap_or_else(|error| panic!("step {step}: {error}"));
    }
}

/// Checks that the command is refused with one line that contains each of `words`, and that it leaves nothing behind.
fn refused(folder: &Path, arguments: &[&str], words: &[&str]) {
    let before = entries(folder);
    let output = pdepth(folder, arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty() && message.trim_end().lines().count() == 1, "{arguments:?}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: {word:?} is not in {message:?}");
    }
    assert_eq!(before, entries(folder), "{arguments:?} left something behind");
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    small(folder, &[]);
    let output = run_small(folder, &["--out", "final-only", "--checkpoints", "final"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    refused(folder, &["checkpoints", "final-only"], &["final-only", "--checkpoints early"]);
    refused(folder, &["checkpoints", "nowhere"], &["nowhere", "is this a run folder?"]);
    refused(folder, &["checkpoints", "run", "--data", "elsewhere"], &["elsewhere"]);
    let weights = "run/checkpoints/step-00000004.safetensors";
    done(folder, &["measure", "run", "--weights", weights, "--out", "foreign", "--quiet"]);
    refused(folder, &["checkpoints", "foreign"], &["foreign", "come from a file"]);

    copy_folder(&folder.join("run"), &folder.join("damaged"));
    flip(&folder.join("damaged/checkpoints/step-00000006.safetensors"), 500);
    refused(folder, &["checkpoints", "damaged"], &["step-00000006.safetensors", "sha256"]);

    for name in ["checkpoints.csv", "depths.csv", "checkpoints.html"] {
        let place = folder.join("run").join(name);
        fs::write(&place, "mine").expect("writable");
        refused(folder, &["checkpoints", "run"], &[name, "pdepth did not write it"]);
        assert_eq!(fs::read_to_string(&place).expect("mine"), "mine");
        fs::remove_file(place).expect("mine");
    }
    let usage = |arguments: &[&str]| pdepth(folder, arguments).status.code();
    assert_eq!(usage(&["checkpoints", "run", "--sample-seed", "3"]), Some(2), "no sample");
    assert_eq!(usage(&["checkpoints", "run", "--examples", "0"]), Some(2));
}

/// Replaces the weights of a checkpoint by NaN, and names their hash in the manifest, as if the training had kept them.
fn diverge(run: &Path, name: &str) {
    let path = run.join(name);
    let mut bytes = fs::read(&path).expect("weights");
    let end = bytes.len() - 4;
    bytes[end..].copy_from_slice(&f32::NAN.to_le_bytes());
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(path, bytes).expect("writable");
    let manifest = run.join("manifest.json");
    let mut names = json(&fs::read(&manifest).expect("a manifest"));
    names["files_sha256"][name] = hash.into();
    names.as_object_mut().expect("an object").remove("manifest_sha256"); // as manifests from before it had none
    fs::write(manifest, names.to_string()).expect("writable");
}

#[test]
fn a_diverged_checkpoint_is_said_and_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    small(folder, &[]);
    done(folder, &["checkpoints", "run", "--out", "sound", "--examples", "20", "--quiet"]);
    diverge(&folder.join("run"), "checkpoints/step-00000004.safetensors");
    let arguments = ["checkpoints", "run", "--out", "out", "--examples", "20", "--quiet"];
    let output = text(&done(folder, &arguments));
    assert!(
        output.contains("7 checkpoints") && output.contains("WARNING: the checkpoint of step 4 is left out"),
        "{output}"
    );
    let result = json(&done(folder, &[&arguments[..], &["--json"]].concat()));
    assert_eq!(result["left_out"][0]["step"], 4);
    assert_eq!(result["left_out"][0]["file"], "checkpoints/step-00000004.safetensors");
    assert!(result["warnings"].to_string().contains("step 4"), "{}", result["warnings"]);
    let (table, sound) = (folder.join("out/depths.csv"), folder.join("sound/depths.csv"));
    assert!(!fs::read_to_string(&table).expect("a table").contains("depth_at_4"));
    for step in [3, 6] {
        let column = format!("depth_at_{step}");
        assert_eq!(depths(&table, &column), depths(&sound, &column), "the others are measured");
    }
    for step in [0, 1, 2, 3, 6, 8] {
        diverge(&folder.join("run"), &format!("checkpoints/step-{step:08}.safetensors"));
    }
    refused(folder, &["checkpoints", "run", "--out", "none", "--quiet"], &["fewer than two of its 8 checkpoints"]);
}
