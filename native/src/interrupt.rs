//! Stopping by Ctrl-C or by a scheduler's signal: long computations stop at the next safe point.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

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

/// Returns whether the user or the scheduler asked to stop.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
