//! Tests that a run which was killed or stopped, and then resumed, equals an uninterrupted run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use prediction_depth_tests::{entries, pdepth, text};
use tempfile::TempDir;

/// A training of some seconds, long enough to be killed in the middle.
const LONG: [&str; 13] = [
    "train",
    "--examples",
    "600",
    "--hidden",
    "48,48",
    "--batch",
    "32",
    "--steps",
    "9000",
    "--flip",
    "--quiet",
    "--crop",
    "1",
];
/// Steps at which the run ends early: it is killed, or, at the steps in `ASKED`, asked to stop, so that it saves first.
/// Until the first save it starts anew, then it resumes.
const DEATHS: [usize; 10] = [3, 24, 64, 96, 192, 256, 512, 768, 1024, 1536];
const ASKED: [usize; 3] = [64, 192, 768];
/// Timeout for a hanging test; not used to measure anything.
const PATIENCE: Duration = Duration::from_secs(600);

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(cargo_bin("pdepth"));
    command.current_dir(folder).args(arguments).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("`cargo build --workspace --bins` makes it")
}

/// Sends a Unix signal.
fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill").success());
}

fn kill(mut child: Child) {
    child.kill().expect("a process");
    child.wait().expect("a process");
}

/// Waits until the file exists, and returns whether the program is still running.
fn at_work_until(file: &Path, child: &mut Child) -> bool {
    let start = Instant::now();
    loop {
        let ended = child.try_wait().expect("a process").is_some();
        if ended || file.exists() {
            return !ended;
        }
        assert!(start.elapsed() < PATIENCE, "{} does not appear", file.display());
        sleep(Duration::from_millis(2));
    }
}

/// Returns the partial folder of a run.
fn partial(folder: &Path, out: &str) -> PathBuf {
    folder.join(format!(".pdepth-partial-{out}"))
}

fn checkpoint(folder: &Path, out: &str, step: usize) -> PathBuf {
    partial(folder, out).join(format!("checkpoints/step-{step:08}.safetensors"))
}

/// Returns every file of a run except the manifest, which contains durations.
fn files(run: &Path) -> Vec<(String, Vec<u8>)> {
    let names = entries(run).into_iter().filter(|name| run.join(name).is_file() && name != "manifest.json");
    names.map(|name| (name.clone(), fs::read(run.join(&name)).expect("a file"))).collect()
}

fn assert_same(a: &Path, b: &Path) {
    let (a, b) = (files(a), files(b));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b));
    assert!(names(&a).iter().any(|name| name == "checkpoints/final.safetensors"), "{:?}", names(&a));
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        assert!(a == b, "{name} differs");
    }
}

/// Kills the run when the weights of a step appear, not after a time, so that a slow machine kills it at the same
/// steps.
#[test]
fn killed_at_many_moments_it_ends_with_the_same_bits() {
    let folder = folder();
    let whole = [&LONG[..], &["--out", "whole"]].concat();
    assert!(pdepth(folder.path(), &whole).status.success());
    let killed = [&LONG[..], &["--out", "killed", "--resume"]].concat();
    let partial = partial(folder.path(), "killed");
    let mut kills = 0;
    for step in DEATHS {
        let mut child = start(folder.path(), &killed);
        if at_work_until(&checkpoint(folder.path(), "killed", step), &mut child) {
            kills += 1;
            if cfg!(unix) && ASKED.contains(&step) {
                signal(&child, "-INT");
                let ended = child.wait().expect("a process");
                assert!(ended.success() || partial.join(".state.safetensors").exists(), "it saves at {step}");
            } else {
                kill(child);
            }
        }
    }
    assert!(kills >= 3, "only {kills} of {} found it at work", DEATHS.len());
    if partial.exists() {
        // A file that an interrupted write leaves behind.
        fs::write(partial.join("checkpoints/.pdepth-partial-torn"), "half a file").expect("writable");
    }
    let output = pdepth(folder.path(), &killed);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_same(&folder.path().join("whole"), &folder.path().join("killed"));
    let mut left = fs::read_dir(folder.path()).expect("a folder").flatten();
    assert!(left.all(|entry| !entry.file_name().to_string_lossy().starts_with('.')), "{:?}", entries(folder.path()));
}

#[cfg(unix)]
#[test]
fn stopped_by_a_signal_it_saves_says_how_to_go_on_and_does() {
    let folder = folder();
    let arguments = |out: &'static str| [&LONG[..], &["--out", out]].concat();
    let mut child = start(folder.path(), &arguments("stopped"));
    assert!(at_work_until(&checkpoint(folder.path(), "stopped", 64), &mut child), "it ends before it is stopped");
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("a process");
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("stopped after step") && message.contains("--resume"), "{message}");

    let again = pdepth(folder.path(), &arguments("stopped"));
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("--resume"), "it is not begun anew unasked: {}", text(&again.stderr));
    let other = pdepth(folder.path(), &[&arguments("stopped")[..], &["--resume", "--seed", "1"]].concat());
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stderr).contains("other settings"), "{}", text(&other.stderr));

    let resumed = pdepth(folder.path(), &[&arguments("stopped")[..], &["--resume"]].concat());
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    assert!(pdepth(folder.path(), &arguments("whole")).status.success());
    assert_same(&folder.path().join("whole"), &folder.path().join("stopped"));
}

#[test]
fn two_at_once_do_not_write_into_the_same_folder() {
    let folder = folder();
    let arguments = [&LONG[..], &["--out", "one"]].concat();
    let mut first = start(folder.path(), &arguments);
    assert!(at_work_until(&partial(folder.path(), "one").join("checkpoints"), &mut first), "it ends too early");
    if cfg!(unix) {
        signal(&first, "-STOP"); // it cannot end before the second begins
    }
    let second = pdepth(folder.path(), &arguments);
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("at work"), "{}", text(&second.stderr));
    kill(first);
}

#[test]
fn training_and_measuring_are_the_two_halves_of_a_run() {
    let folder = folder();
    let model = ["--examples", "300", "--epochs", "3", "--hidden", "16,8", "--quiet", "--label-noise", "0.1"];
    for (command, more) in [("run", &["--out", "run", "--k", "7"][..]), ("train", &["--out", "halves"])] {
        let output = pdepth(folder.path(), &[&[command][..], &model, more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    assert!(!folder.path().join("halves/depth.csv").exists());
    let measured = pdepth(folder.path(), &["measure", "halves", "--k", "7", "--quiet"]);
    assert!(measured.status.success(), "{}", text(&measured.stderr));
    assert_same(&folder.path().join("run"), &folder.path().join("halves"));

    // Another measurement does not replace this one, but can be written beside it.
    let other = pdepth(folder.path(), &["measure", "halves", "--k", "8", "--quiet"]);
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stderr).contains("other settings"), "{}", text(&other.stderr));
    let beside = pdepth(folder.path(), &["measure", "halves", "--k", "8", "--quiet", "--out", "beside"]);
    assert!(beside.status.success(), "{}", text(&beside.stderr));
    let table = |run: &str| fs::read(folder.path().join(run).join("depth.csv")).expect("a table");
    assert!(table("halves") != table("beside"));

    // Weights from a file: those of an early step give other results.
    let weights = "halves/checkpoints/step-00000002.safetensors";
    let early =
        pdepth(folder.path(), &["measure", "halves", "--k", "7", "--quiet", "--weights", weights, "--out", "early"]);
    assert!(early.status.success(), "{}", text(&early.stderr));
    assert!(table("halves") != table("early"));
    let wrong =
        pdepth(folder.path(), &["measure", "halves", "--data", "embedded", "--weights", "run/depth.csv", "--out", "x"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("run/depth.csv"), "{}", text(&wrong.stderr));
    assert!(!folder.path().join("x").exists());
}

#[test]
fn a_finished_run_is_not_made_again() {
    let folder = folder();
    let arguments = ["run", "--examples", "300", "--epochs", "1", "--quiet", "--json", "--out", "run", "--resume"];
    let first = pdepth(folder.path(), &arguments);
    assert!(first.status.success(), "{}", text(&first.stderr));
    let again = pdepth(folder.path(), &arguments);
    assert_eq!(text(&first.stdout), text(&again.stdout), "seconds included");
}

#[test]
fn presets_are_where_options_begin() {
    let folder = folder();
    let config = |out: &str, more: &[&str]| -> toml::Table {
        let fixed = ["train", "--examples", "100", "--steps", "2", "--quiet", "--out", out];
        let output = pdepth(folder.path(), &[&fixed[..], more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let text = fs::read_to_string(folder.path().join(out).join("config.toml")).expect("a config");
        text.parse().expect("TOML")
    };
    let quick = config("quick", &["--hidden", "8"]);
    let training = &quick["training"];
    assert_eq!((training["learning_rate"].as_float(), training["momentum"].as_float()), (Some(0.02), Some(0.9)));
    assert_eq!((training["steps"].as_integer(), training["weight_decay"].as_float()), (Some(2), Some(0.0)));
    assert_eq!(quick["data"]["noise"].as_str(), Some("other"));

    let paper = config("paper", &["--preset", "paper", "--net", "resnet-small", "--width", "0.25"]);
    let training = &paper["training"];
    assert_eq!((training["learning_rate"].as_float(), training["momentum"].as_float()), (Some(0.04), Some(0.95)));
    assert_eq!(training["schedule"]["at"].as_array().map(|at| at[0].as_float()), Some(Some(7000.0)));
    assert_eq!(paper["data"]["noise"].as_str(), Some("any"));

    let own = [
        "--preset",
        "paper",
        "--hidden",
        "8",
        "--learning-rate",
        "0.5",
        "--schedule",
        "cosine",
        "--noise",
        "next",
        "--label-noise",
        "0.1",
    ];
    let own = config("own", &own);
    assert_eq!(own["training"]["learning_rate"].as_float(), Some(0.5));
    assert_eq!(own["training"]["schedule"]["kind"].as_str(), Some("cosine"));
    assert_eq!(own["data"]["noise"].as_str(), Some("next"));

    let steps_and_epochs = pdepth(folder.path(), &["train", "--steps", "2", "--epochs", "2"]);
    assert_eq!(steps_and_epochs.status.code(), Some(2), "one or the other");
    let drops = pdepth(folder.path(), &["train", "--examples", "100", "--drops", "-1", "--out", "x"]);
    assert_ne!(drops.status.code(), Some(0));
}
