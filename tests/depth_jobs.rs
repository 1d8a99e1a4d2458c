//! Tests of `docs/depth.sbatch` and `docs/depth-job.yaml`: their commands, as a scheduler would start them.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use prediction_depth_tests::{Shown, activations, pdepth, text};
use tempfile::TempDir;
use yaml_rust2::{Yaml, YamlLoader};

/// Number of shards in the files.
const SHARDS: usize = 10;

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

/// A folder with activations, and `bin` with the program.
fn folder() -> TempDir {
    let folder = activations([33, 12, 1], Shown::Texts);
    fs::create_dir(folder.path().join("bin")).expect("a folder");
    let program = Command::cargo_bin("pdepth").expect("`cargo build --workspace --bins` makes it");
    std::os::unix::fs::symlink(program.get_program(), folder.path().join("bin/pdepth")).expect("a link");
    folder
}

/// Runs a command in the folder, with its `bin` on the path and these variables.
fn run(folder: &Path, command: &[&str], variables: &[(&str, &str)]) -> Output {
    let path = format!("{}:/usr/bin:/bin", folder.join("bin").display());
    let mut child = Command::new(command[0]);
    child.current_dir(folder).args(&command[1..]).env_clear().env("PATH", path);
    child.envs(variables.iter().copied()).output().expect("it starts")
}

const SPLITS: [&str; 4] = ["--train", "acts/train", "--held-out", "test=acts/test"];

/// Merges `shards/*.safetensors` and compares the table with that of a measurement without shards.
fn agree(folder: &Path, shards: usize) {
    let files = fs::read_dir(folder.join("shards")).expect("a folder").flatten();
    let files: Vec<String> = files.map(|file| file.path().display().to_string()).collect();
    assert_eq!(files.len(), shards);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for command in [
        &[&["depth", "merge", "--out", "merged"], &files[..]].concat(),
        &[&["depth", "--out", "whole", "--quiet"], &SPLITS[..]].concat(),
    ] {
        let output = pdepth(folder, command);
        assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
    }
    let table = |run: &str| fs::read(folder.join(run).join("depth.csv")).expect("a table");
    assert!(table("merged") == table("whole"));
}

#[test]
fn tasks_of_a_slurm_array() {
    let folder = folder();
    let script = docs("depth.sbatch").display().to_string();
    for task in ["0", "1", "2"] {
        let variables = [("SLURM_ARRAY_TASK_ID", task), ("SLURM_ARRAY_TASK_COUNT", "3"), ("SLURM_CPUS_PER_TASK", "1")];
        let output = run(folder.path(), &[&["bash", &script], &SPLITS[..]].concat(), &variables);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains(&format!("shard {task}/3")), "{}", text(&output.stdout));
    }
    agree(folder.path(), 3);
    // One task of an array of five, with names of its own.
    let variables = [
        ("SLURM_ARRAY_TASK_ID", "4"),
        ("SLURM_ARRAY_TASK_COUNT", "1"),
        ("SLURM_CPUS_PER_TASK", "1"),
        ("SHARDS", "5"),
        ("OUT", "others"),
        ("PDEPTH", "bin/pdepth"),
    ];
    let output = run(folder.path(), &[&["bash", &script], &SPLITS[..], &["--k", "3"]].concat(), &variables);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(folder.path().join("others/shard-4-of-5.safetensors").exists());
}

fn texts(list: &Yaml) -> Vec<&str> {
    list.as_vec().expect("a list").iter().map(|entry| entry.as_str().expect("a text")).collect()
}

#[test]
fn pods_of_an_indexed_job() {
    let file = fs::read_to_string(docs("depth-job.yaml")).expect("a file");
    let documents = YamlLoader::load_from_str(&file).expect("YAML");
    let [job] = &documents[..] else { panic!("{} documents", documents.len()) };
    assert_eq!((job["apiVersion"].as_str(), job["kind"].as_str()), (Some("batch/v1"), Some("Job")));
    let spec = &job["spec"];
    assert_eq!((spec["completionMode"].as_str(), spec["completions"].as_i64()), (Some("Indexed"), Some(SHARDS as i64)));
    let pod = &spec["template"]["spec"];
    assert_eq!(pod["restartPolicy"].as_str(), Some("Never"), "what backoffLimitPerIndex needs");
    let container = &pod["containers"][0];
    let variables = container["env"].as_vec().expect("a list").iter();
    let variables: Vec<(&str, &str)> = variables
        .map(|entry| (entry["name"].as_str().expect("a name"), entry["value"].as_str().expect("a text")))
        .collect();
    assert!(variables.contains(&("SHARDS", &SHARDS.to_string())), "as many as completions");
    let mounts = container["volumeMounts"].as_vec().expect("a list");
    assert!(mounts.iter().any(|mount| mount["mountPath"] == container["workingDir"]), "it works in the volume");
    assert_eq!(mounts[0]["name"], pod["volumes"][0]["name"]);

    let folder = folder();
    let command = [texts(&container["command"]), texts(&container["args"])].concat();
    for index in 0..SHARDS {
        let index = index.to_string();
        let variables = [&variables[..], &[("JOB_COMPLETION_INDEX", index.as_str())]].concat();
        let output = run(folder.path(), &command, &variables);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    agree(folder.path(), SHARDS);
}
