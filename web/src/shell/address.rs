//! The view and edits in the page's URL. Undo and redo are steps in the browser's history.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::{Event, HtmlButtonElement, HtmlElement, KeyboardEvent};

use super::host;
use super::sender::Sender;
use crate::dom::{by_id, document, listen, window};
use crate::state::action::{Action, Step, UrlEdits};
use crate::state::edits_url;
use crate::state::opened::Opened;
use crate::state::page::State;
use crate::state::view::View;

/// Position of the page in the browser's history.
#[derive(Default)]
pub struct Trail {
    place: Cell<u32>,
    last: Cell<u32>,
}

fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

/// Returns the name of the study that the view of the URL is for; `None` if the URL leads to it.
pub fn file() -> Option<String> {
    split_hash(&hash()).0
}

/// Returns the name of the study in a hash, and the rest of the hash, without `#`.
pub fn split_hash(hash: &str) -> (Option<String>, String) {
    let (files, rest): (Vec<&str>, Vec<&str>) =
        hash.trim_start_matches('#').split('&').partition(|part| part.starts_with("file="));
    let name = files.first().and_then(|part| js_sys::decode_uri_component(&part["file=".len()..]).ok());
    (name.map(String::from), rest.join("&"))
}

/// Returns the view of the URL; the usual one if it is for another study.
pub fn view() -> View {
    if file().is_some() { View::default() } else { View::from_hash(&hash()) }
}

/// Returns the edits of the URL, with the example to blend with.
pub fn edits() -> UrlEdits {
    let (file, hash) = split_hash(&hash());
    if file.is_some() { None } else { edits_in(&hash) }
}

fn edits_in(hash: &str) -> UrlEdits {
    let text = hash.split('&').find_map(|part| part.strip_prefix("edit="))?;
    Some(edits_url::read(text))
}

impl Trail {
    /// Writes view and edits to the URL. If the browser forbids it, the page continues without.
    pub fn remember(&self, state: &State, step: Step) {
        let file = state.opened.as_ref().and_then(Opened::name_in_url);
        let file = file.map(|name| format!("file={}", js_sys::encode_uri_component(name)));
        let view = Some(state.view.to_hash().trim_start_matches('#').to_owned()).filter(|view| !view.is_empty());
        let edits = state.edits_in_url().map(|edits| format!("edit={edits}"));
        let parts: Vec<String> = [file, view, edits].into_iter().flatten().collect();
        let hash = if parts.is_empty() { String::new() } else { format!("#{}", parts.join("&")) };
        let step = if hash == self::hash() { Step::Same } else { step };
        let address = if hash.is_empty() { window().location().search().unwrap_or_default() } else { hash };
        let address = if address.is_empty() { "?".to_owned() } else { address };
        let Ok(history) = window().history() else { return };
        // In a frame, history entries would belong to the surrounding page, whose back button should leave that page.
        let step = if host::is_framed() { Step::Same } else { step };
        if step == Step::Same {
            let _ = history.replace_state_with_url(&self.place.get().into(), "", Some(&address));
        } else if history.push_state_with_url(&JsValue::from(self.place.get() + 1), "", Some(&address)).is_ok() {
            self.place.set(self.place.get() + 1);
            self.last.set(self.place.get());
        }
        self.offer();
        if let Ok(event) = web_sys::CustomEvent::new("pdepth:looked") {
            let _ = window().dispatch_event(&event);
        }
    }

    /// Enables the undo and redo buttons if there is a step. Undo never leaves this page.
    fn offer(&self) {
        let button = |id: &str| by_id::<HtmlButtonElement>(id);
        button("step-back").set_disabled(self.place.get() == 0);
        button("step-forward").set_disabled(self.place.get() >= self.last.get());
    }

    fn go(&self, by: i32) {
        let to = self.place.get().checked_add_signed(by).filter(|&to| to <= self.last.get());
        if let (Some(_), Ok(history)) = (to, window().history()) {
            let _ = history.go_with_delta(by);
        }
    }
}

/// Returns the position that the history stores; 0 for a URL that was typed.
fn place() -> u32 {
    let state = window().history().ok().and_then(|history| history.state().ok());
    state.and_then(|state| state.as_f64()).map_or(0, |place| place as u32)
}

pub fn start(trail: &Rc<Trail>, sender: &Sender) {
    trail.place.set(place()); // the page may have been reloaded in between
    trail.last.set(place());
    trail.offer();
    let (heard, sender) = (trail.clone(), sender.clone());
    listen(&window(), "popstate", move |_: Event| {
        heard.place.set(place());
        heard.last.set(heard.last.get().max(place()));
        heard.offer();
        let (file, hash) = split_hash(&hash());
        sender.send(Action::Follow(file, View::from_hash(&hash), edits_in(&hash)));
    });
    for (id, by) in [("step-back", -1), ("step-forward", 1)] {
        let heard = trail.clone();
        listen(&by_id::<HtmlElement>(id), "click", move |_: Event| heard.go(by));
    }
    let heard = trail.clone();
    listen(&document(), "keydown", move |event: KeyboardEvent| {
        let typing = document().active_element().is_some_and(|element| {
            element.matches("input:not([type=range], [type=checkbox], [type=file]), textarea").unwrap_or(false)
        });
        if typing || !(event.ctrl_key() || event.meta_key()) {
            return;
        }
        let by = match (event.key().to_lowercase().as_str(), event.shift_key()) {
            ("z", false) => -1,
            ("z", true) | ("y", false) => 1,
            _ => return,
        };
        event.prevent_default();
        heard.go(by);
    });
}
