//! The training in the worker: steps, and now and then a glance at what they did.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use js_sys::{Date, Uint8Array};
use prediction_depth::data::Split;
use prediction_depth::measures::IterationLearned;
use prediction_depth::nets::Net;
use prediction_depth::representations::inputs;
use prediction_depth::study::Study;
use prediction_depth::train::Trainer;
use prediction_depth::{Class, Result};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::MessageEvent;

use crate::ladder::Ladder;
use crate::measured::Measured;
use crate::message::{Glance, Pace, Reply};
use crate::training::Plan;
use crate::turn::turn;
use crate::worker::{post, scope};

/// A glance is taken so many times as long after the last as it took, so that most of the time is training.
const SELDOM: f64 = 2.0;
/// And no sooner than this, in milliseconds, so that the page can draw it.
const SOONEST: f64 = 700.0;

/// Trains the network of a plan, at the pace that the page tells.
pub async fn lesson(of: &Study, plan: &Plan, ladder: &Ladder) -> Result<()> {
    let (network, study) = plan.begin(of)?;
    let ids = Split::Train.examples(&study.splits);
    let labels: Vec<Class> = ids.iter().map(|&id| study.given_labels[id]).collect();
    let images = inputs(&study.preprocessing, &study.images.select(&ids)?)?;
    let mut trainer = Trainer::new(&network, images, &labels, plan.recipe())?;
    let mut looks = Looks { network: &network, study, ladder, learned: IterationLearned::default(), next: 0.0 };
    let (steps, an_epoch) = (trainer.steps(), trainer.steps_an_epoch());
    looks.look(0, steps, None).await?;
    let (mut told, mut pace, mut losses) = (listen(), Pace::Run, Vec::new());
    for step in 1..=steps {
        losses.push(f64::from(trainer.step()?.loss));
        turn().await;
        while let Ok(new) = told.try_recv() {
            pace = new;
        }
        let epoch_over = step % an_epoch == 0;
        let waits = pace == Pace::Pause || pace == Pace::Epoch && epoch_over;
        if waits || step == steps || epoch_over && Date::now() >= looks.next {
            let loss = losses.iter().sum::<f64>() / losses.len() as f64;
            losses.clear();
            looks.look(step, steps, Some(loss)).await?;
        }
        if waits && step < steps {
            pace = wait(&mut told).await;
        }
    }
    Ok(())
}

/// The network as it is, seen by the probes.
struct Looks<'a> {
    network: &'a Net,
    study: Study,
    ladder: &'a Ladder,
    learned: IterationLearned,
    /// When the next may be taken.
    next: f64,
}

impl Looks<'_> {
    async fn look(&mut self, step: usize, steps: usize, loss: Option<f64>) -> Result<()> {
        let start = Date::now();
        self.study.weights = Study::weights_of(self.network)?;
        let measured = Measured::of(&self.study, self.ladder, &()).await?;
        self.study.measured = measured.depth.clone();
        self.study.output_margins.clone_from(&measured.output_margins);
        if step == 0 {
            post(&Reply::Begun(self.study.to_bytes()?));
        }
        let learned = self.learned.note(step as u32, &measured.depth.predictions).to_vec();
        let (weights, failure) = (self.study.weights.clone(), self.ladder.failure());
        post(&Reply::Glance(Glance { step, steps, loss, weights, measured, learned, failure }));
        let now = Date::now();
        self.next = now + SOONEST.max(SELDOM * (now - start));
        Ok(())
    }
}

/// What the page says from now on.
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

/// Waits for another pace than a pause.
async fn wait(told: &mut UnboundedReceiver<Pace>) -> Pace {
    loop {
        match told.recv().await {
            Ok(Pace::Pause) => {}
            Ok(pace) => return pace,
            Err(_) => return Pace::Run, // never: the sender lives as long as the worker
        }
    }
}
