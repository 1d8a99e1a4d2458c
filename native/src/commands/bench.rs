//! `pdepth bench`: measures how fast this machine searches and measures.

use prediction_depth::search::{Cpu, Kernel};
use serde_json::json;

use crate::bench::{depth, files, peak, table, use_threads};
use crate::cli::Bench;

pub async fn bench(what: &Bench) -> anyhow::Result<()> {
    match what {
        Bench::Search(arguments) => {
            use_threads(arguments.timing.threads)?;
            match &arguments.support {
                Some(support) => files::time(arguments, support).await,
                None => table::time(arguments).await,
            }
        }
        Bench::Depth(arguments) => {
            use_threads(arguments.timing.threads)?;
            depth::time(arguments).await
        }
        Bench::Peak(arguments) => {
            use_threads(arguments.threads)?;
            let kernel = arguments.kernel.unwrap_or_else(Kernel::best);
            let name = Cpu::default().with_kernel(kernel)?.kernel().name();
            let (threads, gflops) = (rayon::current_num_threads(), peak::gflops(kernel));
            if arguments.json {
                println!("{}", json!({"gflops": gflops, "threads": threads, "kernel": name}));
            } else {
                println!("{gflops:.0} GF/s in float32 with {threads} threads, {name}: multiply-adds on registers");
            }
            Ok(())
        }
    }
}
