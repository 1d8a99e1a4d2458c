//! Timing: the median of some runs, or one run per line on stdin.

use std::io::Write;
use std::time::Instant;

use serde_json::json;

/// The result of the last run, and the median time of all.
pub struct Timed<T> {
    pub found: T,
    pub ms: f64,
}

/// Runs once untimed, which warms up caches, threads and shaders, then `runs` times.
pub async fn repeated<T>(runs: usize, mut once: impl AsyncFnMut() -> anyhow::Result<T>) -> anyhow::Result<Timed<T>> {
    let mut found = once().await?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        found = once().await?;
        times.push(milliseconds(start));
    }
    Ok(Timed { found, ms: median(&mut times) })
}

/// Runs once for each line on stdin, and prints how long each run took. Returns `None` if there was no line.
pub async fn on_demand<T>(mut once: impl AsyncFnMut() -> anyhow::Result<T>) -> anyhow::Result<Option<T>> {
    let mut found = None;
    let mut line = String::new();
    while std::io::stdin().read_line(&mut line)? > 0 {
        let start = Instant::now();
        let next = once().await?;
        let ms = milliseconds(start);
        found = Some(next);
        println!("{}", json!({"ms": ms}));
        std::io::stdout().flush()?;
        line.clear();
    }
    Ok(found)
}

/// Returns the middle value, or the mean of the two middle values.
fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    if times.len() % 2 == 1 { times[middle] } else { f64::midpoint(times[middle - 1], times[middle]) }
}

fn milliseconds(start: Instant) -> f64 {
    1000.0 * start.elapsed().as_secs_f64()
}
