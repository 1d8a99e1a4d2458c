//! "Embed this view": both snippets, for copying.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, HtmlDetailsElement, HtmlElement, HtmlTextAreaElement};

use super::address::split_hash;
use super::embed_snippets::Address;
use crate::dom::{by_id, listen, window};

pub fn start() {
    listen(&by_id::<HtmlDetailsElement>("embedding"), "toggle", |_: Event| fill());
    for event in ["popstate", "pdepth:looked"] {
        listen(&window(), event, |_: Event| fill());
    }
    for kind in ["element", "frame"] {
        let text = format!("embed-{kind}");
        listen(&by_id::<HtmlElement>(&format!("copy-{kind}")), "click", move |_: Event| copy(text.clone()));
    }
}

/// Writes the snippets if they are displayed.
fn fill() {
    if !by_id::<HtmlDetailsElement>("embedding").open() {
        return;
    }
    let place = window().location();
    let [href, query, hash] = [place.href(), place.search(), place.hash()].map(Result::unwrap_or_default);
    let page = href.split(['?', '#']).next().unwrap_or_default();
    let (file, hash) = split_hash(&hash);
    let study = file.as_ref().map(|file| format!("study={}", js_sys::encode_uri_component(file)));
    let query = [query.trim_start_matches('?').to_owned()].into_iter().chain(study).filter(|part| !part.is_empty());
    let query = query.collect::<Vec<_>>().join("&");
    let address = Address { page, query: &query, hash: &hash };
    let note = file.map_or_else(String::new, |file| {
        format!("{file} was opened here and is on no server: save the study, and put it beside your page.")
    });
    by_id::<HtmlElement>("embed-note").set_text_content(Some(&note));
    by_id::<HtmlTextAreaElement>("embed-element").set_value(&address.element());
    by_id::<HtmlTextAreaElement>("embed-frame").set_value(&address.frame());
    by_id::<HtmlElement>("embed-said").set_text_content(None);
}

/// Copies a text area; selects its text if the browser forbids copying.
fn copy(id: String) {
    spawn_local(async move {
        let area = by_id::<HtmlTextAreaElement>(&id);
        // The clipboard needs a secure origin.
        let clipboard = window().is_secure_context().then(|| window().navigator().clipboard());
        let copied = match clipboard {
            Some(clipboard) => JsFuture::from(clipboard.write_text(&area.value())).await.is_ok(),
            None => false,
        };
        if !copied {
            let _ = area.focus();
            area.select();
        }
        let words = if copied { "Copied." } else { "Selected: copy it with the keyboard." };
        by_id::<HtmlElement>("embed-said").set_text_content(Some(words));
    });
}
