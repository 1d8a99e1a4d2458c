//! The worker: measures a study for a page, or trains a network, on a thread of its own.

use std::cell::Cell;

use js_sys::{Array, Date, Uint8Array};
use prediction_depth::study::Study;
use prediction_depth::{Progress, Result};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::DedicatedWorkerGlobalScope;

use crate::backend;
use crate::ladder::Ladder;
use crate::lesson::lesson;
use crate::measured::Measured;
use crate::message::{Reply, Request};

/// Milliseconds between two reports.
const REPORT: f64 = 30.0;

/// Called once in a worker, with the bytes of a [`Request`]; posts the bytes of each [`Reply`]. To stop it, the page ends
/// the worker.
#[wasm_bindgen]
pub async fn answer(request: Vec<u8>) {
    let done = match postcard::from_bytes::<Request>(&request) {
        Ok(request) => obey(request).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(problem) = done {
        post(&Reply::Failed(problem));
    }
}

async fn obey(request: Request) -> Result<()> {
    let study = Study::from_bytes(&request.study)?;
    drop(request.study);
    let (device, place) = backend::open(backend::choice(request.device.as_deref())).await;
    post(&Reply::Place(place));
    let ladder = Ladder::new(device);
    if let Some(plan) = request.plan {
        return lesson(&study, &plan, &ladder).await;
    }
    let measured = Measured::of(&study, &ladder, &Reports { last: Cell::new(0.0) }).await?;
    post(&Reply::Measured { measured, failure: ladder.failure() });
    Ok(())
}

/// Tells the page how far it is.
struct Reports {
    last: Cell<f64>,
}

impl Progress for Reports {
    async fn step(&self, done: usize, total: usize) -> Result<()> {
        if Date::now() - self.last.get() > REPORT {
            self.last.set(Date::now());
            post(&Reply::Counts { done, total });
        }
        Ok(())
    }
}

/// The worker itself; none in a window.
pub fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

pub fn post(reply: &Reply) {
    let (Some(scope), Ok(bytes)) = (scope(), postcard::to_allocvec(reply)) else { return };
    let bytes = Uint8Array::from(&bytes[..]);
    let _ = scope.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
}
