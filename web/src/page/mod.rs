//! What is seen: the document, its events, and a computation that leaves time for both.
//! Everything runs on the page's own thread, in slices.

mod adapter;
mod app;
mod charts;
mod dom;
mod editor;
mod editor_events;
mod editor_panel;
mod grid;
mod inspector;
mod interface;
mod measuring;
mod opening;
mod rove;
mod searching;
mod sheet;
mod status;
mod strip;
mod votes;

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the browser once the program is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        status::alert(&format!("The page failed ({panic}). Reload it to go on."));
    }));
    let app = app::App::new();
    interface::offer(&app);
    rove::start();
    strip::start(&app);
    charts::start(&app);
    grid::start(&app);
    editor_events::start(&app);
    app::start(&app);
    opening::start(&app);
}
