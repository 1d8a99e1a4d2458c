//! Tests that no command deletes or replaces a file that the program did not write, and that a run that failed does not
//! block its folder.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use prediction_depth_tests::{copy_folder, entries, pdepth, refused, run_small, text};
use tempfile::TempDir;

const TRAIN: [&str; 10] =
    ["train", "--examples", "300", "--epochs", "3", "--hidden", "16,8", "--quiet", "--out", "out"];
const MINE: [&str; 3] = ["out/mine/thesis.txt", "out/notes.csv", "out/checkpoints/mine.txt"];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = pdepth(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stderr)
}

/// Checks that a command exits with code 1, and that its message contains each of `words`.
fn fails(folder: &Path, arguments: &[&str], words: &[&str]) {
    let output = pdepth(folder, arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
    for word in words {
        assert!(message.contains(word), "{arguments:?}: {word:?} is not in {message:?}");
    }
}

fn write(folder: &Path, name: &str, bytes: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("writable");
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Checks that the user's files are as they were, and that nothing hidden lies beside.
fn assert_mine(folder: &Path) {
    for name in MINE {
        assert_eq!(read(folder, name), b"years of work", "{name}");
    }
    assert!(!folder.join(".pdepth-partial-out").exists());
}

fn manifest(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&read(folder, "out/manifest.json")).expect("JSON")
}

#[test]
fn files_in_a_run_folder_survive_every_command() {
    let folder = folder();
    let folder = folder.path();
    done(folder, &TRAIN);
    MINE.iter().for_each(|name| write(folder, name, "years of work"));
    done(folder, &TRAIN);
    assert_mine(folder);
    done(folder, &["measure", "out", "--quiet"]);
    assert_mine(folder);
    assert!(manifest(folder)["files_sha256"]["checkpoints/mine.txt"].is_null(), "it is no file of the run");
    for _ in 0..2 {
        done(folder, &["issues", "out"]);
        done(folder, &["export", "out"]);
        assert_mine(folder);
    }
    let issues = read(folder, "out/issues.csv");
    let depths = read(folder, "out/depth.csv");
    assert!(run_small(folder, &["--out", "out", "--checkpoints", "final"]).status.success());
    assert_mine(folder);
    assert_eq!((issues, depths), (read(folder, "out/issues.csv"), read(folder, "out/depth.csv")));
    let steps = entries(&folder.join("out/checkpoints"));
    assert_eq!(steps, ["final.safetensors", "mine.txt"], "checkpoints of the run before are removed");
}

#[test]
fn a_file_that_the_program_did_not_write_is_in_the_way() {
    let folder = folder();
    let folder = folder.path();
    done(folder, &TRAIN);
    write(folder, "out/depth.csv", "my own");
    fails(folder, &["measure", "out", "--quiet"], &["out/depth.csv", "did not write", "move it"]);
    fs::remove_file(folder.join("out/depth.csv")).expect("it is there");
    done(folder, &["measure", "out", "--quiet"]);

    write(folder, "out/issues.csv", "my own");
    fails(folder, &["issues", "out"], &["out/issues.csv", "did not write", "move it"]);
    assert_eq!(read(folder, "out/issues.csv"), b"my own");
    fs::remove_file(folder.join("out/issues.csv")).expect("it is there");
    done(folder, &["issues", "out"]);
    write(folder, "out/issues.csv", "my notes in it");
    fails(folder, &["issues", "out"], &["out/issues.csv", "was changed"]);

    write(folder, "study.safetensors.gz", "my own");
    fails(folder, &["export", "out"], &["study.safetensors.gz", "did not write"]);
    assert_eq!(read(folder, "study.safetensors.gz"), b"my own");

    write(folder, "out/config.toml", "# my notes in it");
    refused(folder, &["--out", "out"], &["out/config.toml", "was changed"]);
}

#[test]
fn files_in_the_folder_of_an_ensemble_survive() {
    let folder = folder();
    let folder = folder.path();
    let plan = ["ensemble", "plan", "--runs", "2", "--examples", "100", "--steps", "2", "--hidden", "8", "--k", "3"];
    let plan = pdepth(folder, &[&plan[..], &["--margin-examples", "0"]].concat());
    fs::write(folder.join("plan.json"), plan.stdout).expect("writable");
    let planned = |what: &'static str| ["ensemble", what, "--plan", "plan.json", "--out", "e"];
    done(folder, &[&planned("run")[..], &["--quiet"]].concat());
    write(folder, "e/mine/thesis.txt", "years of work");
    write(folder, "e/report.html", "my own");
    fails(folder, &planned("merge"), &["e/report.html", "did not write"]);
    assert_eq!(read(folder, "e/report.html"), b"my own");
    fs::rename(folder.join("e/report.html"), folder.join("e/mine/report.html")).expect("a file");
    done(folder, &planned("merge"));
    done(folder, &[&planned("merge")[..], &["--validation-cut", "0.5"]].concat());
    assert_eq!(
        (read(folder, "e/mine/thesis.txt"), read(folder, "e/mine/report.html")),
        (b"years of work".into(), b"my own".into())
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let folder = folder.path();
    fs::create_dir_all(folder.join("disk/large")).expect("a folder");
    symlink("disk/large", folder.join("out")).expect("a link");
    for _ in 0..2 {
        assert!(run_small(folder, &["--out", "out"]).status.success());
        assert!(folder.join("out").is_symlink() && folder.join("disk/large/depth.csv").is_file());
    }
    fs::create_dir(folder.join("elsewhere")).expect("a folder");
    for name in ["study.safetensors", "issues.csv"] {
        done(folder, &["issues", "out"]);
        fs::rename(folder.join("out").join(name), folder.join("elsewhere").join(name)).expect("a file");
        symlink(folder.join("elsewhere").join(name), folder.join("out").join(name)).expect("a link");
    }
    done(folder, &["issues", "out"]);
    assert!(run_small(folder, &["--out", "out"]).status.success());
    for name in ["study.safetensors", "issues.csv"] {
        assert!(folder.join("out").join(name).is_symlink() && folder.join("elsewhere").join(name).is_file(), "{name}");
    }
    symlink("disk/new", folder.join("later")).expect("a link to nothing yet");
    assert!(run_small(folder, &["--out", "later"]).status.success());
    assert!(folder.join("later").is_symlink() && folder.join("disk/new/depth.csv").is_file());
    done(folder, &["export", "out", "--out", "/dev/null"]);
}

/// Makes a folder as the program leaves it when it is killed after `moved` files were put into place.
#[test]
fn a_run_that_was_killed_while_its_files_were_put_into_place_is_completed() {
    let folder = folder();
    let folder = folder.path();
    done(folder, &TRAIN);
    MINE.iter().for_each(|name| write(folder, name, "years of work"));
    let train = folder.join("before");
    copy_folder(&folder.join("out"), &train);
    done(folder, &["measure", "out", "--quiet"]);
    let whole = entries(&folder.join("out"));
    let new = manifest(folder);
    let old: serde_json::Value = serde_json::from_slice(&read(folder, "before/manifest.json")).expect("JSON");
    let mut names: Vec<String> = new["files_sha256"].as_object().expect("names").keys().cloned().collect();
    names.sort_by_key(|name| name == "config.toml");
    fs::rename(folder.join("out"), folder.join("after")).expect("a folder");
    for moved in [0, 1, names.len() - 1, names.len()] {
        let [out, partial] = ["out", ".pdepth-partial-out"].map(|name| folder.join(name));
        let _ = fs::remove_dir_all(&out);
        copy_folder(&train, &out);
        fs::create_dir_all(partial.join("checkpoints")).expect("a folder");
        let claim = serde_json::json!({"settings_sha256": new["settings_sha256"], "replaces": old["settings_sha256"]});
        fs::write(partial.join(".claim.json"), claim.to_string()).expect("writable");
        fs::copy(folder.join("after/manifest.json"), partial.join("manifest.json")).expect("a file");
        for (place, name) in names.iter().enumerate() {
            let to = if place < moved { &out } else { &partial };
            fs::copy(folder.join("after").join(name), to.join(name)).expect("a file");
        }
        let said = done(folder, &["measure", "out", "--quiet"]);
        assert!(said.contains("completed the run"), "{moved}: {said}");
        assert_eq!(entries(&out), whole, "{moved}");
        assert_eq!(manifest(folder), new, "{moved}: it is not measured again");
        assert_mine(folder);
    }
}

/// A run that is stopped while it measures: its training takes no time, its measurement seconds.
#[cfg(unix)]
#[test]
fn a_stopped_run_names_the_command_that_continues_and_does_not_block_its_folder() {
    let folder = folder();
    let folder = folder.path();
    let long = ["run", "--steps", "1", "--hidden", "2048,2048,2048", "--quiet", "--device", "cpu", "--out", "my run"];
    let state = folder.join(".pdepth-partial-my run/checkpoints/final.safetensors");
    let once = || {
        let mut command = Command::new(cargo_bin("pdepth"));
        command.env("RAYON_NUM_THREADS", "1").stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.current_dir(folder).args(long).spawn().expect("it starts");
        let start = Instant::now();
        while !state.exists() {
            assert!(start.elapsed() < Duration::from_secs(600), "it does not train");
            sleep(Duration::from_millis(1));
        }
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
        child.wait_with_output().expect("a process")
    };
    // A run may end before the signal arrives; then it is made again.
    let stop = || {
        let stopped = (0..10).find_map(|_| {
            let output = once();
            if output.status.success() {
                fs::remove_dir_all(folder.join("my run")).expect("a folder");
            }
            (!output.status.success()).then_some(output)
        });
        stopped.expect("ten runs ended before they were stopped")
    };
    let output = stop();
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "it ended before it was stopped: {message}");
    assert!(message.contains("stopped in the measurement"), "{message}");
    let command = message.rsplit_once(": ").expect("a command").1.trim();
    assert!(command.starts_with("pdepth run ") && command.ends_with("--out 'my run' --resume"), "{command}");
    let continued = pdepth(folder, &[&long[..], &["--resume"]].concat());
    assert!(continued.status.success(), "{}", text(&continued.stderr));

    fs::remove_dir_all(folder.join("my run")).expect("a folder");
    assert_eq!(stop().status.code(), Some(1));
    let other = run_small(folder, &["--out", "my run"]);
    let said = text(&other.stderr);
    assert!(other.status.success() && said.contains("replaces") && said.contains("seed 0"), "{said}");
    assert!(folder.join("my run/depth.csv").is_file());
}

#[test]
fn a_manifest_of_another_program_is_no_run() {
    let folder = folder();
    let folder = folder.path();
    let (theirs, bytes) = (folder.join("theirs"), br#"{"manifest_version":3,"name":"an extension"}"#);
    fs::create_dir(&theirs).expect("a folder");
    fs::write(theirs.join("manifest.json"), bytes).expect("a file");
    let output = run_small(folder, &["--out", "theirs"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("holds no run"), "{}", text(&output.stderr));
    assert_eq!(fs::read(theirs.join("manifest.json")).expect("a file"), bytes);
    assert!(!theirs.join("depth.csv").exists());
}

#[test]
fn other_weights_do_not_replace_a_trained_network() {
    let folder = folder();
    let folder = folder.path();
    let train = |seed: &str, out: &str| {
        let common = ["train", "--examples", "100", "--steps", "2", "--hidden", "8", "--quiet"];
        let output = pdepth(folder, &[&common[..], &["--seed", seed, "--out", out]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        fs::read(folder.join(out).join("checkpoints/final.safetensors")).expect("weights")
    };
    let (own, other) = (train("0", "own"), train("1", "other"));
    assert_ne!(own, other);
    let weights = "other/checkpoints/final.safetensors";
    let output = pdepth(folder, &["measure", "own", "--weights", weights, "--quiet"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("choose another folder"), "{}", text(&output.stderr));
    assert_eq!(fs::read(folder.join("own/checkpoints/final.safetensors")).expect("weights"), own);
    let output = pdepth(folder, &["measure", "own", "--weights", weights, "--quiet", "--out", "measured"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(pdepth(folder, &["measure", "own", "--quiet"]).status.success());
}
