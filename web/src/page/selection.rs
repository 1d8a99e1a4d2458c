//! What is selected, in words; taking it back; saving it.

use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use prediction_depth::study::Study;
use serde_json::json;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, Element, Event, HtmlAnchorElement, HtmlElement, HtmlSelectElement};
use web_sys::{KeyboardEvent, MouseEvent, Url};

use super::app::{App, Opened, Step};
use super::dom::{add, by_id, document, listen, make, say, set, window};
use super::status;
use crate::picked::Picked;
use crate::view::View;
use crate::words;

pub fn draw(opened: &Opened, view: View) {
    let (study, chosen) = (&opened.shown, view.thumbnails(&opened.shown).len());
    let all = study.splits.iter().filter(|&&split| split == view.split).count();
    let words = if view.picked.is_all() {
        format!("All {} {} examples.", words::count(all), words::split(view.split))
    } else {
        format!("{} of {} {} examples selected.", words::count(chosen), words::count(all), words::split(view.split))
    };
    by_id::<HtmlElement>("selected").set_text_content(Some(&words));
    by_id::<HtmlElement>("clear").set_hidden(view.picked.is_all());
    let classes = by_id::<HtmlSelectElement>("class");
    classes.set_inner_html("");
    add(&classes, [&say("option", "", "all")]);
    for (class, name) in study.classes.iter().enumerate() {
        let option = say("option", "", name);
        set(&option, "value", class);
        add(&classes, [&option]);
    }
    classes.set_value(&view.picked.class.map_or("all".into(), |class| class.to_string()));
}

pub fn start(app: &Rc<App>) {
    let heard = app.clone();
    listen(&by_id::<HtmlElement>("clear"), "click", move |_: Event| {
        heard.look(|view| view.picked = Picked::default(), Step::New);
    });
    let heard = app.clone();
    listen(&by_id::<HtmlElement>("class"), "change", move |_: Event| {
        let class = by_id::<HtmlSelectElement>("class").value().parse().ok();
        heard.look(|view| view.picked.class = class, Step::New);
    });
    listen(&by_id::<HtmlElement>("step-back"), "click", |_: Event| undo());
    listen(&document(), "keydown", |event: KeyboardEvent| {
        let typing = document().active_element().is_some_and(|element| element.tag_name() == "INPUT");
        if (event.ctrl_key() || event.meta_key()) && event.key() == "z" && !typing {
            event.prevent_default();
            undo();
        }
    });
    let heard = app.clone();
    listen(&document(), "click", move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(button) = target.and_then(|target| target.closest("[data-save]").ok().flatten()) else { return };
        let what = button.get_attribute("data-save").unwrap_or_default();
        let opened = heard.opened.borrow();
        let Some(opened) = opened.as_ref() else { return };
        save(opened, heard.view.get(), &what);
    });
}

/// The view before: every selection is a step of the browser's history.
fn undo() {
    if let Ok(history) = window().history() {
        let _ = history.back();
    }
}

/// Saves the selection, the study, or a figure.
fn save(opened: &Opened, view: View, what: &str) {
    let examples = view.thumbnails(&opened.shown);
    let written = match what {
        "csv" => opened.shown.depth_csv(&examples).map(|bytes| ("selection.csv".to_owned(), "text/csv", bytes)),
        "json" => Ok(("selection.json".to_owned(), "application/json", rows(opened, &examples).into_bytes())),
        "study" => opened.stored.to_bytes().map(|bytes| ("study.safetensors".to_owned(), "", bytes)),
        figure => {
            let Some(svg) = document().query_selector(&format!("#{figure} svg")).ok().flatten() else { return };
            Ok((format!("{figure}.svg"), "image/svg+xml", svg.outer_html().into_bytes()))
        }
    };
    match written {
        Ok((name, kind, bytes)) => download(&name, kind, &bytes),
        Err(error) => status::alert(&format!("{what} cannot be saved: {error}")),
    }
}

/// The same columns as the table's, a probe of each layer in one list, [layers]; null where it was not asked.
fn rows(opened: &Opened, examples: &[usize]) -> String {
    let study: &Study = &opened.shown;
    let row = |&example: &usize| {
        let probes: Vec<_> = study.measured.probes.iter().map(|layer| words::asked(layer[example])).collect();
        json!({
            "split": study.splits[example].name(),
            "id": example,
            "label": study.labels[example],
            "given_label": study.given_labels[example],
            "predicted": study.measured.predictions[example],
            "depth": opened.depths[example],
            "undetermined": opened.depths[example] == study.layers.len(),
            "output_margin": study.output_margins[example],
            "probes": probes,
        })
    };
    json!(examples.iter().map(row).collect::<Vec<_>>()).to_string()
}

/// Hands a file to the browser.
fn download(name: &str, kind: &str, bytes: &[u8]) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let Ok(blob) = Blob::new_with_u8_array_sequence_and_options(&parts, &options) else { return };
    let Ok(address) = Url::create_object_url_with_blob(&blob) else { return };
    let link: HtmlAnchorElement = make("a", "").unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    let _ = Url::revoke_object_url(&address);
}
