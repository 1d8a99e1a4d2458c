//! What a page that holds this one in a frame is told: how high it is, what was looked at, what was trained. And that
//! nothing is trained where nobody sees it.
//!
//! A message is `{ source: "prediction-depth", type, detail }`. It goes to whatever page holds the frame, and says
//! nothing of the images but their places in the study.

use js_sys::Array;
use prediction_depth::study::SplitSummary;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{IntersectionObserver, IntersectionObserverEntry, ResizeObserver, Window};

use super::sender::Sender;
use crate::dom::{document, window};
use crate::state::action::Action;
use crate::state::derived::Derived;
use crate::state::page::State;

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
pub fn opened(state: &State) {
    let Some(opened) = &state.opened else { return };
    tell("opened", &json!({ "title": opened.stored.title, "examples": opened.stored.labels.len() }));
}

/// What is looked at, after the reader changed it.
pub fn selected(state: &State, derived: &Derived) {
    if let Ok(event) = web_sys::CustomEvent::new("pdepth:looked") {
        let _ = window().dispatch_event(&event);
    }
    if state.opened.is_none() || host().is_none() {
        return;
    }
    let (view, hash) = (state.view, state.view.to_hash());
    tell(
        "selected",
        &json!({
            "selection": hash.trim_start_matches('#'),
            "split": view.split.name(),
            "example": view.example,
            "depth": view.example.map(|example| derived.depths[example]),
            "examples": derived.selected,
        }),
    );
}

/// Tells scripts in this window that a job ended.
pub fn ended() {
    if let Ok(event) = web_sys::CustomEvent::new("pdepth:measured") {
        let _ = window().dispatch_event(&event);
    }
}

/// A training that ended.
pub fn trained(state: &State, derived: &Derived) {
    let (Some(opened), [train, validation, _]) = (&state.opened, &derived.summaries[..]) else { return };
    let split = |split: &SplitSummary| json!({ "examples": split.examples, "accuracy": split.accuracy, "mean_depth": split.mean_depth });
    tell(
        "trained",
        &json!({
            "title": opened.stored.title,
            "layers": opened.shown.layers,
            "k": opened.shown.probing.k,
            "train": split(train),
            "validation": split(validation),
        }),
    );
}

/// Tells how high the page is, and the app whether it is seen.
pub fn start(sender: &Sender) {
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

    let sender = sender.clone();
    let seen = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        let newest = entries.pop().unchecked_into::<IntersectionObserverEntry>();
        sender.send(Action::Seen(newest.is_intersecting()));
    });
    if let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) {
        observer.observe(&body);
    }
    seen.forget();
}
