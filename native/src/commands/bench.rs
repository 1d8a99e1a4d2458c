//! `pdepth bench`: measures how fast this machine searches and measures.

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
            let (threads, gflops) = (rayon::current_num_threads(), peak::gflops());
            if arguments.json {
                println!("{}", json!({"gflops": gflops, "threads": threads}));
            } else {
                println!("{gflops:.0} GF/s in float32 with {threads} threads: multiply-adds on registers");
            }
            Ok(())
        }
    }
}
