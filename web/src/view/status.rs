//! The status of the page: activity, progress, errors.

use web_sys::{Element, HtmlButtonElement, HtmlElement};

use crate::dom::{by_id, set};
use crate::state::page::State;

/// Draws the text under the title, and the progress of a measurement.
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

/// Shows an error message; an empty text removes it.
pub fn alert(words: &str) {
    let alert = by_id::<HtmlElement>("alert");
    alert.set_class_name(if words.is_empty() { "" } else { "alert" });
    alert.set_text_content(Some(words));
}
