//! Measures the memory that it takes to read a file of data:
//! `cargo run --release --workspace --bin peak_memory_read -- FILE`. Needs Linux, whose kernel records the peak.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use prediction_depth::data::{ReadOptions, read_own};

/// Allowed memory beside the file, the data set and what they need.
const SLACK: u64 = 16 << 20;

type Failure = Box<dyn std::error::Error>;

/// The peak resident memory of a process that reads FILE. Exit 1 where it is above TIMES the size of the file.
#[derive(Parser)]
struct Arguments {
    file: PathBuf,
    #[arg(long, default_value_t = 2.5)]
    times: f64,
    /// Size to compare with, in bytes, if not that of the file
    #[arg(long)]
    size: Option<u64>,
}

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("peak_memory_read: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether the peak stayed within the limit.
fn measure(arguments: &Arguments) -> Result<bool, Failure> {
    let name = arguments.file.to_string_lossy();
    let bytes = std::fs::read(&arguments.file)?;
    let size = arguments.size.unwrap_or(bytes.len() as u64);
    let dataset = read_own(&[(name.as_ref(), bytes)], &ReadOptions::default())?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel tells no peak")?;
    let peak = line.trim().trim_end_matches("kB").trim().parse::<u64>()? << 10;
    let limit = (size as f64 * arguments.times) as u64 + SLACK;
    let verdict = if peak <= limit { "within" } else { "ABOVE" };
    let [images, peak, limit] = [dataset.images.len() as u64, peak >> 20, limit >> 20];
    println!("{name}: {images} images, peak {peak} MiB, {verdict} the limit of {limit} MiB");
    Ok(verdict == "within")
}
