//! What the page says of itself: what it does, how far it is, what went wrong.

use web_sys::{Element, HtmlButtonElement, HtmlElement};

use crate::dom::{by_id, set};
use crate::state::page::State;

/// The line under the title, and how far a measurement is.
pub fn draw(state: &State) {
    let job = &state.job;
    by_id::<HtmlElement>("status").set_text_content(Some(&job.line));
    by_id::<HtmlElement>("counting").set_hidden(job.counts.is_none());
    by_id::<HtmlButtonElement>("cancel").set_hidden(job.counts.is_none());
    by_id::<HtmlButtonElement>("compute").set_hidden(!job.offers_measurement);
    if let Some((done, words)) = &job.counts {
        set(&by_id::<Element>("progress"), "value", done);
        by_id::<HtmlElement>("counts").set_text_content(Some(words));
    }
}

/// Something went wrong; the page lives on. An empty text takes it back.
pub fn alert(words: &str) {
    let alert = by_id::<HtmlElement>("alert");
    alert.set_class_name(if words.is_empty() { "" } else { "alert" });
    alert.set_text_content(Some(words));
}
