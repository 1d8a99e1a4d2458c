//! Stopping by Ctrl-C or by a scheduler's signal: long computations stop at the next safe point.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::cli;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Installs the handler. The first signal sets a flag, the second ends the program.
pub fn listen() -> anyhow::Result<()> {
    let on_signal = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    ctrlc::set_handler(on_signal).context("Ctrl-C cannot be caught")
}

/// Returns the flag that is set once the user or the scheduler asked to stop.
pub fn flag() -> &'static AtomicBool {
    &ASKED
}

/// Returns whether the user or the scheduler asked to stop.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Returns the command that the user gave, with further options.
pub fn command(more: &[&str]) -> String {
    let given: Vec<String> = cli::given().iter().skip(1).map(|word| quoted(&word.to_string_lossy())).collect();
    let more = more.iter().filter(|&&option| given.iter().all(|word| word != option));
    ["pdepth"].into_iter().chain(given.iter().map(String::as_str)).chain(more.copied()).collect::<Vec<_>>().join(" ")
}

/// Quotes a word as shells read it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=,+%@".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(["runs/a-1", "my run", "it's", ""].map(quoted), ["runs/a-1", "'my run'", r"'it'\''s'", "''"]);
    }
}
