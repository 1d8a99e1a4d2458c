//! Folders of activations of which one file is wrong.

use prediction_depth::activations::Recordings;

use crate::{NamedFiles, SomeNetwork, TEST_EXAMPLES, TRAIN_EXAMPLES, TypedArray, folder_of, measured};

/// What is wrong; a change of the training folder or of the test folder; and what the message must say.
pub type WrongCase = (&'static str, fn(&mut NamedFiles, &mut NamedFiles), &'static [&'static str]);

/// Checks that each case is refused with its words.
///
/// # Panics
/// If one is not.
pub fn refuses(cases: &[WrongCase]) {
    let (training, test) = (SomeNetwork::new(TRAIN_EXAMPLES, 0), SomeNetwork::new(TEST_EXAMPLES, 100));
    for (case, change, words) in cases {
        let (mut train, mut held_out) = (training.folder("<f4", false), test.folder("<f4", false));
        change(&mut train, &mut held_out);
        let recordings = folder_of("train", &train)
            .and_then(|train| Ok((train, folder_of("test", &held_out)?)))
            .and_then(|(train, test)| Recordings::new(train, vec![("test".into(), test)]))
            .and_then(|recordings| measured(&recordings, u64::MAX));
        let message = recordings.map(|_| ()).expect_err(case).to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{case}: {message}");
    }
}

/// Replaces the files of a name, whatever their ending.
pub fn replace(files: &mut NamedFiles, name: &str, bytes: Vec<u8>) {
    let stem = |name: &str| name.split('.').next().map(String::from);
    files.retain(|(other, _)| stem(other) != stem(name));
    add(files, name, bytes);
}

/// Adds a file.
pub fn add(files: &mut NamedFiles, name: &str, bytes: impl Into<Vec<u8>>) {
    files.push((name.into(), bytes.into()));
}

/// Removes a file.
pub fn remove(files: &mut NamedFiles, name: &str) {
    files.retain(|(other, _)| other != name);
}

/// Returns a file of float32, [rows, dims], all 0.5 but some.
pub fn halves(rows: usize, dims: usize, changed: &[(usize, f32)]) -> Vec<u8> {
    let mut values = vec![0.5; rows * dims];
    changed.iter().for_each(|&(at, value)| values[at] = value);
    TypedArray::floats(&values, &[rows, dims]).npy()
}
