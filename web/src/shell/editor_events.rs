//! The events of the editor. Listeners are on the inspector, since its content is redrawn.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlCanvasElement, HtmlInputElement, KeyboardEvent, MouseEvent, PointerEvent};

use super::app::App;
use super::events::on;
use crate::dom::{by_id, focus, listen, number_at};
use crate::state::action::Action;
use crate::state::sliders::SLIDERS;
use crate::state::tools::Tool;

pub fn start(app: &Rc<App>) {
    let inspector = by_id::<Element>("inspector");
    on(app, &inspector, "input", |_, event: &Event| slide(event).map(Action::Edit));
    on(app, &inspector, "keydown", |_, event: &KeyboardEvent| key(event).map(Action::Edit));
    let heard = app.clone();
    listen(&inspector, "click", move |event: MouseEvent| click(&heard, &event));
    on(app, &inspector, "pointerdown", |_, event: &PointerEvent| {
        let at = point(event).filter(|_| event.button() == 0)?;
        if let Some(canvas) = target(event) {
            let _ = canvas.set_pointer_capture(event.pointer_id());
        }
        Some(Action::Edit(Tool::Press(at)))
    });
    on(app, &inspector, "pointermove", |_, event: &PointerEvent| {
        Some(Action::Edit(Tool::Move { to: point(event)?, draws: event.buttons() & 1 == 1 }))
    });
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Returns the position of an event on the image, in pixels of the image.
fn point(event: &PointerEvent) -> Option<[f32; 2]> {
    let canvas = target(event)?.dyn_into::<HtmlCanvasElement>().ok().filter(|canvas| canvas.id() == "easel")?;
    let seen = canvas.get_bounding_client_rect();
    let x = (f64::from(event.client_x()) - seen.left()) / seen.width() * f64::from(canvas.width());
    let y = (f64::from(event.client_y()) - seen.top()) / seen.height() * f64::from(canvas.height());
    // Rounded as in the URL, so that the URL restores exactly the same edit.
    Some([x, y].map(|side| (100.0 * side).round() as f32 / 100.0))
}

fn slide(event: &Event) -> Option<Tool> {
    let input = target(event)?.dyn_into::<HtmlInputElement>().ok()?;
    if input.id() == "edit-other" {
        return Some(Tool::Other(input.value().parse().ok()?));
    }
    let slider = SLIDERS.iter().find(|slider| input.id() == format!("edit-{}", slider.name))?;
    Some(Tool::Slide(slider, input.value().parse().ok()?))
}

fn click(app: &App, event: &MouseEvent) {
    let picking = app.state().opened.as_ref().is_some_and(|opened| opened.desk.picking);
    let edit = |tool: Tool| app.sender().send(Action::Edit(tool));
    if let Some((_, example)) = number_at(event, "data-example").filter(|_| picking) {
        event.stop_propagation(); // does not select the neighbour
        edit(Tool::Pick(example));
        return focus(&by_id("inspector"), "#edit-blend");
    }
    let button = target(event).and_then(|target| target.closest("button").ok().flatten());
    match button.map(|button| button.id()).as_deref() {
        Some("open-editor") => edit(Tool::Toggle),
        Some("draw") => edit(Tool::Erase(false)),
        Some("erase") => edit(Tool::Erase(true)),
        Some("pick") => edit(Tool::TogglePicking),
        Some("seed") => edit(Tool::NextNoise),
        Some("reset") => edit(Tool::Reset),
        Some("undo") => {
            edit(Tool::UndoStroke);
            let none = app.state().opened.as_ref().is_some_and(|opened| opened.desk.edits.strokes.is_empty());
            if none {
                focus(&by_id("inspector"), "#reset"); // a disabled button loses the focus
            }
        }
        _ => {}
    }
}

/// Returns the tool of a key: arrow keys move the brush, with Shift they draw; Space paints at its position.
fn key(event: &KeyboardEvent) -> Option<Tool> {
    target(event).filter(|target| target.id() == "easel" && !event.ctrl_key() && !event.alt_key())?;
    let by = match event.key().as_str() {
        "ArrowLeft" => [-1.0, 0.0],
        "ArrowRight" => [1.0, 0.0],
        "ArrowUp" => [0.0, -1.0],
        "ArrowDown" => [0.0, 1.0],
        " " => [0.0, 0.0],
        _ => return None,
    };
    event.prevent_default();
    Some(Tool::Nudge { by, draws: by == [0.0, 0.0] || event.shift_key() })
}
