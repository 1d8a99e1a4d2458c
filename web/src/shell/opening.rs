//! Opens studies and data: the study beside the page, selected files, dropped files.

use std::rc::Rc;

use js_sys::Uint8Array;
use prediction_depth::checkpoints::read_checkpoints;
use prediction_depth::data::{Dataset, ReadOptions, read_own};
use prediction_depth::study::Study;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, Element, Event, HtmlButtonElement, HtmlInputElement, Response};

use super::files::{self, CHECKPOINTS, PickedFile, RunFiles};
use super::sender::Sender;
use super::{address, url_params};
use crate::dom::{by_id, document, listen, told, window};
use crate::state::action::{Action, StudyFile};
use crate::state::opened::Opened;
use crate::state::training::untrained;
use crate::yield_now::yield_now;

const EMBEDDED: &str = "study.safetensors.gz";

pub fn start(sender: &Sender) {
    pick(sender);
    receive_drops(sender);
    let sender = sender.clone();
    spawn_local(async move {
        // The URL names another study, or a page in one file states where its own study is.
        let named = url_params::query().and_then(|query| query.get("study"));
        let within = document().document_element().and_then(|root| root.get_attribute("data-study"));
        let name = named.clone().unwrap_or_else(|| EMBEDDED.into());
        let address = named.or(within).unwrap_or_else(|| EMBEDDED.into());
        match fetched(&address).await {
            Ok(bytes) => sender.send(Action::Open(StudyFile { name, bytes, checkpoints: None })),
            Err(error) => {
                fail(&sender, format!("{name} cannot be fetched ({}); open a study of your own", told(&error)));
            }
        }
    });
}

/// Shows the study in these bytes and starts its measurement; after an error the page stays as it is. If it is the
/// `first` study, the edits of the URL apply.
pub async fn open(sender: Sender, file: StudyFile, first: bool) {
    let StudyFile { name, bytes, checkpoints } = file;
    let study = match Study::from_bytes(&bytes) {
        Ok(study) => study,
        Err(error) => return fail(&sender, format!("{name}: {error}")),
    };
    if first {
        yield_now().await; // an embedding page must stay responsive
    }
    let over_training = checkpoints.map(|table| read_checkpoints(&table, &study.layers)).transpose();
    let alert = over_training.as_ref().err().map(|error| format!("{CHECKPOINTS} is left out: {error}"));
    let elsewhere = address::file().filter(|_| first).map(|file| {
        format!(
            "The address was copied while {file} was open, which it does not contain. This is {name}; open {file} here \
             to see it."
        )
    });
    let alert = alert.or(elsewhere);
    sender.send(Action::Alert(alert.unwrap_or_default()));
    let over_training = over_training.ok().flatten().unwrap_or_default();
    sender.send(Action::Show(Box::new(Opened { over_training, of_url: first, ..Opened::new(&name, study) })));
    if first {
        sender.send(Action::LoadEdits(address::edits()));
        yield_now().await;
    }
    sender.send(Action::Measure);
}

fn fail(sender: &Sender, words: String) {
    sender.send(Action::OpenFailed(words));
}

async fn fetched(address: &str) -> Result<Vec<u8>, JsValue> {
    let response: Response = JsFuture::from(window().fetch_with_str(address)).await?.unchecked_into();
    if !response.ok() {
        return Err(js_sys::Error::new(&format!("status {}", response.status())).into());
    }
    Ok(Uint8Array::new(&JsFuture::from(response.array_buffer()?).await?).to_vec())
}

/// Opens a study, a run folder, or the user's own data, on which a network is trained at once.
async fn open_files(sender: Sender, files: Vec<PickedFile>) {
    if let Some(run) = files::of_run(&files) {
        return open_run(&sender, run).await;
    }
    match files::read(files).await {
        Err(words) => fail(&sender, words),
        Ok(mut read) => match &mut read[..] {
            [] => {}
            [(name, bytes)] if Study::is_study(bytes) => {
                let (name, bytes) = (std::mem::take(name), std::mem::take(bytes));
                sender.send(Action::Open(StudyFile { name, bytes, checkpoints: None }));
            }
            own => open_own(&sender, own),
        },
    }
}

/// Opens the study of a run folder, with what was measured at its checkpoints.
async fn open_run(sender: &Sender, run: RunFiles) {
    let Some(study) = run.study else {
        let folder = run.folder;
        return fail(
            sender,
            format!(
                "{folder} is a run without study.safetensors: `pdepth measure {folder}` measures it, then open it again"
            ),
        );
    };
    let files = [study].into_iter().chain(run.checkpoints);
    match files::read(files.collect()).await {
        Err(words) => fail(sender, words),
        Ok(read) => {
            let mut read = read.into_iter();
            let Some((name, bytes)) = read.next() else { return };
            let checkpoints = read.next().map(|(_, bytes)| bytes);
            sender.send(Action::Open(StudyFile { name, bytes, checkpoints }));
        }
    }
}

fn open_own(sender: &Sender, files: &[(String, Vec<u8>)]) {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let here = |data: Dataset| Dataset { source: format!("{}, read here", data.source), ..data };
    let read = |data: Dataset| {
        let summary = data.summary(None)?;
        Ok((untrained(data)?, [summary.warnings(), summary.notes].concat()))
    };
    match read_own(&files, &ReadOptions::default()).map(here).and_then(read) {
        Ok((study, told)) => sender.send(Action::TrainOn(Rc::new(study), told)),
        Err(error) => {
            let others = if files.len() > 2 { " and others" } else { "" };
            let names: Vec<&str> = files.iter().map(|(name, _)| *name).take(2).collect();
            fail(sender, format!("{}{others}: {error}", names.join(" and ")));
        }
    }
}

fn pick(sender: &Sender) {
    for (button, input) in [("open", "file"), ("open-folder", "folder")] {
        let (button, input) = (by_id::<HtmlButtonElement>(button), by_id::<HtmlInputElement>(input));
        let picker = input.clone();
        listen(&button, "click", move |_: Event| picker.click());
        button.set_disabled(false);
        let (sender, picker) = (sender.clone(), input.clone());
        listen(&input, "change", move |_: Event| {
            spawn_local(open_files(sender.clone(), files::picked(picker.files())));
            picker.set_value(""); // so that the same file can be picked again
        });
    }
}

fn receive_drops(sender: &Sender) {
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
        // Without a related target the pointer left the window, not only an element.
        if event.related_target().and_then(|target| target.dyn_into::<Element>().ok()).is_none() {
            mark(false);
        }
    });
    let sender = sender.clone();
    listen(&window(), "drop", move |event: DragEvent| {
        mark(false);
        let Some(data) = event.data_transfer().filter(|_| holds_files(&event)) else { return };
        event.prevent_default();
        let (sender, dropped) = (sender.clone(), files::dropped(&data));
        spawn_local(async move {
            match files::within(dropped).await {
                Ok(files) => open_files(sender, files).await,
                Err(error) => fail(&sender, format!("What was dropped cannot be read: {}", told(&error))),
            }
        });
    });
}
