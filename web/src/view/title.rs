//! The title of the study, and its size.

use prediction_depth::study::Study;
use web_sys::HtmlElement;

use crate::dom::by_id;
use crate::state::derived::Derived;
use crate::state::page::State;
use crate::text;

pub fn draw(state: &State) {
    let write = |id: &str, words: &str| by_id::<HtmlElement>(id).set_text_content(Some(words));
    let Some(opened) = &state.opened else { return write("title", "No study is open") };
    write("title", &opened.stored.title);
    write("about", &about(&opened.stored));
    let neighbors = if opened.stored.k().is_some() { "’s neighbours say" } else { " says" };
    write("strip-heading", &format!("What each layer{neighbors}"));
    by_id::<HtmlElement>("main").set_hidden(false);
}

/// Draws what to know about the user's own data, and the warnings about the network, unless it is in training: the form
/// shows how it learns.
pub fn draw_warnings(state: &State, derived: &Derived) {
    let in_training = state.training.steps.is_some_and(|(step, steps, _)| step < steps);
    let of_network = if in_training { &[][..] } else { &derived.warnings };
    let words = [&state.told[..], of_network].concat().join("; ");
    let place = by_id::<HtmlElement>("warnings");
    place.set_hidden(words.is_empty());
    place.set_text_content(Some(&format!("Warning: {words}.")));
}

/// Describes the size of the study.
fn about(study: &Study) -> String {
    let (examples, layers) = (text::counted(study.labels.len(), "example"), study.layers.len());
    let otherwise = study.options_in_words().map(|words| format!(" ({words})")).unwrap_or_default();
    match study.k() {
        Some(k) => format!("{examples}, {layers} layers; {k} neighbours vote at each{otherwise}."),
        None => format!("{examples}, {layers} layers; {}.", study.how_measured()),
    }
}
