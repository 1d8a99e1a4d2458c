//! Progress on stderr: a bar in a terminal, an occasional line elsewhere, nothing with `--quiet`.

use std::cell::Cell;
use std::io::IsTerminal;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use prediction_depth::{Error, Progress, Result};

use crate::interrupt;

/// Time between two lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Progress display of one long computation.
pub struct Bar {
    what: &'static str,
    unit: &'static str,
    bar: Option<ProgressBar>,
    plain: bool,
    last_line: Cell<Instant>,
}

impl Bar {
    /// Creates a display. `what` names the computation, `unit` the items that it counts.
    pub fn new(what: &'static str, unit: &'static str, quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = (terminal && !quiet).then(|| {
            let bar = ProgressBar::new(0);
            let template =
                format!("{{prefix:>9}} {{bar:16}} {{human_pos}} of {{human_len}} {unit}, {{eta}} left {{wide_msg}}");
            bar.set_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_prefix(what);
            bar
        });
        Self { what, unit, bar, plain: !terminal && !quiet, last_line: Cell::new(Instant::now()) }
    }

    /// Shows that `done` of `total` items are done.
    pub fn show(&self, done: usize, total: usize, message: &str) {
        if let Some(bar) = &self.bar {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
            bar.set_message(message.to_owned());
        } else if self.plain && self.last_line.get().elapsed() > LINE_INTERVAL {
            self.last_line.set(Instant::now());
            eprintln!("{}: {done} of {total} {} {message}", self.what, self.unit);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    async fn step(&self, done: usize, total: usize) -> Result<()> {
        self.show(done, total, "");
        if interrupt::asked() { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn stop_flag(&self) -> Option<&AtomicBool> {
        Some(interrupt::flag())
    }
}

/// Shows nothing, but stops the computation when the user interrupts it.
pub struct Interruptible;

impl Progress for Interruptible {
    async fn step(&self, _done: usize, _total: usize) -> Result<()> {
        if interrupt::asked() { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn stop_flag(&self) -> Option<&AtomicBool> {
        Some(interrupt::flag())
    }
}
