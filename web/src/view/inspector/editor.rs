//! The editor: the enlarged image, and the tools.

use prediction_depth::data::{Images, Split};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement, HtmlElement, HtmlInputElement};

use crate::dom::{add, by_id, document, hold, make, say, set, style};
use crate::state::desk::{Desk, Shown};
use crate::state::opened::Opened;
use crate::state::sliders::{SLIDERS, Slider};
use crate::text;
use crate::view::picture;

/// Returns the button that opens the editor, if there is one.
pub fn toggle(opened: &Opened) -> Option<HtmlElement> {
    opened.probe.as_ref().ok()?;
    let toggle = button("open-editor", "Edit the input");
    set(&toggle, "aria-expanded", opened.desk.open);
    set(&toggle, "aria-controls", "editor");
    Some(toggle)
}

/// Returns the editor, closed or open; or the reason why there is none.
pub fn build(opened: &Opened) -> HtmlElement {
    if let Err(why) = &opened.probe {
        return say("p", "hint", &format!("No editing: {why}."));
    }
    let desk = &opened.desk;
    let panel = hold("div", "editor", [&easel(opened), &tools(opened, desk)]);
    set(&panel, "id", "editor");
    set(&panel, "role", "group");
    set(&panel, "aria-label", "Edit the input");
    panel.set_hidden(!desk.open);
    let spoken = make("p", "unseen");
    set(&spoken, "id", "edited");
    set(&spoken, "role", "status");
    hold("div", "", [&panel, &spoken])
}

fn easel(opened: &Opened) -> HtmlElement {
    let [_, height, width] = opened.shown.images().map_or([1; 3], Images::shape);
    let canvas = make("canvas", "");
    set(&canvas, "id", "easel");
    set(&canvas, "width", width);
    set(&canvas, "height", height);
    set(&canvas, "tabindex", 0);
    set(&canvas, "role", "application");
    set(&canvas, "aria-label", "The edited image: arrow keys move the brush, Space paints, Shift with arrows draws");
    let brush = make("div", "");
    set(&brush, "id", "brush");
    let frame = hold("div", "easel", [&canvas, &brush]);
    style(&frame, "--pixels", width);
    style(&frame, "--aspect", height as f64 / width as f64);
    frame
}

fn tools(opened: &Opened, desk: &Desk) -> HtmlElement {
    let tools = make("div", "tools");
    let ink = |id: &str, words: &str, pressed: bool| {
        let ink = button(id, words);
        set(&ink, "aria-pressed", pressed);
        ink
    };
    let [draw, erase] = [ink("draw", "Draw", !desk.brush.erases), ink("erase", "Erase", desk.brush.erases)];
    let [undo, reset] = [button("undo", "Undo stroke"), button("reset", "Reset")];
    add(&tools, [&hold("p", "row", [&draw, &erase, &undo, &reset])]);
    for slider in &SLIDERS {
        add(&tools, [&slid(slider)]);
    }
    let other = make("input", "").unchecked_into::<HtmlInputElement>();
    set(&other, "type", "number");
    set(&other, "id", "edit-other");
    set(&other, "min", 0);
    set(&other, "max", opened.shown.labels.len() - 1);
    let label = hold("label", "", [&say("span", "", "blend with example"), &other]);
    let pick = ink("pick", "Pick a neighbour", desk.picking);
    let seed = button("seed", "Other noise");
    add(&tools, [&hold("p", "row", [&label, &pick, &seed])]);
    if desk.example.is_some_and(|example| opened.shown.splits[example] == Split::Train) {
        let words = "The edited image is not a training example: the original may be among its neighbours.";
        add(&tools, [&say("p", "hint", words)]);
    }
    tools
}

fn slid(slider: &Slider) -> HtmlElement {
    let input = make("input", "");
    set(&input, "type", "range");
    set(&input, "id", format!("edit-{}", slider.name));
    set(&input, "data-edit", slider.name);
    set(&input, "min", slider.range[0]);
    set(&input, "max", slider.range[1]);
    set(&input, "step", slider.step);
    let output = make("output", "");
    set(&output, "id", format!("said-{}", slider.name));
    set(&output, "aria-hidden", true); // screen readers read the slider
    hold("label", "slid", [&say("span", "", slider.label), &input, &output])
}

fn button(id: &str, words: &str) -> HtmlElement {
    let button = say("button", "", words);
    set(&button, "type", "button");
    set(&button, "id", id);
    button
}

/// Updates the tools from the state of the editor.
pub fn reflect(desk: &Desk) {
    for slider in &SLIDERS {
        let (value, name) = ((slider.get)(desk), slider.name);
        let words = format!("{}{}", (value * 100.0).round() / 100.0, slider.unit);
        let input = by_id::<HtmlInputElement>(&format!("edit-{name}"));
        input.set_value(&value.to_string());
        set(&input, "aria-valuetext", &words);
        by_id::<Element>(&format!("said-{name}")).set_text_content(Some(&words));
    }
    by_id::<HtmlInputElement>("edit-other").set_value(&desk.other.to_string());
    let pressed = [("draw", !desk.brush.erases), ("erase", desk.brush.erases), ("pick", desk.picking)];
    for (id, pressed) in pressed {
        set(&by_id::<Element>(id), "aria-pressed", pressed);
    }
    by_id::<web_sys::HtmlButtonElement>("undo").set_disabled(desk.edits.strokes.is_empty());
    let brush = by_id::<HtmlElement>("brush");
    for (property, value) in [("--x", desk.brush.at[0]), ("--y", desk.brush.at[1]), ("--brush", desk.brush.size)] {
        style(&brush, property, value);
    }
    let _ = by_id::<Element>("inspector").class_list().toggle_with_force("picking", desk.picking);
}

/// Shows or hides the editor.
pub fn show(desk: &Desk) {
    set(&by_id::<Element>("open-editor"), "aria-expanded", desk.open);
    by_id::<HtmlElement>("editor").set_hidden(!desk.open);
}

/// Paints the edited image on its canvas, if that exists.
pub fn paint(opened: &Opened) {
    let easel = document().get_element_by_id("easel").and_then(|canvas| canvas.dyn_into::<HtmlCanvasElement>().ok());
    let image = || Images::new(opened.desk.image(&opened.shown), opened.shown.images()?.shape()).ok();
    if let Some((easel, Some(images))) = easel.map(|easel| (easel, image())) {
        picture::paint(&easel, &images, 0, [0, 0]);
    }
}

/// Announces the depth of the edited image to screen readers.
pub fn read_out(opened: &Opened, depths: &[usize]) {
    if let Some(place) = document().get_element_by_id("edited") {
        place.set_text_content(Some(&sentence(opened, depths)));
    }
}

/// Returns, for example, `Depth 2, was 5. The network says coat.`
fn sentence(opened: &Opened, depths: &[usize]) -> String {
    let study = &opened.shown;
    let Some(example) = opened.desk.example else { return String::new() };
    let was = text::depth(study, depths[example]);
    match &opened.desk.shown {
        Some(Shown { probed, .. }) => format!(
            "Depth {}, was {was}. The network says {}.",
            text::depth(study, probed.depth()),
            study.class_name(probed.prediction)
        ),
        None => format!("Depth {was}, as without edits."),
    }
}
