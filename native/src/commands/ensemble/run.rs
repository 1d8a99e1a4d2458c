//! `pdepth ensemble run`: trains and measures the models of a plan, or of a shard of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::json;

use crate::cli::EnsembleRunArgs;
use crate::divergence::divergence;
use crate::ensemble::{Plan, Shared, Store, model};
use crate::finish_run::ComputeContext;
use crate::interrupt;
use crate::progress::Bar;

/// The outcome for one seed.
enum Fate {
    Made,
    /// The model diverged, and is marked.
    Failed,
    /// Another process is working on this model.
    Elsewhere,
}

pub async fn run(arguments: &EnsembleRunArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    interrupt::listen()?;
    let plan = Plan::read(&arguments.planned.plan)?;
    let store = Store::new(&arguments.planned.out, &plan)?;
    let dataset = plan.dataset()?;
    let means = ComputeContext::new(&arguments.memory, &arguments.common).await?;
    store.claim(&plan)?; // the last step that can fail before models are made: it makes the folder
    let shared = Shared {
        models: &plan.models,
        plan: store.hash(),
        dataset: &dataset,
        memory: &means.memory,
        device: &means.device,
    };
    let seeds = plan.models.seeds(arguments.shard);
    let (mut missing, mut failed) = (Vec::new(), 0);
    for &seed in &seeds {
        if let Some(damage) = store.set_aside(seed)? {
            eprintln!("the model of seed {seed}: {damage}");
        }
        if store.failure(seed)?.is_some() {
            failed += 1;
        } else if !store.has(seed)? {
            missing.push(seed);
        }
    }
    let there = seeds.len() - missing.len() - failed;
    let jobs = arguments.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let counts = all(&shared, &store, &missing, jobs, means.common, there)?;
    failed += counts.failed;
    let result = json!({
        "models": seeds.len(),
        "made": counts.made,
        "skipped": there,
        "elsewhere": counts.elsewhere,
        "failed": failed,
        "seconds": start.elapsed().as_secs_f64(),
    });
    if arguments.common.json {
        println!("{result}");
    } else {
        println!(
            "{} models made, {there} were there already, {} are being made by another process",
            counts.made, counts.elsewhere
        );
    }
    let first = seeds.iter().find_map(|&seed| store.failure(seed).transpose()).transpose()?;
    if let Some(reason) = first {
        bail!("{failed} of {} models failed: the first: {reason}", seeds.len());
    }
    Ok(())
}

#[derive(Default)]
struct Counts {
    made: usize,
    elsewhere: usize,
    failed: usize,
}

/// Runs models until none is left, several at a time, each on one thread.
fn all(
    shared: &Shared,
    store: &Store,
    seeds: &[u64],
    jobs: usize,
    common: &crate::cli::Common,
    there: usize,
) -> anyhow::Result<Counts> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (tell, told) = mpsc::channel::<anyhow::Result<Fate>>();
    let tell = Mutex::new(tell);
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let Some(&seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let fate = make(shared, store, seed).with_context(|| format!("the model of seed {seed}"));
            failed.fetch_or(fate.is_err(), Ordering::Relaxed);
            if let Ok(tell) = tell.lock() {
                let _ = tell.send(fate);
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.min(seeds.len())).map(|_| scope.spawn(work)).collect();
        let bar = Bar::new("ensemble", "models", common.quiet);
        let (mut counts, mut failure) = (Counts::default(), None);
        for _ in seeds {
            bar.show(there + counts.made, there + seeds.len(), "");
            match told.recv() {
                Ok(Ok(Fate::Made)) => counts.made += 1,
                Ok(Ok(Fate::Elsewhere)) => counts.elsewhere += 1,
                Ok(Ok(Fate::Failed)) => counts.failed += 1,
                Ok(Err(error)) => {
                    failure.get_or_insert(error);
                    break;
                }
                Err(_) => break,
            }
        }
        for worker in workers {
            if worker.join().is_err() {
                bail!("a model panicked");
            }
        }
        match failure {
            Some(_) if interrupt::asked() => {
                bail!("stopped; finished models are kept, and the same command makes the others")
            }
            Some(error) => Err(error),
            None => Ok(counts),
        }
    })
}

fn make(shared: &Shared, store: &Store, seed: u64) -> anyhow::Result<Fate> {
    let Some(_lock) = store.lock(seed)? else { return Ok(Fate::Elsewhere) };
    if store.has(seed)? {
        return Ok(Fate::Elsewhere);
    }
    let threads = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let (record, study) = match threads.install(|| pollster::block_on(model(shared, seed))) {
        Ok(made) => made,
        Err(error) => {
            let Some(reason) = divergence(&error) else { return Err(error) };
            store.mark_failed(seed, &reason.to_string())?;
            return Ok(Fate::Failed);
        }
    };
    store.keep(&record, study.as_ref())?;
    Ok(Fate::Made)
}
