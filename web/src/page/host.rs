//! What a page that holds this one in a frame is told: how high it is, what was looked at, what was trained. And that nothing
//! is trained where nobody sees it.
//!
//! A message is `{ source: "prediction-depth", type, detail }`. It goes to whatever page holds the frame, and says nothing
//! of the images but their places in the study.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Array;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{IntersectionObserver, IntersectionObserverEntry, ResizeObserver, Window};

use super::app::{App, Opened};
use super::dom::{document, window};
use super::measuring::State;
use super::training;
use crate::worker::message::Pace;

/// The page that holds this one in a frame; none where it stands alone.
fn host() -> Option<Window> {
    let host = window().parent().ok().flatten()?;
    (!js_sys::Object::is(host.as_ref(), window().as_ref())).then_some(host)
}

fn tell(kind: &str, detail: &Value) {
    let Some(host) = host() else { return };
    let message = json!({ "source": "prediction-depth", "type": kind, "detail": detail }).to_string();
    if let Ok(message) = js_sys::JSON::parse(&message) {
        let _ = host.post_message(&message, "*"); // whoever holds it: a frame without an origin knows no name
    }
}

/// Whether another page holds this one.
pub fn is_framed() -> bool {
    host().is_some()
}

/// A study is on show.
pub fn opened(opened: &Opened) {
    tell("opened", &json!({ "title": opened.stored.title, "examples": opened.stored.labels.len() }));
}

/// What is looked at, after the reader changed it.
pub fn selected(app: &App) {
    if let Ok(event) = web_sys::CustomEvent::new("pdepth:looked") {
        let _ = window().dispatch_event(&event);
    }
    let opened = app.opened.borrow();
    let (Some(opened), Some(_)) = (opened.as_ref(), host()) else { return };
    let view = app.view.get();
    let examples = view.thumbnails(&opened.shown);
    let hash = view.to_hash();
    tell(
        "selected",
        &json!({
            "selection": hash.trim_start_matches('#'),
            "split": view.split.name(),
            "example": view.example,
            "depth": view.example.map(|example| opened.depths[example]),
            "examples": examples,
        }),
    );
}

/// A training that ended.
pub fn trained(app: &App) {
    let opened = app.opened.borrow();
    let Some(opened) = opened.as_ref() else { return };
    let summary = opened.shown.summary();
    let split = |split: &prediction_depth::study::SplitSummary| json!({ "examples": split.examples, "accuracy": split.accuracy, "mean_depth": split.mean_depth });
    tell(
        "trained",
        &json!({
            "title": opened.stored.title,
            "layers": opened.shown.layers,
            "k": opened.shown.probing.k,
            "train": split(&summary.train),
            "validation": split(&summary.validation),
        }),
    );
}

pub fn start(app: &Rc<App>) {
    if host().is_none() {
        return;
    }
    let Some(body) = document().body() else { return };
    let measured = body.clone();
    let resized = Closure::<dyn FnMut()>::new(move || {
        tell("height", &json!(measured.get_bounding_client_rect().height().ceil()));
    });
    if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
        observer.observe(&body);
    }
    resized.forget();

    let (app, stopped) = (app.clone(), Cell::new(false));
    let seen = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        let newest = entries.pop().unchecked_into::<IntersectionObserverEntry>();
        see(&app, &stopped, newest.is_intersecting());
    });
    if let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) {
        observer.observe(&body);
    }
    seen.forget();
}

/// Stops a training that went out of sight, and goes on when it is seen again; what the reader paused stays so.
fn see(app: &App, stopped: &Cell<bool>, visible: bool) {
    let job = app.job.borrow().clone();
    match (visible, job.state.get()) {
        (false, State::Training) => {
            stopped.set(true);
            training::tell(&job, Pace::Pause);
        }
        (true, State::Paused) if stopped.take() => training::tell(&job, Pace::Run),
        _ => {}
    }
}
