//! What the page says of itself: what it does, how far it is, what went wrong.

use web_sys::{Element, HtmlButtonElement, HtmlElement};

use super::dom::{by_id, set};

/// Something went wrong; the page lives on. An empty text takes it back.
pub fn alert(words: &str) {
    let alert = by_id::<HtmlElement>("alert");
    alert.set_class_name(if words.is_empty() { "" } else { "alert" });
    alert.set_text_content(Some(words));
}

/// The line under the title.
pub fn say(words: &str) {
    by_id::<HtmlElement>("status").set_text_content(Some(words));
}

pub fn measuring() {
    say("The figures are those in the file; the neighbours are being computed here.");
    counts(0.0, "");
    running(true);
    by_id::<HtmlButtonElement>("compute").set_hidden(true);
}

pub fn training() {
    running(false);
    by_id::<HtmlButtonElement>("compute").set_hidden(true);
    say("A network is being trained here, in your browser.");
}

/// How far it is, from 0 to 1 and in words.
pub fn counts(done: f64, words: &str) {
    set(&by_id::<Element>("progress"), "value", done);
    by_id::<HtmlElement>("counts").set_text_content(Some(words));
}

pub fn measured(place: &str, seconds: f64, verdict: &str) {
    running(false);
    say(&format!("Computed {place}, in {seconds:.1} s. {verdict}"));
}

/// Nothing is measured, nor can be.
pub fn kept(words: &str) {
    running(false);
    say(words);
}

pub fn not_measured(words: &str) {
    kept(words);
    by_id::<HtmlButtonElement>("compute").set_hidden(false);
}

fn running(is: bool) {
    by_id::<HtmlElement>("counting").set_hidden(!is);
    by_id::<HtmlButtonElement>("cancel").set_hidden(!is);
}
