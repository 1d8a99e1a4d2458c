//! One example: what it is, the editor, and at each layer its neighbours and their votes.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::app::Opened;
use super::dom::{add, by_id, document, has_room, hold, make, say, set};
use super::editor_panel;
use super::votes::row;
use crate::probe_image::Probed;
use crate::text;
use crate::view::View;

pub fn draw(opened: &Opened, view: View) {
    let place = by_id::<HtmlElement>("inspector");
    let focused = document().active_element().filter(|active| place.contains(Some(active)));
    place.set_inner_html("");
    let Some(example) = view.example else { return };
    let same = opened.editor.desk.borrow().example == Some(example);
    opened.editor.take(opened, example);
    if !has_room(&place) {
        return;
    }
    let heading = say("h2", "", &format!("Example {example}"));
    set(&heading, "id", "example-heading");
    set(&heading, "tabindex", -1);
    let picture = make("div", "thumb picture");
    opened.pictures.show(&picture, example);
    set(&picture, "role", "img");
    set(&picture, "aria-label", text::example(&opened.shown, &opened.depths, example));
    let facts = make("dl", "");
    set(&facts, "id", "facts");
    let about = hold("div", "about", [&picture, &facts]);
    let layers = make("ol", "layers");
    set(&layers, "id", "layers");
    let head = hold("div", "heading", [&heading]);
    add(&head, editor_panel::toggle(opened).as_ref());
    // The editor comes first, so that the easel stays where it is whatever is said below it.
    add(&place, [&head, &editor_panel::build(opened), &about, &layers]);
    let desk = opened.editor.desk.borrow();
    fill(opened, example, desk.shown.as_ref().map(|shown| &shown.probed));
    if opened.editor.live.is_ok() {
        editor_panel::reflect(&desk);
        drop(desk);
        editor_panel::paint(&opened.editor.image(&opened.shown), opened.shown.images.shape());
    }
    if let Some(focused) = focused {
        // What had the focus is gone: its successor has it, or else the heading, so that a screen reader goes on there.
        let successor = document().get_element_by_id(&focused.id()).filter(|_| same);
        let successor = successor.and_then(|element| element.dyn_into::<HtmlElement>().ok());
        let _ = successor.unwrap_or(heading).focus();
    }
}

/// Says of the example, or of what it was edited into, what the network and the probes say; where it is drawn at all.
pub fn fill(opened: &Opened, example: usize, edited: Option<&Probed>) {
    if !has_room(&by_id("inspector")) {
        return;
    }
    let original = Probed::measured(&opened.shown, opened.measured.as_ref(), example);
    let probed = edited.unwrap_or(&original);
    let (facts, layers) = (by_id::<HtmlElement>("facts"), by_id::<HtmlElement>("layers"));
    facts.set_inner_html("");
    let depth = match edited {
        Some(edited) => {
            format!(
                "{}, was {}",
                text::depth(&opened.shown, edited.depth()),
                text::depth(&opened.shown, original.depth())
            )
        }
        None => settled(opened, opened.depths[example]),
    };
    for (term, words) in facts_of(opened, example, probed, depth) {
        let class = if term == "label" && text::is_flipped(&opened.shown, example) { "marked" } else { "" };
        add(&facts, [&say("dt", "", term), &say("dd", class, &words)]);
    }
    layers.set_inner_html("");
    for layer in 0..probed.votes.len() {
        add(&layers, [&row(opened, probed, layer)]);
    }
}

/// The example in words.
fn facts_of(opened: &Opened, example: usize, probed: &Probed, depth: String) -> Vec<(&'static str, String)> {
    let study = &opened.shown;
    let label = text::class(study, study.given_labels[example]);
    let label = if text::is_flipped(study, example) {
        format!("{label} (flipped from {})", text::class(study, study.labels[example]))
    } else {
        label.to_owned()
    };
    let right = if probed.prediction == study.given_labels[example] { "as labelled" } else { "not as labelled" };
    let mut facts = vec![
        ("split", text::split(study.splits[example]).to_owned()),
        ("label", label),
        ("network", format!("{}, {right}", text::class(study, probed.prediction))),
        ("depth", depth),
        ("margin", format!("{:.2}", probed.output_margin)),
    ];
    let confidence =
        |confidences: &[f32]| confidences.get(probed.prediction as usize).map(|share| format!("{share:.3}"));
    let known = if probed.confidences.is_empty() {
        let live = opened.editor.live.as_ref().ok();
        live.and_then(|live| confidence(&live.confidences(example).ok()?))
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
