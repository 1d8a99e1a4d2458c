//! What is seen: the document and its events. A worker computes; where there can be none, the page's own thread does, in
//! slices.

mod address;
mod app;
mod charts;
pub mod dom;
mod editor;
mod editor_events;
mod editor_panel;
mod embedding;
mod files;
mod grid;
mod host;
mod inspector;
mod js_api;
mod map;
mod measuring;
mod opening;
mod picture;
mod roving_tabindex;
mod saving;
mod searching;
mod selection;
mod status;
mod strip;
mod tables;
mod training;
mod url_params;
mod votes;

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the browser once the program is loaded, in windows and in workers.
#[wasm_bindgen(start)]
pub fn start() {
    if web_sys::window().is_none() {
        console_error_panic_hook::set_once();
        return; // a worker: it waits to be asked
    }
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        status::alert(&format!("The page failed ({panic}). Reload it to go on."));
    }));
    url_params::obey();
    let app = app::App::new();
    js_api::offer(&app);
    host::start(&app);
    roving_tabindex::start();
    strip::start(&app);
    charts::start(&app);
    map::start(&app);
    selection::start(&app);
    saving::start(&app);
    embedding::start();
    tables::start(&app);
    grid::start(&app);
    editor_events::start(&app);
    app::start(&app);
    address::start(&app);
    training::start(&app);
    opening::start(&app);
}
