//! `pdepth`: train networks and measure prediction depth.

use std::process::ExitCode;

fn main() -> ExitCode {
    // SAFETY: no thread has been started yet.
    ExitCode::from(unsafe { prediction_depth_cli::run(std::env::args_os().collect()) })
}
