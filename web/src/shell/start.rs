//! The entry point of the program.

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Event;

use super::{app, drags, editor_events, embedding, events, host, js_api, opening, roving_tabindex, url_params};
use crate::dom::{listen, window};
use crate::view::status;

/// Called by the browser once the program is loaded, in windows and in workers.
#[wasm_bindgen(start)]
pub fn start() {
    if web_sys::window().is_none() {
        console_error_panic_hook::set_once();
        return; // a worker, which waits for its request
    }
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        status::alert(&format!("The page failed ({panic}). Reload it to go on."));
    }));
    url_params::obey();
    let app = app::App::new();
    js_api::offer(&app);
    host::start(app.sender());
    roving_tabindex::start();
    embedding::start();
    drags::start(&app);
    editor_events::start(&app);
    events::start(&app);
    opening::start(app.sender());
    let leaving = app.clone();
    listen(&window(), "beforeunload", move |event: Event| {
        if leaving.state().job.trains() {
            event.prevent_default(); // the browser asks whether to leave
        }
    });
}
