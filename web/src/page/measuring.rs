//! Measures the open study: by a worker, or where there can be none (or only the page has a GPU) on the page's own thread,
//! in slices; shows how far it is; can be cancelled.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use prediction_depth::search::{DeviceChoice, SearchDevice};
use prediction_depth::study::Study;
use prediction_depth::{Error, Progress, Result};
use web_sys::{CustomEvent, UrlSearchParams};

use super::app::App;
use super::dom::{now, window};
use super::files::MOST;
use super::status;
use crate::backend;
use crate::gpu_fallback::GpuFallback;
use crate::measurement::Measurement;
use crate::text;
use crate::worker::client::{Said, Worker};
use crate::worker::message::{Place, Reply, Request};
use crate::yield_now::yield_now;

/// Milliseconds of work between two looks at the page's events.
const SLICE: f64 = 24.0;

/// How a measurement stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Opening,
    Measuring,
    Training,
    Paused,
    Measurement,
    Cancelled,
    Failed,
}

/// One measurement, as others see it.
#[derive(Default)]
pub struct Job {
    pub state: Cell<State>,
    cancelled: Cell<bool>,
    pub worker: RefCell<Option<Worker>>,
    /// What computed it, as the page says it.
    pub device: RefCell<String>,
}

impl Job {
    /// Stops it: a worker at once, the page's own thread after its slice.
    pub fn cancel(&self) {
        self.cancelled.set(true);
        self.worker.take();
    }

    /// Tells whoever waits for the end.
    pub fn end(&self, state: State) {
        self.worker.take();
        self.state.set(state);
        if let Ok(event) = CustomEvent::new("pdepth:measured") {
            let _ = window().dispatch_event(&event);
        }
    }
}

/// How a measurement ended.
enum End {
    Measurement { measured: Measurement, failure: Option<String>, place: String },
    Cancelled,
    Failed(String),
}

/// Measures the study that is open, instead of whatever was being measured.
pub async fn measure(app: Rc<App>) {
    let job = Rc::new(Job::default());
    app.job.replace(job.clone()).cancel();
    let (name, study, widest) = {
        let opened = app.opened.borrow();
        let Some(open) = opened.as_ref() else { return };
        (open.name.clone(), open.stored.clone(), open.layer_bytes.iter().copied().fold(0.0, f64::max))
    };
    job.state.set(State::Measuring);
    status::measuring();
    if study.representations.is_empty() && widest > MOST {
        status::kept(&format!(
            "The figures are those in the file: to measure it here would take layers of {:.1} GB, more than a tab can hold.",
            widest / 1e9
        ));
        return job.end(State::Cancelled);
    }
    let started = now();
    let asked = asked();
    let end = match by_worker(&job, &study, asked.clone()).await {
        Some(end) => end,
        None => here(&job, &study, backend::choice(asked.as_deref())).await,
    };
    if job.cancelled.get() && !Rc::ptr_eq(&job, &app.job.borrow()) {
        return; // another study is open by now
    }
    let state = match end {
        End::Measurement { measured, failure, place } => {
            if let Some(problem) = &failure {
                status::alert(&format!("The GPU failed; the CPU went on. The results are the same. ({problem})"));
            }
            let verdict = compare(&study, &measured);
            app.take(measured);
            status::measured(&place, (now() - started) / 1000.0, &verdict);
            *job.device.borrow_mut() = place;
            State::Measurement
        }
        End::Cancelled => {
            status::not_measured("Cancelled: the figures are those in the file; neighbours are not known.");
            State::Cancelled
        }
        End::Failed(problem) => {
            status::alert(&format!("{name}: {problem}"));
            status::not_measured("Not measured here: the figures are those in the file.");
            State::Failed
        }
    };
    job.end(state);
}

/// What the address says after `device=`.
pub fn asked() -> Option<String> {
    let query = window().location().search().unwrap_or_default();
    UrlSearchParams::new_with_str(&query).ok().and_then(|query| query.get("device"))
}

/// None where there is no worker to be had, or where it has no GPU though this window has one.
async fn by_worker(job: &Job, study: &Study, asked: Option<String>) -> Option<End> {
    let choice = backend::choice(asked.as_deref());
    let request = Request { study: study.to_bytes().ok()?, device: asked, plan: None };
    let (worker, mut replies) = Worker::hire(&request)?;
    job.worker.replace(Some(worker));
    let mut place = None;
    loop {
        match replies.recv().await {
            Ok(Said::Reply(Reply::Place(found))) => {
                if !found.gpu && choice != DeviceChoice::Cpu && backend::open(choice).await.1.gpu {
                    job.worker.take();
                    return None;
                }
                found.complaint.as_deref().into_iter().for_each(status::alert);
                place = Some(found.words);
            }
            Ok(Said::Reply(Reply::Counts { done, total })) => count(study, done, total),
            Ok(Said::Reply(Reply::Measurement { measured, failure })) => {
                let place = place_in_words(place.unwrap_or_default(), failure.is_some(), "in a worker");
                return Some(End::Measurement { measured, failure, place });
            }
            Ok(Said::Reply(Reply::Begun(_) | Reply::Glance(_))) => {} // of a training
            Ok(Said::Reply(Reply::Failed(problem))) => return Some(End::Failed(problem)),
            Ok(Said::Broken(problem)) if place.is_some() => return Some(End::Failed(problem)),
            Ok(Said::Broken(_)) => return None,
            Err(_) => return Some(End::Cancelled), // the worker was dropped
        }
    }
}

/// On the page's own thread.
async fn here(job: &Rc<Job>, study: &Rc<Study>, choice: DeviceChoice) -> End {
    let (device, Place { words, complaint, .. }): (SearchDevice, Place) = backend::open(choice).await;
    complaint.as_deref().into_iter().for_each(status::alert);
    let fallback = GpuFallback::new(device);
    let turns = Turns { job: job.clone(), study: study.clone(), since: Cell::new(now()) };
    match Measurement::new(study, &fallback, &turns).await {
        Ok(measured) => {
            let failure = fallback.failure();
            let place = place_in_words(words, failure.is_some(), "on the page’s own thread");
            End::Measurement { measured, failure, place }
        }
        Err(Error::Cancelled) => End::Cancelled,
        Err(error) => End::Failed(error.to_string()),
    }
}

fn place_in_words(words: String, failed: bool, thread: &str) -> String {
    let words = if failed { "on the CPU, since the GPU failed".into() } else { words };
    format!("{words}, {thread}")
}

fn count(study: &Study, done: usize, total: usize) {
    let counts = text::progress(done, study.layers.len(), study.labels.len());
    status::counts(done as f64 / total.max(1) as f64, &counts);
}

/// How this measurement and that in the file compare.
fn compare(study: &Study, measured: &Measurement) -> String {
    let (here, there) = (measured.depth.depths(), study.measured.depths());
    let differ = here.iter().zip(&there).filter(|(here, there)| here != there).count();
    match differ {
        0 => "Every depth equals the one in the file.".into(),
        _ => format!("{} of {} depths differ from those in the file.", text::count(differ), text::count(here.len())),
    }
}

/// Shows how far the measurement is, and lets the page have its turn.
struct Turns {
    job: Rc<Job>,
    study: Rc<Study>,
    since: Cell<f64>,
}

impl Progress for Turns {
    async fn step(&self, done: usize, total: usize) -> Result<()> {
        if done == 0 || now() - self.since.get() > SLICE {
            count(&self.study, done, total);
            yield_now().await;
            self.since.set(now());
        }
        if self.job.cancelled.get() { Err(Error::Cancelled) } else { Ok(()) }
    }
}
