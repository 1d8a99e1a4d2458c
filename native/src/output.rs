//! What the program prints. These macros take the place of the standard ones, which panic if nothing can be written, for
//! example on a full disk: a result that is lost is an error in the end, a lost message is none.

use std::fmt::Arguments;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use anyhow::bail;

macro_rules! print {
    ($($text:tt)*) => { $crate::output::result(format_args!($($text)*)) };
}

macro_rules! println {
    ($($text:tt)*) => { $crate::output::result(format_args!("{}\n", format_args!($($text)*))) };
}

macro_rules! eprint {
    ($($text:tt)*) => { $crate::output::message(format_args!($($text)*)) };
}

macro_rules! eprintln {
    ($($text:tt)*) => { $crate::output::message(format_args!("{}\n", format_args!($($text)*))) };
}

/// The first error of stdout.
static FAILURE: Mutex<Option<io::Error>> = Mutex::new(None);

/// Writes a part of the result to stdout.
pub fn result(text: Arguments) {
    note(io::stdout().write_fmt(text));
}

/// Writes a message to stderr, if that is possible.
pub fn message(text: Arguments) {
    let _ = io::stderr().write_fmt(text);
}

/// Fails if a part of the result was lost.
pub fn check() -> anyhow::Result<()> {
    note(io::stdout().flush());
    match FAILURE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) => bail!("stdout: {error}; the result was not printed, or only in part"),
        None => Ok(()),
    }
}

fn note(written: io::Result<()>) {
    if let Err(error) = written {
        FAILURE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}
