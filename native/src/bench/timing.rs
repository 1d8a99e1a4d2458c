//! Medians of some runs, or one run whenever somebody else asks for it.

use std::io::Write;
use std::time::Instant;

use serde_json::json;

/// What the last run found, and the median of all.
pub struct Timed<T> {
    pub found: T,
    pub ms: f64,
}

/// Runs once, which is not counted (caches, threads and shaders become warm), then so often.
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

/// Runs once for each line on stdin, and says each time how long it took. None where there was no line.
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

/// The middle of them, or the mean of the two in the middle.
fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    if times.len() % 2 == 1 { times[middle] } else { f64::midpoint(times[middle - 1], times[middle]) }
}

fn milliseconds(start: Instant) -> f64 {
    1000.0 * start.elapsed().as_secs_f64()
}
