//! Every rule of tables, by the data set that comes out or the words of the refusal.

mod columns;
mod files;
mod typed;
mod values;

use crate::data::Dataset;
use crate::data::own::{InputFile, Layout, ReadOptions, read_own};

fn data(csv: &str) -> Dataset {
    with(csv, &ReadOptions::default())
}

fn with(csv: &str, options: &ReadOptions) -> Dataset {
    read_own(&[("a.csv", csv.as_bytes())], options).unwrap_or_else(|error| panic!("{error}:\n{csv}"))
}

/// Returns the message of the refusal.
fn refused(csv: &str) -> String {
    refused_with(csv, &ReadOptions::default())
}

fn refused_with(csv: &str, options: &ReadOptions) -> String {
    all_refused(&[("a.csv", csv.as_bytes())], options)
}

fn all_refused(files: &[impl InputFile], options: &ReadOptions) -> String {
    read_own(files, options).expect_err("a wrong table").to_string()
}

/// Asserts that a message holds all of these words.
#[track_caller]
fn holds(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

fn notes(data: &Dataset) -> String {
    data.report.notes.join("\n")
}

/// Returns what was skipped, a line each.
fn skipped(data: &Dataset) -> String {
    data.report.skipped.iter().map(|skipped| format!("{}: {}\n", skipped.name, skipped.reason)).collect()
}
