//! Ctrl-C, and the signal by which schedulers end a job: long computations stop at the next good moment.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the program does not end at once. The second time it does.
pub fn listen() -> anyhow::Result<()> {
    let search_reduce = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    ctrlc::set_handler(search_reduce).context("Ctrl-C")
}

/// Whether somebody asked to stop.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
