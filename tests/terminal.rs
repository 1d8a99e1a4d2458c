//! Tests of what users meet in a terminal: full disks, names, ignored options, drivers that talk.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::{Output, Stdio};

use prediction_depth::data::embedded_files;
use prediction_depth_tests::{entries, pdepth, run_small, text};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Runs a small run with its stdout and stderr as given.
fn run(folder: &Path, more: &[&str], stdout: Stdio, stderr: Stdio) -> Output {
    let program = assert_cmd::cargo::cargo_bin("pdepth");
    let arguments = ["run", "--examples", "300", "--epochs", "1", "--hidden", "8", "--device", "cpu"];
    let mut command = std::process::Command::new(program);
    let command = command.current_dir(folder).args(arguments).args(more).stdout(stdout).stderr(stderr);
    command.spawn().and_then(std::process::Child::wait_with_output).expect("it starts")
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux has a disk that is always full")]
fn a_full_disk_loses_the_result_with_an_error_and_messages_without() {
    let folder = folder();
    let full = || Stdio::from(OpenOptions::new().write(true).open("/dev/full").expect("a full disk"));
    for format in [&["--out", "a"][..], &["--out", "b", "--json"]] {
        let output = run(folder.path(), format, full(), Stdio::piped());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert_eq!(message.lines().filter(|line| line.starts_with("pdepth: stdout: No space")).count(), 1, "{message}");
        assert!(!message.contains("panicked"), "{message}");
    }
    assert!(folder.path().join("a/report.html").exists(), "the run itself is complete");
    let output = run(folder.path(), &["--out", "c"], Stdio::piped(), full());
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("mean depth"));
    let output = run(folder.path(), &["--out", "c", "--k", "100000"], Stdio::piped(), full());
    assert_eq!(output.status.code(), Some(1), "an error that cannot be printed is one all the same");
}

#[test]
fn the_folder_of_a_run_is_named_by_its_data_and_stays_in_runs() {
    let folder = folder();
    let [(_, images), (_, labels), ..] = embedded_files();
    for (name, run) in [("..hidden.x", "hidden.x-mlp-"), ("with space", "with-space-mlp-"), ("Zürich", "Zürich-mlp-")]
    {
        let data = folder.path().join(name);
        fs::create_dir(&data).expect("a folder");
        fs::write(data.join("train-images-idx3-ubyte.gz"), images).expect("images");
        fs::write(data.join("train-labels-idx1-ubyte.gz"), labels).expect("labels");
        let output = run_small(folder.path(), &["--data", name]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let runs = entries(&folder.path().join("runs"));
        assert!(runs.iter().any(|found| found.starts_with(run)), "{name}: {runs:?}");
    }
    assert!(fs::read_dir(folder.path().join("runs")).expect("runs").flatten().count() == 3);
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    let folder = folder();
    for (more, word) in [
        (&["--noise-seed", "3"][..], "--label-noise"),
        (&["--noise", "next"], "--label-noise"),
        (&["--net", "vgg-small", "--hidden", "8"], "--hidden"),
        (&["--schedule", "cosine", "--drops", "0.5"], "--schedule step"),
        (&["--schedule", "constant", "--drop-factor", "0.5"], "--schedule step"),
        (&["--crop", "28"], "choose less than 28"),
    ] {
        let output = pdepth(folder.path(), &[&["run", "--steps", "1", "--quiet"], more].concat());
        let message = text(&output.stderr);
        assert!(matches!(output.status.code(), Some(1 | 2)), "{more:?}: {message}");
        assert!(message.contains(word), "{more:?}: {message}");
    }
    let output = pdepth(folder.path(), &["run", "--sample-seed", "1"]);
    assert!(output.status.code() == Some(2) && text(&output.stderr).contains("--examples"));
    assert!(entries(folder.path()).is_empty(), "{:?}", entries(folder.path()));
}

#[test]
fn usage_errors_say_what_is_wanted() {
    let folder = folder();
    for (more, words) in [
        (["--memory", "lots"], "2GiB or 500MB"),
        (["--memory", "-1"], "2GiB or 500MB"),
        (["--hidden", "10,,3"], "whole number, at least 1"),
        (["--hidden", "0"], "whole number, at least 1"),
        (["--k", "-3"], "whole number, at least 1"),
        (["--width", "-1"], "number above 0"),
        (["--label-noise", "-0.1"], "from 0 to 1"),
        (["--drops", "-1"], "number above 0"),
    ] {
        let output = pdepth(folder.path(), &[&["run"][..], &more].concat());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {message}");
        assert!(message.contains(words) && message.contains(more[0]), "{more:?}: {message}");
    }
}

#[test]
fn the_title_names_the_seed_of_the_noise() {
    let folder = folder();
    let title = |more: &[&str]| {
        let output = run_small(folder.path(), &[&["--label-noise", "0.07"], more].concat());
        text(&output.stdout).lines().next().expect("a title").to_owned()
    };
    assert_eq!(title(&[]), "MLP 16-8 on embedded data, 7 % of the training labels flipped, seed 0");
    assert_eq!(
        title(&["--noise-seed", "5"]),
        "MLP 16-8 on embedded data, 7 % of the training labels flipped by seed 5, seed 0"
    );
}

/// Mesa's Vulkan driver complains on stderr if this variable is not set; it is installed where the tests run.
#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "a driver of Linux")]
fn what_a_driver_says_of_a_missing_desktop_is_not_passed_on() {
    let folder = folder();
    let program = assert_cmd::cargo::cargo_bin("pdepth");
    let run = |command: &mut std::process::Command, arguments: &[&str]| {
        let output = command.current_dir(folder.path()).env_remove("XDG_RUNTIME_DIR").args(arguments).output();
        text(&output.expect("it starts").stderr).matches("XDG_RUNTIME_DIR").count()
    };
    let said = |arguments: &[&str]| run(&mut std::process::Command::new(&program), arguments);
    assert_eq!(said(&["doctor"]), 0);
    let small = ["run", "--examples", "300", "--epochs", "1", "--hidden", "8"];
    assert_eq!(said(&[&small[..], &["--out", "a"]].concat()), 0);
    assert_eq!(said(&[&small[..], &["--out", "b", "--quiet"]].concat()), 0);
    // Also where no temporary file can be made.
    let mut without = std::process::Command::new(&program);
    assert_eq!(run(without.env("TMPDIR", "/nowhere"), &[&small[..], &["--out", "c", "--quiet"]].concat()), 0);
}

#[test]
fn issues_takes_quiet_as_every_command_that_computes() {
    let folder = folder();
    assert!(run_small(folder.path(), &["--out", "run"]).status.success());
    let output = pdepth(folder.path(), &["issues", "run", "--quiet"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("suggested"));
}
