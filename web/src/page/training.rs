//! The training of the reader's own network: a form, a worker, and figures that follow.

use std::rc::Rc;

use prediction_depth::data::Split;
use prediction_depth::plot::{Series, learned_by_depth as figure};
use prediction_depth::study::Study;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlButtonElement, HtmlElement, HtmlInputElement};

use super::app::{App, Opened};
use super::dom::{add, by_id, listen, make, say, set};
use super::editor::Editor;
use super::measuring::{Job, State, asked, measure};
use super::{host, opening, status};
use crate::text;
use crate::training::{TrainingPlan, learned_by_depth};
use crate::worker::client::{Said, Worker};
use crate::worker::message::{Glance, Pace, Place, Reply, Request};

/// The classes to choose from: those of the study on whose examples a network would be trained.
pub fn offer(opened: &Opened) {
    if opened.origin.is_some() {
        return; // the choice stands
    }
    list_classes(&opened.stored);
    by_id::<HtmlElement>("learned").set_inner_html("");
    by_id::<HtmlElement>("lesson").set_text_content(None);
    controls(None, false);
}

fn list_classes(study: &Study) {
    by_id::<HtmlElement>("training").set_hidden(false);
    let group = by_id::<HtmlElement>("plan-classes");
    group.set_inner_html("");
    add(&group, [&say("legend", "", "Classes")]);
    for (class, name) in study.classes.iter().enumerate() {
        let (label, box_) = (make("label", ""), make("input", ""));
        for (attribute, value) in [("type", "checkbox"), ("checked", ""), ("value", &class.to_string())] {
            set(&box_, attribute, value);
        }
        add(&label, [&box_, &say("span", "", name)]);
        add(&group, [&label]);
    }
}

pub fn start(app: &Rc<App>) {
    let heard = app.clone();
    listen(&by_id::<HtmlElement>("plan"), "submit", move |event: Event| {
        event.prevent_default();
        let app = heard.clone();
        spawn_local(async move { train(&app).await });
    });
    let heard = app.clone();
    listen(&by_id::<HtmlButtonElement>("pause"), "click", move |_: Event| {
        let job = heard.job.borrow().clone();
        let paused = job.state.get() == State::Paused;
        tell(&job, if paused { Pace::Run } else { Pace::Pause });
    });
    let heard = app.clone();
    listen(&by_id::<HtmlButtonElement>("epoch"), "click", move |_: Event| tell(&heard.job.borrow(), Pace::Epoch));
    let heard = app.clone();
    listen(&by_id::<HtmlButtonElement>("stop"), "click", move |_: Event| heard.job.borrow().cancel());
    let heard = app.clone();
    listen(&by_id::<HtmlButtonElement>("back"), "click", move |_: Event| {
        let origin = heard.opened.borrow().as_ref().and_then(|opened| opened.origin.clone());
        let Some((name, study)) = origin.filter(|(_, study)| !study.layers.is_empty()) else { return };
        heard.job.borrow().cancel();
        opening::show(&heard, Opened::new(&name, Study::clone(&study)));
        spawn_local(measure(heard.clone()));
    });
}

pub fn tell(job: &Job, pace: Pace) {
    let Some(worker) = &*job.worker.borrow() else { return };
    worker.tell(pace);
    let state = if pace == Pace::Pause { State::Paused } else { State::Training };
    // After one epoch it waits again: the button says so at once.
    let state = if pace == Pace::Epoch { State::Paused } else { state };
    job.state.set(state);
    let pause = by_id::<HtmlButtonElement>("pause");
    pause.set_text_content(Some(pause_words(state)));
}

/// What the form says.
fn plan() -> TrainingPlan {
    let number = |id: &str| by_id::<HtmlInputElement>(id).value_as_number();
    let boxes = by_id::<HtmlElement>("plan-classes").query_selector_all("input:checked");
    let boxes = boxes.map(|boxes| (0..boxes.length()).filter_map(move |at| boxes.get(at)));
    let classes = boxes.into_iter().flatten().filter_map(|one| one.dyn_into::<HtmlInputElement>().ok());
    TrainingPlan {
        depth: number("plan-depth") as usize,
        width: number("plan-width") as usize,
        seed: number("plan-seed") as u64,
        learning_rate: number("plan-rate"),
        epochs: number("plan-epochs") as usize,
        k: number("plan-k") as usize,
        label_noise: number("plan-noise") / 100.0,
        classes: classes.filter_map(|one| one.value().parse().ok()).collect(),
    }
}

/// Trains on the examples of the open study, or of the one on whose examples that was trained.
async fn train(app: &Rc<App>) {
    let found = app
        .opened
        .borrow()
        .as_ref()
        .map(|opened| opened.origin.clone().unwrap_or_else(|| (opened.name.clone(), opened.stored.clone())));
    if let Some(origin) = found {
        train_from(app, origin).await;
    }
}

/// Trains on data that were just read: all classes, and the other numbers as the form has them.
pub async fn train_on(app: &Rc<App>, study: Rc<Study>) {
    list_classes(&study);
    train_from(app, (study.title.clone(), study)).await;
}

async fn train_from(app: &Rc<App>, origin: (String, Rc<Study>)) {
    let Ok(study) = origin.1.to_bytes() else { return };
    let request = Request { study, device: asked(), plan: Some(plan()) };
    let job = Rc::new(Job::default());
    app.job.replace(job.clone()).cancel();
    status::alert("");
    let Some((worker, mut replies)) = Worker::hire(&request) else {
        return status::alert("Training needs a worker, and this browser gives this page none.");
    };
    job.worker.replace(Some(worker));
    job.state.set(State::Training);
    controls(Some(State::Training), false);
    status::training();
    let problem = loop {
        match replies.recv().await {
            Ok(Said::Reply(Reply::Place(Place { words, .. }))) => {
                *job.device.borrow_mut() = format!("{words}, in a worker");
            }
            Ok(Said::Reply(Reply::Begun(bytes))) => match Study::from_bytes(&bytes) {
                Ok(study) => {
                    let opened = Opened::new("trained.safetensors", study);
                    opening::show(app, Opened { origin: Some(origin.clone()), ..opened });
                }
                Err(error) => break Some(error.to_string()),
            },
            Ok(Said::Reply(Reply::Glance(glance))) => {
                let over = glance.step == glance.steps;
                show(app, &job, glance);
                if over {
                    break None;
                }
            }
            Ok(Said::Reply(Reply::Failed(problem)) | Said::Broken(problem)) => break Some(problem),
            Ok(Said::Reply(Reply::Counts { .. } | Reply::Measurement { .. })) => {} // of a measurement
            Err(_) if Rc::ptr_eq(&job, &app.job.borrow()) => break None,            // stopped by the reader
            Err(_) => return,                                                       // another study was opened
        }
    };
    controls(None, app.opened.borrow().as_ref().is_some_and(can_go_back));
    if let Some(problem) = problem {
        status::alert(&format!("The training ended: {problem}"));
        status::say("");
        return job.end(State::Failed);
    }
    status::say("Trained and measured here, in your browser.");
    host::trained(app);
    job.end(State::Measurement);
}

/// Whether there was a study before, not data alone.
fn can_go_back(opened: &Opened) -> bool {
    opened.origin.as_ref().is_some_and(|(_, study)| !study.layers.is_empty())
}

/// Takes over what a glance saw.
fn show(app: &App, job: &Job, glance: Glance) {
    let Glance { step, steps, loss, weights, measured, learned, failure } = glance;
    if failure.is_some() {
        *job.device.borrow_mut() = "on the CPU, since the GPU failed, in a worker".into();
    }
    if let Some(opened) = app.opened.borrow_mut().as_mut() {
        let stored = Study::clone(&opened.stored);
        let (depth, output_margins) = (measured.depth.clone(), measured.output_margins.clone());
        opened.stored = Rc::new(Study { weights, measured: depth, output_margins, ..stored });
        opened.editor = Editor::new(&opened.stored, &opened.layer_bytes); // edits were of the network before
    }
    app.take(measured);
    let opened = app.opened.borrow();
    let Some(opened) = opened.as_ref() else { return };
    controls(Some(job.state.get()), can_go_back(opened));
    draw(opened, &learned, step);
    let summary = opened.shown.summary();
    let loss = loss.map_or_else(String::new, |loss| format!(" · loss {loss:.3}"));
    by_id::<HtmlElement>("lesson").set_text_content(Some(&format!(
        "step {} of {}{loss} · accuracy: training {:.1} %, validation {:.1} %",
        text::count(step),
        text::count(steps),
        100.0 * summary.train.accuracy,
        100.0 * summary.validation.accuracy,
    )));
}

/// When the examples of each depth were learned.
fn draw(opened: &Opened, learned: &[u32], step: usize) {
    let (study, place) = (&opened.shown, by_id::<HtmlElement>("learned"));
    let layers = study.layers.len();
    let of = |split: Split| learned_by_depth(&study.examples(split), &opened.depths, learned, step, layers);
    let means = [Split::Train, Split::Validation].map(|split| (text::split(split), of(split)));
    let series: Vec<_> = means.iter().map(|(name, values)| Series { name, values: &values[..] }).collect();
    place.set_inner_html(&figure(f64::from(place.client_width()), &study.layers, &series));
}

/// Which buttons make sense; `back`: whether there is a study to go back to.
fn controls(state: Option<State>, back: bool) {
    let button = |id: &str| by_id::<HtmlButtonElement>(id);
    for id in ["pause", "epoch", "stop"] {
        button(id).set_hidden(state.is_none());
    }
    button("pause").set_text_content(state.map(pause_words));
    button("train").set_text_content(Some(if back || state.is_some() { "Train anew" } else { "Train" }));
    button("back").set_hidden(!back);
}

fn pause_words(state: State) -> &'static str {
    if state == State::Paused { "Go on" } else { "Pause" }
}
