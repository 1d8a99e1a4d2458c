//! Messages to the page that embeds this one: its height, the selected example, the trained network. Also pauses
//! training while the page is out of sight.
//!
//! A message is `{ source: "prediction-depth", type, detail }`. Any embedding page receives it; it contains no images,
//! only indices of the study, and the user's name of the one example that is shown.

use js_sys::Array;
use prediction_depth::data::Split;
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

/// Returns the window of the embedding page; `None` without one.
fn host() -> Option<Window> {
    let host = window().parent().ok().flatten()?;
    (!js_sys::Object::is(host.as_ref(), window().as_ref())).then_some(host)
}

fn tell(kind: &str, detail: &Value) {
    let Some(host) = host() else { return };
    let message = json!({ "source": "prediction-depth", "type": kind, "detail": detail }).to_string();
    if let Ok(message) = js_sys::JSON::parse(&message) {
        let _ = host.post_message(&message, "*"); // any page: a frame without an origin cannot name one
    }
}

/// Returns whether another page embeds this one.
pub fn is_framed() -> bool {
    host().is_some()
}

/// Reports that a study is displayed.
pub fn opened(state: &State) {
    let Some(opened) = &state.opened else { return };
    tell("opened", &json!({ "title": opened.stored.title, "examples": opened.stored.labels.len() }));
}

/// Reports the view after the user changed it.
pub fn selected(state: &State, derived: &Derived) {
    let Some(opened) = state.opened.as_ref().filter(|_| host().is_some()) else { return };
    let (view, hash) = (state.view, state.view.to_hash());
    tell(
        "selected",
        &json!({
            "selection": hash.trim_start_matches('#'),
            "split": opened.shown.split_name(view.split),
            "example": view.example,
            "name": view.example.and_then(|example| opened.shown.name(example)),
            "depth": view.example.map(|example| derived.depths[example]),
            "examples": derived.selected,
        }),
    );
}

/// Notifies scripts in this window that a job ended.
pub fn ended() {
    if let Ok(event) = web_sys::CustomEvent::new("pdepth:measured") {
        let _ = window().dispatch_event(&event);
    }
}

/// Reports a training that ended.
pub fn trained(state: &State, derived: &Derived) {
    let Some(opened) = &state.opened else { return };
    let numbers = |split: &SplitSummary| json!({ "examples": split.examples, "accuracy": split.accuracy, "mean_depth": split.mean_depth });
    let split = |split: Split| derived.summary(split).map(numbers);
    tell(
        "trained",
        &json!({
            "title": opened.stored.title,
            "layers": opened.shown.layers,
            "k": opened.shown.probing.k,
            "train": split(Split::Train),
            "validation": split(Split::Validation),
        }),
    );
}

/// Starts to report the page's height, and to tell the app whether the page is visible.
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
