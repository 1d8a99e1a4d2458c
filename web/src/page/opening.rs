//! Where studies and data come from: the study that lies beside the page, the file picker, a drop.

use std::rc::Rc;

use js_sys::Uint8Array;
use prediction_depth::data::{Dataset, read_own};
use prediction_depth::study::Study;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, Element, Event, HtmlButtonElement, HtmlElement, HtmlInputElement, Response};

use super::app::{App, Opened};
use super::dom::{by_id, document, listen, told, window};
use super::files::{self, PickedFile};
use super::{address, editor, measuring, status, training, url_params};
use crate::selection;
use crate::text;
use crate::training::untrained;
use crate::view::View;
use crate::yield_now::yield_now;

const EMBEDDED: &str = "study.safetensors.gz";

pub fn start(app: &Rc<App>) {
    pick(app);
    receive_drops(app);
    let job = app.clone();
    listen(&by_id::<HtmlButtonElement>("cancel"), "click", move |_: Event| job.job.borrow().cancel());
    let again = app.clone();
    listen(&by_id::<HtmlButtonElement>("compute"), "click", move |_: Event| {
        spawn_local(measuring::measure(again.clone()));
    });
    let app = app.clone();
    spawn_local(async move {
        // The address names another study, or a page in one file says where its own is.
        let named = url_params::query().and_then(|query| query.get("study"));
        let within = document().document_element().and_then(|root| root.get_attribute("data-study"));
        let name = named.clone().unwrap_or_else(|| EMBEDDED.into());
        let address = named.or(within).unwrap_or_else(|| EMBEDDED.into());
        match fetched(&address).await {
            Ok(bytes) => open(&app, &name, &bytes).await,
            Err(error) => failed(&format!("{name} cannot be fetched ({}); open a study of your own", told(&error))),
        }
    });
}

/// Shows the study in these bytes and measures it; on an error the page stays as it is.
async fn open(app: &Rc<App>, name: &str, bytes: &[u8]) {
    let study = match Study::from_bytes(bytes) {
        Ok(study) => study,
        Err(error) => return failed(&format!("{name}: {error}")),
    };
    let first = app.opened.borrow().is_none();
    if first {
        yield_now().await; // a page that holds this one must not stutter
    }
    status::alert("");
    show(app, Opened::new(name, study));
    if first {
        editor::put(app, address::edits());
        yield_now().await;
    }
    measuring::measure(app.clone()).await;
}

/// Shows a study instead of the one before.
pub fn show(app: &App, opened: Opened) {
    if app.opened.borrow().is_some() {
        // A selection or an example of the study before would mean nothing in this one.
        app.view.set(View { picked: selection::Selection::default(), example: None, ..app.view.get() });
    }
    by_id::<HtmlElement>("title").set_text_content(Some(&opened.stored.title));
    by_id::<HtmlElement>("about").set_text_content(Some(&about(&opened.stored)));
    training::offer(&opened);
    app.show(opened);
}

/// How much it holds.
fn about(study: &Study) -> String {
    let (examples, layers) = (text::counted(study.labels.len(), "example"), study.layers.len());
    format!("{examples}, {layers} layers; {} neighbours vote at each.", study.probing.k)
}

fn failed(words: &str) {
    status::alert(words);
    if by_id::<HtmlElement>("main").hidden() {
        by_id::<HtmlElement>("title").set_text_content(Some("No study is open"));
        status::say("");
    }
}

async fn fetched(address: &str) -> Result<Vec<u8>, JsValue> {
    let response: Response = JsFuture::from(window().fetch_with_str(address)).await?.unchecked_into();
    if !response.ok() {
        return Err(js_sys::Error::new(&format!("status {}", response.status())).into());
    }
    Ok(Uint8Array::new(&JsFuture::from(response.array_buffer()?).await?).to_vec())
}

/// Opens a study; or data of the reader's own, on which a network is trained at once.
async fn open_files(app: Rc<App>, files: Vec<PickedFile>) {
    match files::read(files).await {
        Err(words) => failed(&words),
        Ok(read) => match &read[..] {
            [] => {}
            [(name, bytes)] if Study::is_study(bytes) => open(&app, name, bytes).await,
            own => open_own(&app, own).await,
        },
    }
}

async fn open_own(app: &Rc<App>, files: &[(String, Vec<u8>)]) {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let here = |data: Dataset| Dataset { source: format!("{}, read here", data.source), ..data };
    match read_own(&files).map(here).and_then(untrained) {
        Ok(study) => training::train_on(app, Rc::new(study)).await,
        Err(error) => {
            let others = if files.len() > 2 { " and others" } else { "" };
            let names: Vec<&str> = files.iter().map(|(name, _)| *name).take(2).collect();
            failed(&format!("{}{others}: {error}", names.join(" and ")));
        }
    }
}

fn pick(app: &Rc<App>) {
    for (button, input) in [("open", "file"), ("open-folder", "folder")] {
        let (button, input) = (by_id::<HtmlButtonElement>(button), by_id::<HtmlInputElement>(input));
        let picker = input.clone();
        listen(&button, "click", move |_: Event| picker.click());
        button.set_disabled(false);
        let (app, picker) = (app.clone(), input.clone());
        listen(&input, "change", move |_: Event| {
            spawn_local(open_files(app.clone(), files::picked(picker.files())));
            picker.set_value(""); // so that the same file can be picked again
        });
    }
}

fn receive_drops(app: &Rc<App>) {
    let mark = |dragging: bool| {
        if let Some(root) = document().document_element() {
            let _ = root.class_list().toggle_with_force("dragging", dragging);
        }
    };
    let holds_files = |event: &DragEvent| {
        event.data_transfer().is_some_and(|data| data.types().includes(&JsValue::from_str("Files"), 0))
    };
    listen(&window(), "dragover", move |event: DragEvent| {
        if holds_files(&event) {
            event.prevent_default();
            mark(true);
        }
    });
    listen(&window(), "dragleave", move |event: DragEvent| {
        // Without a related target the pointer left the window, not just an element.
        if event.related_target().and_then(|target| target.dyn_into::<Element>().ok()).is_none() {
            mark(false);
        }
    });
    let app = app.clone();
    listen(&window(), "drop", move |event: DragEvent| {
        mark(false);
        let Some(data) = event.data_transfer().filter(|_| holds_files(&event)) else { return };
        event.prevent_default();
        let (app, dropped) = (app.clone(), files::dropped(&data));
        spawn_local(async move {
            match files::within(dropped).await {
                Ok(files) => open_files(app, files).await,
                Err(error) => failed(&format!("What was dropped cannot be read: {}", told(&error))),
            }
        });
    });
}
