//! The commands, one file each.

mod bench;
mod checkpoints;
mod datasets;
mod depth;
mod depth_merge;
mod depth_shard;
mod doctor;
mod ensemble;
mod export;
mod issues;
mod measure;
mod onnx;
mod run;
mod search;
mod settle;
mod train;

use crate::cli::{Cli, Command};

/// Executes a command. Only the result goes to stdout.
pub async fn execute(arguments: Cli) -> anyhow::Result<()> {
    match arguments.command {
        None => run::run(&arguments.run).await,
        Some(Command::Run(arguments)) => run::run(&arguments).await,
        Some(Command::Train(arguments)) => train::train(&arguments),
        Some(Command::Measure(arguments)) => measure::measure(&arguments).await,
        Some(Command::Checkpoints(arguments)) => checkpoints::checkpoints(&arguments).await,
        Some(Command::Depth(arguments)) => depth::depth(&arguments).await,
        Some(Command::Settle(arguments)) => settle::settle(&arguments).await,
        Some(Command::Issues(arguments)) => issues::issues(&arguments),
        Some(Command::Datasets(arguments)) => datasets::datasets(&arguments),
        Some(Command::Ensemble(arguments)) => ensemble::ensemble(&arguments.what).await,
        Some(Command::Search(arguments)) => search::search(&arguments.what).await,
        Some(Command::Doctor(arguments)) => doctor::doctor(&arguments).await,
        Some(Command::Export(arguments)) => export::export(&arguments),
        Some(Command::Bench(arguments)) => bench::bench(&arguments.what).await,
    }
}
