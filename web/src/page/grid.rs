//! The images of the examples, hardest first, under the depths they have.

use std::rc::Rc;

use prediction_depth::study::Study;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlButtonElement, HtmlElement};

use super::app::{App, Opened};
use super::dom::{add, by_id, document, hold, listen, make, say, set};
use crate::view::View;
use crate::words;

/// Images that are shown at once, and more at a time.
const MANY: usize = 200;

pub fn draw(opened: &Opened, view: View) {
    by_id::<HtmlElement>("images").set_inner_html("");
    more(opened, view);
    mark(view);
}

/// Adds the next images after those that are there.
fn more(opened: &Opened, view: View) {
    let (study, place) = (&opened.shown, by_id::<HtmlElement>("images"));
    let examples = view.thumbnails(study);
    let there = place.query_selector_all("button").map_or(0, |buttons| buttons.length() as usize);
    let shown = (there + MANY).min(examples.len());
    let next = &examples[there.min(shown)..shown];
    for group in next.chunk_by(|&a, &b| opened.depths[a] == opened.depths[b]) {
        let depth = opened.depths[group[0]];
        let buttons: Vec<_> = group.iter().map(|&example| thumbnail(opened, example, "thumb")).collect();
        let known = place.query_selector(&format!("[data-group='{depth}']")).ok().flatten();
        if let Some(known) = known {
            add(&known, &buttons);
        } else {
            let images = hold("div", "thumbs", &buttons);
            set(&images, "data-group", depth);
            set(&images, "data-rove", "");
            set(&images, "role", "group");
            set(&images, "aria-label", heading(study, depth));
            add(&place, [&say("h3", "", &heading(study, depth)), &images]);
        }
    }
    by_id::<HtmlButtonElement>("more").set_hidden(shown == examples.len());
    let flipped = if study.labels == study.given_labels { "" } else { " A corner marks flipped labels." };
    let hint = if examples.is_empty() {
        "This split has no example of this depth.".to_owned()
    } else {
        format!("{} of {}.{flipped}", words::count(shown), words::count(examples.len()))
    };
    by_id::<HtmlElement>("images-hint").set_text_content(Some(&hint));
}

fn heading(study: &Study, depth: usize) -> String {
    match study.layers.get(depth) {
        Some(layer) => format!("Depth {depth}: settled from {layer} on"),
        None => "Undetermined: the last probe disagrees with the network".into(),
    }
}

/// An example's image as a button that selects it.
pub fn thumbnail(opened: &Opened, example: usize, class: &str) -> HtmlElement {
    let button = make("button", class);
    let name = words::example(&opened.shown, &opened.depths, example);
    set(&button, "type", "button");
    set(&button, "data-example", example);
    set(&button, "style", opened.sheet.place(example));
    set(&button, "aria-label", &name);
    set(&button, "title", &name);
    set(&button, "tabindex", -1);
    if words::is_flipped(&opened.shown, example) {
        let _ = button.class_list().add_1("flipped");
    }
    button
}

/// Marks the example that is looked at, and lets the Tab key enter each group at one place.
pub fn mark(view: View) {
    let place = by_id::<Element>("images");
    each(&place, "[aria-current]", |button| {
        let _ = button.remove_attribute("aria-current");
    });
    each(&place, ".thumbs", |group| {
        each(group, "[tabindex='0']", |button| set(button, "tabindex", -1));
        let current = view.example.map(|example| format!("[data-example='{example}']"));
        let current = current.and_then(|current| group.query_selector(&current).ok().flatten());
        if let Some(current) = &current {
            set(current, "aria-current", "true");
        }
        if let Some(entry) = current.or_else(|| group.first_element_child()) {
            set(&entry, "tabindex", 0);
        }
    });
}

/// Every element of a selector.
fn each(place: &Element, selector: &str, mut apply: impl FnMut(&Element)) {
    let Ok(found) = place.query_selector_all(selector) else { return };
    for index in 0..found.length() {
        if let Some(element) = found.get(index).and_then(|node| node.dyn_into::<Element>().ok()) {
            apply(&element);
        }
    }
}

pub fn start(app: &Rc<App>) {
    let app = app.clone();
    listen(&by_id::<HtmlButtonElement>("more"), "click", move |_: Event| {
        let place = by_id::<Element>("images");
        let there = place.query_selector_all("button").map_or(0, |buttons| buttons.length());
        if let Some(opened) = app.opened.borrow().as_ref() {
            more(opened, app.view.get());
            mark(app.view.get());
        }
        // The button may be gone: the first of the new images takes the focus.
        let buttons = document().query_selector_all("#images button").ok();
        let first = buttons.and_then(|buttons| buttons.get(there));
        if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
            let _ = first.focus();
        }
    });
}
