//! The current example: its properties, the editor, and at each layer its neighbours and their votes.

mod editor;
mod votes;

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::picture::Pictures;
use super::words;
use crate::dom::{add, by_id, document, has_room, hold, make, say, set};
use crate::state::change::Change;
use crate::state::derived::Derived;
use crate::state::opened::Opened;
use crate::state::page::State;
use crate::state::probe_image::Probed;
use crate::text;

/// Redraws the parts that a change affects.
pub fn draw(state: &State, derived: &Derived, pictures: &Rc<Pictures>, change: Change) {
    let Some(opened) = &state.opened else { return };
    let other = Change::STUDY | Change::EXAMPLE;
    if change.touches(other | Change::FIGURES | Change::NEIGHBORS | Change::WIDTH | Change::LOADED_EDITS) {
        return build(state, derived, pictures, !change.touches(other));
    }
    if change.touches(Change::EDITED | Change::EDITOR) {
        fill(opened, derived, pictures);
    }
    if !has_room(&by_id("inspector")) || opened.probe.is_err() {
        return;
    }
    if change.touches(Change::TOOLS) {
        editor::reflect(&opened.desk);
    }
    if change.touches(Change::EDITOR) {
        editor::show(&opened.desk);
        editor::paint(opened);
    }
}

/// Paints the edited image on its canvas.
pub fn paint(opened: &Opened) {
    editor::paint(opened);
}

/// Announces the depth of the edited image to screen readers.
pub fn read_out(state: &State, derived: &Derived) {
    if let Some(opened) = &state.opened {
        editor::read_out(opened, &derived.depths);
    }
}

/// Rebuilds the inspector; `same`: whether it showed the same example before.
fn build(state: &State, derived: &Derived, pictures: &Rc<Pictures>, same: bool) {
    let place = by_id::<HtmlElement>("inspector");
    let focused = document().active_element().filter(|active| place.contains(Some(active)));
    place.set_inner_html("");
    let Some((opened, example)) = state.opened.as_ref().zip(state.view.example) else { return };
    if !has_room(&place) {
        return;
    }
    let heading = say("h2", "", &format!("Example {example}"));
    set(&heading, "id", "example-heading");
    set(&heading, "tabindex", -1);
    let picture = picture(opened, derived, pictures, example);
    let facts = make("dl", "");
    set(&facts, "id", "facts");
    let about = hold("div", "about", [&picture, &facts]);
    let layers = make("ol", "layers");
    set(&layers, "id", "layers");
    let head = hold("div", "heading", [&heading]);
    add(&head, editor::toggle(opened).as_ref());
    // The editor comes first, so that the image does not move when the text below it changes.
    add(&place, [&head, &editor::build(opened), &about, &layers]);
    fill(opened, derived, pictures);
    if opened.probe.is_ok() {
        editor::reflect(&opened.desk);
        editor::paint(opened);
    }
    if let Some(focused) = focused {
        // The focused element was removed: its successor gets the focus, or else the heading, where a screen reader
        // continues.
        let successor = document().get_element_by_id(&focused.id()).filter(|_| same);
        let successor = successor.and_then(|element| element.dyn_into::<HtmlElement>().ok());
        let _ = successor.unwrap_or(heading).focus();
    }
}

/// Returns what there is to see of the example.
fn picture(opened: &Opened, derived: &Derived, pictures: &Rc<Pictures>, example: usize) -> HtmlElement {
    if opened.shown.images().is_none() {
        return words::whole(&opened.shown, example);
    }
    let picture = make("div", "thumb picture");
    pictures.show(&picture, example);
    set(&picture, "role", "img");
    set(&picture, "aria-label", text::example(&opened.shown, &derived.depths, example));
    picture
}

/// Shows the results of network and probes for the example, or for the edited image, if the inspector is displayed.
fn fill(opened: &Opened, derived: &Derived, pictures: &Rc<Pictures>) {
    let Some(example) = opened.desk.example.filter(|_| has_room(&by_id("inspector"))) else { return };
    let original = Probed::measured(&opened.shown, opened.measured.as_ref(), example);
    // With the editor closed the picture beside the rows is the original, and so are they.
    let edited = opened.desk.shown.as_ref().filter(|_| opened.desk.open).map(|shown| &shown.probed);
    let probed = edited.unwrap_or(&original);
    let (facts, layers) = (by_id::<HtmlElement>("facts"), by_id::<HtmlElement>("layers"));
    facts.set_inner_html("");
    let depth = match edited {
        Some(edited) => {
            let [now, was] = [edited, &original].map(|probed| text::depth(&opened.shown, probed.depth()));
            format!("{now}, was {was}")
        }
        None => settled(opened, derived.depths[example]),
    };
    for (term, words) in facts_of(opened, example, probed, depth) {
        let class = if term == "label" && opened.shown.is_flipped(example) { "marked" } else { "" };
        add(&facts, [&say("dt", "", term), &say("dd", class, &words)]);
    }
    layers.set_inner_html("");
    for layer in 0..probed.votes.len() {
        add(&layers, [&votes::row(opened, derived, pictures, probed, layer)]);
    }
}

/// Describes the example.
fn facts_of(opened: &Opened, example: usize, probed: &Probed, depth: String) -> Vec<(&'static str, String)> {
    let study = &opened.shown;
    let label = study.class_name(study.given_labels[example]);
    let label = if study.is_flipped(example) {
        format!("{label} (flipped from {})", study.class_name(study.labels[example]))
    } else {
        label.to_owned()
    };
    let right = match (study.has_labels(), probed.prediction == study.given_labels[example]) {
        (false, _) => "",
        (true, true) => ", as labelled",
        (true, false) => ", not as labelled",
    };
    let name = study.name(example).map(|name| ("name", name.to_owned()));
    let mut facts: Vec<_> = name.into_iter().collect();
    facts.push(("split", text::split(study, study.splits[example]).to_owned()));
    facts.extend(study.has_labels().then_some(("label", label)));
    facts.push(("network", format!("{}{right}", study.class_name(probed.prediction))));
    facts.push(("depth", depth));
    facts.extend((!probed.output_margin.is_nan()).then(|| ("margin", format!("{:.2}", probed.output_margin))));
    let confidence =
        |confidences: &[f32]| confidences.get(probed.prediction as usize).map(|share| format!("{share:.3}"));
    let known = if probed.confidences.is_empty() {
        let probe = opened.probe.as_ref().ok();
        probe.and_then(|probe| confidence(&probe.confidences(example).ok()?))
    } else {
        confidence(&probed.confidences)
    };
    facts.extend(known.map(|known| ("confidence", known)));
    facts
}

fn settled(opened: &Opened, depth: usize) -> String {
    match opened.shown.layers.get(depth) {
        Some(layer) => format!("{depth}, settled from {layer} on"),
        None => "undetermined: the last probe disagrees".into(),
    }
}
