//! Measures memory and time of one search within a memory budget, on rows that are computed on request:
//! `cargo run --release --workspace --bin peak_memory -- --help`. Needs Linux, whose kernel records the peak.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use bytesize::ByteSize;
use clap::Parser;
use pollster::block_on;
use prediction_depth::search::{Cpu, NeighborSearch, Neighbors, Query};
use prediction_depth::{Matrix, Rows, Stored};
use prediction_depth_tests::{Generated, same_neighbors};

/// Allowed memory on top of the budget.
const SLACK: u64 = 1 << 29;
/// Rows written to the scratch file at a time.
const BATCH: usize = 512;

type Failure = Box<dyn std::error::Error>;

/// The peak resident memory of a search of QUERIES x SUPPORT x DIMS. Exit 1 where it is above MEMORY + 0.5 GiB.
#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 500)]
    queries: usize,
    #[arg(long, default_value_t = 50_000)]
    support: usize,
    #[arg(long, default_value_t = 65_536)]
    dims: usize,
    #[arg(long, default_value_t = 30)]
    k: usize,
    /// As of `pdepth run`: half of it is the search's
    #[arg(long, default_value = "2GiB")]
    memory: ByteSize,
    /// Read the support from a file in this folder, and compare with what is found without
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// Hold the whole support in memory: what must come out too large
    #[arg(long, conflicts_with = "scratch")]
    hold: bool,
}

fn main() -> ExitCode {
    match block_on(measure(&Arguments::parse())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("peak_memory: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether the peak stayed within the limit.
async fn measure(arguments: &Arguments) -> Result<bool, Failure> {
    let Arguments { queries, support, dims, .. } = *arguments;
    let rows = Generated::new(0, support, dims);
    if let Some(folder) = &arguments.scratch {
        let stored = stored(&rows, folder).await?;
        let from_file = search("from a scratch file", arguments, &stored).await?;
        same_neighbors(&search("made when asked for", arguments, &rows).await?, &from_file)?;
    } else if arguments.hold {
        let values = rows.block(0..support).await?.into_owned();
        search("held in memory", arguments, &Matrix::new(values, support, dims)?).await?;
    } else {
        search("made when asked for", arguments, &rows).await?;
        println!("making the support's rows took {:.1} s of it", rows.time().as_secs_f64());
    }
    let (peak, limit) = (peak()?, arguments.memory.as_u64() + SLACK);
    let verdict = if peak <= limit { "within" } else { "ABOVE" };
    println!("{queries} x {support} x {dims}: peak {} MiB, {verdict} the limit of {} MiB", peak >> 20, limit >> 20);
    Ok(peak <= limit)
}

async fn search(what: &str, arguments: &Arguments, support: &impl Rows) -> Result<Neighbors, Failure> {
    // Rows different from the support's.
    let queries = Generated::new(arguments.support, arguments.queries, arguments.dims);
    let memory = usize::try_from(arguments.memory.as_u64() / 2)?;
    let start = Instant::now();
    let found = Cpu::new(memory).search(Query::new(support, &queries, arguments.k), &()).await?;
    let seconds = start.elapsed().as_secs_f64();
    let whole = seconds * arguments.support as f64 / arguments.queries as f64;
    println!("support {what}: {seconds:.1} s; as many queries as support rows would take {whole:.0} s");
    Ok(found)
}

async fn stored(rows: &Generated, folder: &PathBuf) -> Result<Stored<std::fs::File>, Failure> {
    let [count, dims] = rows.shape();
    let mut stored = Stored::new(tempfile::tempfile_in(folder)?, dims);
    for start in (0..count).step_by(BATCH) {
        stored.append(&rows.block(start..count.min(start + BATCH)).await?)?;
    }
    Ok(stored)
}

/// Returns the maximum memory of this process so far, in bytes.
fn peak() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel tells no peak")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib << 10)
}
