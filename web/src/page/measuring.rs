//! Measures the open study in slices, so that the page stays alive; shows how far it is; can be cancelled.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Promise;
use prediction_depth::search::{Cpu, Device, DeviceChoice, adapters};
use prediction_depth::study::Study;
use prediction_depth::{Error, Progress, Result};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{CustomEvent, MessageChannel, UrlSearchParams};

use super::adapter;
use super::app::App;
use super::dom::{now, window};
use super::status;
use crate::ladder::Ladder;
use crate::measured::Measured;
use crate::words;

/// Milliseconds of work between two looks at the page's events.
const SLICE: f64 = 24.0;

/// Bytes that a search may use: a tab has at most 4 GiB.
pub const MEMORY: usize = 1 << 30;

/// How a measurement stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Opening,
    Measuring,
    Measured,
    Cancelled,
    Failed,
}

/// One measurement, as others see it.
#[derive(Default)]
pub struct Job {
    pub state: Cell<State>,
    pub cancelled: Cell<bool>,
    /// What computed it, as the page says it.
    pub device: std::cell::RefCell<String>,
}

/// Measures the study that is open, instead of whatever was being measured.
pub async fn measure(app: Rc<App>) {
    let job = Rc::new(Job::default());
    app.job.replace(job.clone()).cancelled.set(true);
    let Some((name, study)) = app.opened.borrow().as_ref().map(|open| (open.name.clone(), open.stored.clone())) else {
        return;
    };
    job.state.set(State::Measuring);
    status::measuring();
    let (device, mut place) = open_device().await;
    let ladder = Ladder::new(device);
    let turns = Turns { job: job.clone(), study: study.clone(), since: Cell::new(now()) };
    let started = now();
    let result = Measured::of(&study, &ladder, &turns).await;
    if job.cancelled.get() && !Rc::ptr_eq(&job, &app.job.borrow()) {
        return; // another study is open by now
    }
    if let Some(problem) = ladder.failure() {
        status::alert(&format!("The GPU failed; the CPU went on. The results are the same. ({problem})"));
        place = "on the CPU, since the GPU failed".into();
    }
    *job.device.borrow_mut() = place.clone();
    let state = match result {
        Ok(measured) => {
            let verdict = compare(&study, &measured);
            app.take(measured);
            status::measured(&place, (now() - started) / 1000.0, &verdict);
            State::Measured
        }
        Err(Error::Cancelled) => {
            status::not_measured("Cancelled: the figures are those in the file; neighbours are not known.");
            State::Cancelled
        }
        Err(error) => {
            status::alert(&format!("{name}: {error}"));
            status::not_measured("Not measured here: the figures are those in the file.");
            State::Failed
        }
    };
    job.state.set(state);
    if let Ok(event) = CustomEvent::new("pdepth:measured") {
        let _ = window().dispatch_event(&event);
    }
}

/// How this measurement and that in the file compare.
fn compare(study: &Study, measured: &Measured) -> String {
    let (here, there) = (measured.depth.depths(), study.measured.depths());
    let differ = here.iter().zip(&there).filter(|(here, there)| here != there).count();
    match differ {
        0 => "Every depth equals the one in the file.".into(),
        _ => format!("{} of {} depths differ from those in the file.", words::count(differ), words::count(here.len())),
    }
}

/// What `?device=gpu|cpu|auto` asks for, and in words what was taken and why.
async fn open_device() -> (Device, String) {
    let query = window().location().search().unwrap_or_default();
    let asked = UrlSearchParams::new_with_str(&query).ok().and_then(|query| query.get("device"));
    let choice = match asked.as_deref() {
        Some("gpu") => DeviceChoice::Gpu,
        Some("cpu") => DeviceChoice::Cpu,
        _ => DeviceChoice::Auto,
    };
    match Device::open(choice, MEMORY).await {
        Ok((Device::Gpu(gpu), _)) => {
            let name = adapter::name().await.unwrap_or_else(|| gpu.adapter().name.clone());
            let software = if gpu.adapter().software { ", in software" } else { "" };
            let words = format!("on the GPU by WebGPU ({name}{software})");
            (Device::Gpu(gpu), words)
        }
        Ok((cpu, _)) if choice == DeviceChoice::Cpu => (cpu, "on the CPU, as the address asks".into()),
        Ok((cpu, _)) => {
            let why = match adapters().await.first() {
                Some(adapter) if adapter.software => "the only WebGPU adapter here computes in software",
                Some(_) => "the WebGPU adapter here cannot be used",
                None => {
                    "this browser shows no WebGPU adapter (Chromium on Linux may want to be started with \
                     --enable-unsafe-webgpu)"
                }
            };
            (cpu, format!("on the CPU: {why}"))
        }
        Err(error) => {
            status::alert(&format!("No GPU can be had, so the CPU computes. ({error})"));
            (Device::Cpu(Cpu::default()), "on the CPU: no GPU can be had".into())
        }
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
            let counts = words::progress(done, self.study.layers.len(), self.study.labels.len());
            status::counts(done as f64 / total.max(1) as f64, &counts);
            turn().await;
            self.since.set(now());
        }
        if self.job.cancelled.get() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// Comes back after the events that wait. A message, not a timer: timers are slowed down, most of all in hidden tabs.
async fn turn() {
    let promise = Promise::new(&mut |resolve, _| {
        if let Ok(channel) = MessageChannel::new() {
            channel.port1().set_onmessage(Some(&resolve));
            let _ = channel.port2().post_message(&JsValue::NULL);
        } else {
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    // This promise is never rejected.
    let _ = JsFuture::from(promise).await;
}
