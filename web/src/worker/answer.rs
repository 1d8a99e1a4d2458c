//! The worker's entry point: measures a study or trains a network on its own thread.

use std::cell::Cell;

use js_sys::Date;
use prediction_depth::study::Study;
use prediction_depth::{Progress, Result};
use wasm_bindgen::prelude::wasm_bindgen;

use super::message::{Reply, Request};
use super::scope::post;
use super::train::train;
use crate::backend;
use crate::gpu_fallback::GpuFallback;
use crate::state::measured::Measured;

/// Minimum time between two reports, in milliseconds.
const REPORT: f64 = 30.0;

/// Handles the worker's only request: called with the bytes of a [`Request`]; posts the bytes of each [`Reply`]. The
/// page stops it by terminating the worker.
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
    let fallback = GpuFallback::new(device, backend::MEMORY);
    if let Some(plan) = request.plan {
        return train(&study, &plan, &fallback).await;
    }
    let measured = Measured::new(&study, &fallback, &Reports { last: Cell::new(0.0) }).await?;
    post(&Reply::Measurement { measured, failure: fallback.failure() });
    Ok(())
}

/// Reports the progress to the page.
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
