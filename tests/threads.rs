//! Which threads the program computes with, and that the results do not depend on them.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;

/// A training whose weights are large enough for candle to divide sums of them among threads.
const TRAIN: [&str; 9] = ["train", "--hidden", "512,512", "--steps", "20", "--quiet", "--json", "--out", "out"];
/// Time between two looks at the threads; a pool stays for the whole training.
const PAUSE: Duration = Duration::from_millis(1);
const THREADS: [&str; 2] = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"];

/// Trains with these numbers of threads; `None` is the program's own choice. Returns the weights, and the names of all
/// threads that were seen.
fn trained(threads: [Option<&str>; 2]) -> (Vec<u8>, BTreeSet<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(cargo_bin("pdepth")); // `cargo build --workspace --bins` makes it
    command.current_dir(folder.path()).args(TRAIN).stdout(Stdio::null());
    for (name, threads) in THREADS.into_iter().zip(threads) {
        match threads {
            Some(threads) => command.env(name, threads),
            None => command.env_remove(name),
        };
    }
    let mut child = command.spawn().expect("it starts");
    let tasks = format!("/proc/{}/task", child.id());
    let mut seen = BTreeSet::new();
    let status = loop {
        for task in fs::read_dir(&tasks).into_iter().flatten().flatten() {
            seen.extend(fs::read_to_string(task.path().join("comm")).map(|name| name.trim().to_owned()));
        }
        if let Some(status) = child.try_wait().expect("a process") {
            break status;
        }
        thread::sleep(PAUSE);
    };
    assert!(status.success(), "{status}");
    (fs::read(folder.path().join("out/checkpoints/final.safetensors")).expect("weights"), seen)
}

#[test]
fn only_one_pool_of_threads_computes_and_their_number_changes_no_bit() {
    let (weights, seen) = trained([None, None]);
    assert!(!seen.iter().any(|name| name.starts_with("candle")), "{seen:?}");
    for threads in [[Some("1"), Some("1")], [Some("3"), Some("3")], [Some("0"), None]] {
        assert!(trained(threads).0 == weights, "{threads:?}");
    }
}
