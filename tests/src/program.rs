//! Runs `pdepth` as a user would.

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

/// A small run that takes seconds.
const SMALL: [&str; 8] = ["run", "--examples", "300", "--epochs", "3", "--hidden", "16,8", "--quiet"];

/// Runs `pdepth` in a folder.
///
/// # Panics
/// If the program has not been built.
pub fn pdepth(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("pdepth").expect("`cargo build --workspace --bins` makes it");
    command.current_dir(folder).args(arguments).output().expect("it starts")
}

/// Runs the small run with more arguments.
pub fn run_small(folder: &Path, more: &[&str]) -> Output {
    pdepth(folder, &[&SMALL, more].concat())
}

/// Returns a program's output as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Checks that the small run with `more` arguments exits with code 1, prints one line that contains each of `words`,
/// and leaves nothing new in the folder.
///
/// # Panics
/// If it does not.
pub fn refused(folder: &Path, more: &[&str], words: &[&str]) {
    let before = entries(folder);
    let output = run_small(folder, more);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{more:?}: {message}");
    assert!(output.stdout.is_empty(), "{more:?} printed a result");
    for word in words {
        assert!(message.contains(word), "{more:?}: {word:?} is not in {message:?}");
    }
    assert_eq!(before, entries(folder), "{more:?} left something behind");
}

/// Returns the names of everything in a folder and below.
///
/// # Panics
/// If there is no such folder.
pub fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .flat_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let inner = if entry.path().is_dir() { entries(&entry.path()) } else { vec![] };
            inner.into_iter().map(|inner| format!("{name}/{inner}")).chain([name.clone()]).collect::<Vec<_>>()
        })
        .collect();
    names.sort();
    names
}

/// Copies a folder with everything in it.
///
/// # Panics
/// If something cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) {
    for name in entries(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        fs::create_dir_all(if from.is_dir() { &to } else { to.parent().expect("a folder") }).expect("a folder");
        if from.is_file() {
            fs::copy(from, to).expect("a file");
        }
    }
}

/// Flips a bit of one byte of a file.
///
/// # Panics
/// If there is no such file or byte.
pub fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).expect("a file");
    bytes[place] ^= 1;
    fs::write(path, bytes).expect("writable");
}

/// Hides the checksum of a study, record or shard, as if an earlier version had written it: what is inside is then
/// checked for itself.
///
/// # Panics
/// If it has none.
pub fn without_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let key = b"\"sha256\"";
    let at = bytes.windows(key.len()).position(|window| window == key).expect("a checksum");
    bytes[at + 1] = b'S';
    bytes
}
