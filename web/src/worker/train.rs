//! Training in the worker: steps, with measurements in between.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use js_sys::{Date, Uint8Array};
use prediction_depth::Result;
use prediction_depth::experiment::{Experiment, MeasureOptions};
use prediction_depth::metrics::IterationLearned;
use prediction_depth::nets::{Device, Net};
use prediction_depth::study::Study;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::MessageEvent;

use super::message::Reply;
use super::scope::{post, scope};
use crate::gpu_fallback::GpuFallback;
use crate::state::glance::{Glance, Pace};
use crate::state::measured::Measured;
use crate::state::training::TrainingPlan;
use crate::state::voters::Voters;
use crate::yield_now::yield_now;

/// Minimum time between measurements, relative to the duration of the last one: most of the time is for training.
const SELDOM: f64 = 2.0;
/// Minimum time between measurements in milliseconds, so that the page can draw each.
const SOONEST: f64 = 700.0;

/// Trains the network of a plan, at the pace that the page sets.
pub async fn train(of: &Study, plan: &TrainingPlan, fallback: &GpuFallback) -> Result<()> {
    let experiment = plan.experiment(of)?;
    let network = experiment.network(&plan.architecture(), plan.seed, &Device::Cpu)?;
    let mut trainer = experiment.trainer(&network, plan.recipe())?;
    let learned = IterationLearned::default();
    let options = plan.options(of);
    let mut observer =
        CheckpointObserver { network: &network, experiment: &experiment, plan, options, fallback, learned, next: 0.0 };
    let (steps, an_epoch) = (trainer.steps(), trainer.steps_an_epoch());
    let (mut told, mut pace, mut losses) = (listen(), Pace::Run, Vec::new());
    observer.observe(0, steps, None, false).await?;
    for step in 1..=steps {
        losses.push(f64::from(trainer.step()?.loss));
        yield_now().await;
        while let Ok(new) = told.try_recv() {
            pace = new;
        }
        let epoch_over = step % an_epoch == 0;
        let waits = pace == Pace::Pause || pace == Pace::Epoch && epoch_over;
        if waits || step == steps || epoch_over && Date::now() >= observer.next {
            let loss = losses.iter().sum::<f64>() / losses.len() as f64;
            losses.clear();
            observer.observe(step, steps, Some(loss), waits && step < steps).await?;
        }
        if waits && step < steps {
            pace = wait(&mut told).await;
        }
    }
    Ok(())
}

/// Measures the network during its training.
struct CheckpointObserver<'a> {
    network: &'a Net,
    experiment: &'a Experiment,
    plan: &'a TrainingPlan,
    options: MeasureOptions,
    fallback: &'a GpuFallback,
    learned: IterationLearned,
    /// Earliest time of the next measurement, in milliseconds.
    next: f64,
}

impl CheckpointObserver<'_> {
    async fn observe(&mut self, step: usize, steps: usize, loss: Option<f64>, waits: bool) -> Result<()> {
        let start = Date::now();
        let mut voters = Voters::new(&self.experiment.splits);
        let listener = &mut |split, _, neighbors| voters.add(split, neighbors);
        let source = |examples: &[usize]| self.experiment.forward(self.network, examples);
        let found = self.experiment.measure(source, self.options, Some(listener), self.fallback, &()).await?;
        let (measured, weights) = (Measured::from_parts(&found, voters), Study::weights_of(self.network)?);
        if step == 0 {
            let (experiment, architecture) = (self.experiment.clone(), self.plan.architecture());
            let study = experiment.into_study(self.plan.title(), architecture, weights.clone(), found)?;
            post(&Reply::Begun(study.to_bytes()?));
        }
        let learned = self.learned.note(step as u32, &measured.depth.predictions).to_vec();
        let failure = self.fallback.failure();
        post(&Reply::Glance(Glance { step, steps, loss, weights, measured, learned, waits, failure }));
        let now = Date::now();
        self.next = now + SOONEST.max(SELDOM * (now - start));
        Ok(())
    }
}

/// Receives the paces that the page sends.
fn listen() -> UnboundedReceiver<Pace> {
    let (tell, told) = unbounded();
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Ok(pace) = postcard::from_bytes::<Pace>(&Uint8Array::new(&event.data()).to_vec()) {
            let _ = tell.unbounded_send(pace);
        }
    });
    if let Some(scope) = scope() {
        scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    }
    hear.forget(); // as long as the worker lives
    told
}

/// Waits for a pace other than a pause.
async fn wait(told: &mut UnboundedReceiver<Pace>) -> Pace {
    loop {
        match told.recv().await {
            Ok(Pace::Pause) => {}
            Ok(pace) => return pace,
            Err(_) => return Pace::Run, // never: the sender lives as long as the worker
        }
    }
}
