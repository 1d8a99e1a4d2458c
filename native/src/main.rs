//! `pdepth`: train networks and measure prediction depth.

#[macro_use]
mod output;

mod accelerator;
mod activations_read;
mod bench;
mod cli;
mod commands;
mod data;
mod depth_settings;
mod device;
mod divergence;
mod ensemble;
mod files;
mod finish_depth;
mod finish_run;
mod finished_run;
mod interrupt;
mod machine;
mod manifest;
mod memory;
mod npy;
mod over_training;
mod own_files;
mod page;
mod part_files;
mod placing;
mod preset;
mod progress;
mod report;
mod run_folder;
mod run_json;
mod settings;
mod settle_settings;
mod shown;
mod table;
mod threads;
mod trained_on;
mod training;
mod what_was_read;

use std::process::ExitCode;

fn main() -> ExitCode {
    sigpipe::reset(); // whoever reads no further, such as `head`, ends the program without a word
    // SAFETY: no thread has been started yet.
    unsafe { threads::choose() };
    let arguments = cli::parse();
    match pollster::block_on(commands::execute(arguments)).and_then(|()| output::check()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pdepth: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Returns the error and its causes. Omits causes that a message already contains, as those of core do.
fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        said if said.contains(&cause) => said.to_owned(),
        said => format!("{said}: {cause}"),
    })
}
