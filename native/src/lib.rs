//! `pdepth`: train networks and measure prediction depth. The program, as a library for the program and for Python.

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
mod figures;
mod files;
mod finish_depth;
mod finish_run;
mod finished_run;
mod interrupt;
mod machine;
mod manifest;
mod memory;
mod npy;
mod onnx_settings;
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

use std::ffi::OsString;

pub use device::open as open_device;
pub use figures::figure;
use prediction_depth::study::Study;
use table::{About, NeighborSource};

/// Runs the program with these words, the first of which is its name. Returns its exit code, or ends the process after a
/// usage error.
///
/// # Safety
/// Other threads must not read the environment meanwhile.
pub unsafe fn run(words: Vec<OsString>) -> u8 {
    sigpipe::reset(); // whoever reads no further, such as `head`, ends the program without a word
    // SAFETY: the caller's promise.
    unsafe { threads::choose() };
    let arguments = cli::parse(words);
    match pollster::block_on(commands::execute(arguments)).and_then(|()| output::check()) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("pdepth: {}", chain(&error));
            1
        }
    }
}

/// Returns the report of a study as HTML. `device` describes what searched; `None` if nothing was searched, or if that is
/// not known.
///
/// # Errors
/// An image or text of the study that cannot be shown.
pub fn report(study: &Study, device: Option<&str>) -> anyhow::Result<String> {
    let warnings = study.warnings();
    report::html(study, &about(study, device, &warnings), &study.how_measured())
}

/// Returns the result of a study as the text that the program prints; `device` as of [`report`].
pub fn summary(study: &Study, device: Option<&str>) -> String {
    let warnings = study.warnings();
    table::summary(study, &about(study, device, &warnings))
}

/// Returns the page with this study inside, as the text of a frame. `page` is the page in one file.
///
/// # Errors
/// Another file, or a study that cannot be written.
pub fn page(study: &Study, page: &str) -> anyhow::Result<String> {
    page::with_study(page, &page::gzip(&study.to_bytes()?)?, "embed=1")
}

fn about<'a>(study: &Study, device: Option<&'a str>, warnings: &'a [String]) -> About<'a> {
    let source = match (study.k(), device) {
        (None, _) => NeighborSource::Nowhere,
        (Some(_), device) => NeighborSource::Search(device.unwrap_or("a device that the study does not tell")),
    };
    About { read: None, warnings, work: None, source }
}

/// Returns the error and its causes. Omits causes that a message already contains, as those of core do.
fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        said if said.contains(&cause) => said.to_owned(),
        said => format!("{said}: {cause}"),
    })
}
