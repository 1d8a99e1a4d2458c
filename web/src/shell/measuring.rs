//! Measures the open study in a worker. Without workers, or if only the page has a GPU, measures on the page's own
//! thread in time slices. Reports progress; can be cancelled.

use std::cell::Cell;
use std::rc::Rc;

use prediction_depth::search::{DeviceChoice, SearchDevice};
use prediction_depth::study::Study;
use prediction_depth::{Error, Progress, Result};

use super::job::Job;
use crate::backend;
use crate::dom::now;
use crate::gpu_fallback::GpuFallback;
use crate::state::action::{MeasuredHere, Report};
use crate::state::job::Place;
use crate::state::measured::Measured;
use crate::worker::client::{Said, Worker};
use crate::worker::message::{Reply, Request};
use crate::yield_now::yield_now;

/// Milliseconds of work between two checks for events.
const SLICE: f64 = 24.0;

/// Result of a measurement.
enum End {
    Measured { measured: Measured, failure: Option<String>, place: String },
    Cancelled,
    Failed(String),
}

/// Measures a study on the device of the URL, and reports the result.
pub async fn measure(job: Rc<Job>, study: Rc<Study>, asked: Option<String>) {
    let started = now();
    let end = match by_worker(&job, &study, asked.clone()).await {
        Some(end) => end,
        None => here(&job, &study, backend::choice(asked.as_deref())).await,
    };
    job.report(match end {
        End::Measured { measured, failure, place } => {
            let seconds = (now() - started) / 1000.0;
            Report::Measured(Box::new(MeasuredHere { measured, place, failure, seconds }))
        }
        End::Cancelled => Report::Cancelled,
        End::Failed(problem) => Report::Failed(problem),
    });
}

/// Measures in a worker; `None` without workers, or if the worker has no GPU but this window has one.
async fn by_worker(job: &Job, study: &Study, asked: Option<String>) -> Option<End> {
    let choice = backend::choice(asked.as_deref());
    let request = Request { study: study.to_bytes().ok()?, device: asked, plan: None };
    let (worker, mut replies) = Worker::hire(&request)?;
    job.hire(worker);
    let mut place = None;
    loop {
        match replies.recv().await {
            Ok(Said::Reply(Reply::Place(found))) => {
                if !found.gpu && choice != DeviceChoice::Cpu && backend::open(choice).await.1.gpu {
                    job.dismiss();
                    return None;
                }
                found.complaint.iter().for_each(|complaint| job.alert(complaint));
                place = Some(found.words);
            }
            Ok(Said::Reply(Reply::Counts { done, total })) => job.report(Report::Counts { done, total }),
            Ok(Said::Reply(Reply::Measurement { measured, failure })) => {
                let place = place_in_words(place.unwrap_or_default(), failure.is_some(), "in a worker");
                return Some(End::Measured { measured, failure, place });
            }
            Ok(Said::Reply(Reply::Begun(_) | Reply::Glance(_))) => {} // of a training
            Ok(Said::Reply(Reply::Failed(problem))) => return Some(End::Failed(problem)),
            Ok(Said::Broken(problem)) if place.is_some() => return Some(End::Failed(problem)),
            Ok(Said::Broken(_)) => return None,
            Err(_) => return Some(End::Cancelled), // the worker was dropped
        }
    }
}

/// Measures on the page's own thread.
async fn here(job: &Rc<Job>, study: &Study, choice: DeviceChoice) -> End {
    let (device, Place { words, complaint, .. }): (SearchDevice, Place) = backend::open(choice).await;
    complaint.iter().for_each(|complaint| job.alert(complaint));
    let fallback = GpuFallback::new(device, backend::MEMORY);
    let turns = Turns { job: job.clone(), since: Cell::new(now()) };
    match Measured::new(study, &fallback, &turns).await {
        Ok(measured) => {
            let failure = fallback.failure();
            let place = place_in_words(words, failure.is_some(), "on the page’s own thread");
            End::Measured { measured, failure, place }
        }
        Err(Error::Cancelled) => End::Cancelled,
        Err(error) => End::Failed(error.to_string()),
    }
}

fn place_in_words(words: String, failed: bool, thread: &str) -> String {
    let words = if failed { "on the CPU, since the GPU failed".into() } else { words };
    format!("{words}, {thread}")
}

/// Shows the progress, and lets pending events run.
struct Turns {
    job: Rc<Job>,
    since: Cell<f64>,
}

impl Progress for Turns {
    async fn step(&self, done: usize, total: usize) -> Result<()> {
        if done == 0 || now() - self.since.get() > SLICE {
            self.job.report(Report::Counts { done, total });
            yield_now().await;
            self.since.set(now());
        }
        if self.job.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}
