//! What hands do in the editor. The inspector hears for it, since it outlives what is drawn in it.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlInputElement, KeyboardEvent, MouseEvent, PointerEvent};

use super::app::App;
use super::dom::{by_id, listen, number_at, set};
use super::editor::{Brush, Desk, current, edit, focus};
use super::editor_panel::{SLIDERS, paint, reflect};
use crate::edit::{Edits, Stroke};
use crate::probe_image::ProbeImage;
use crate::yield_now::yield_now;

pub fn start(app: &Rc<App>) {
    let inspector = by_id::<Element>("inspector");
    let heard = app.clone();
    listen(&inspector, "input", move |event: Event| slide(&heard, &event));
    let heard = app.clone();
    listen(&inspector, "click", move |event: MouseEvent| click(&heard, &event));
    let heard = app.clone();
    listen(&inspector, "keydown", move |event: KeyboardEvent| key(&heard, &event));
    let heard = app.clone();
    listen(&inspector, "pointerdown", move |event: PointerEvent| {
        let Some(at) = point(&event).filter(|_| event.button() == 0) else { return };
        if let Some(canvas) = target(&event) {
            let _ = canvas.set_pointer_capture(event.pointer_id());
        }
        alter(&heard, |desk| {
            desk.brush.at = at;
            desk.edits.strokes.push(desk.brush.stroke(vec![at]));
        });
    });
    let heard = app.clone();
    listen(&inspector, "pointermove", move |event: PointerEvent| {
        let Some(at) = point(&event) else { return };
        let draws = event.buttons() & 1 == 1;
        let go_on = |desk: &mut Desk| {
            desk.brush.at = at;
            if let Some(stroke) = desk.edits.strokes.last_mut().filter(|_| draws) {
                stroke.path.push(at);
            }
        };
        if draws { alter(&heard, go_on) } else { hold(&heard, go_on) }
    });
}

impl Brush {
    fn stroke(&self, path: Vec<[f32; 2]>) -> Stroke {
        Stroke { path, radius: 0.5 * self.size, value: if self.erases { 0 } else { 255 } }
    }
}

/// Changes the edits, and the tools with them.
fn alter(app: &Rc<App>, change: impl FnOnce(&mut Desk)) {
    edit(app, |desk| {
        change(desk);
        reflect(desk);
    });
}

/// Changes the tools alone.
fn hold(app: &Rc<App>, change: impl FnOnce(&mut Desk)) {
    let Some(editor) = current(app) else { return };
    let mut desk = editor.desk.borrow_mut();
    change(&mut desk);
    reflect(&desk);
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Where on the easel it happened, in pixels of the image.
fn point(event: &PointerEvent) -> Option<[f32; 2]> {
    let canvas =
        target(event)?.dyn_into::<web_sys::HtmlCanvasElement>().ok().filter(|canvas| canvas.id() == "easel")?;
    let seen = canvas.get_bounding_client_rect();
    let x = (f64::from(event.client_x()) - seen.left()) / seen.width() * f64::from(canvas.width());
    let y = (f64::from(event.client_y()) - seen.top()) / seen.height() * f64::from(canvas.height());
    // As an address can say it, so that whoever opens it sees the same.
    Some([x, y].map(|side| (100.0 * side).round() as f32 / 100.0))
}

fn slide(app: &Rc<App>, event: &Event) {
    let Some(input) = target(event).and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) else { return };
    if input.id() == "edit-other" {
        let examples = app.opened.borrow().as_ref().map_or(0, |opened| opened.shown.labels.len());
        // While a number is being typed it may name no example yet.
        if let Some(other) = input.value().parse().ok().filter(|&other: &usize| other < examples) {
            edit(app, |desk| desk.other = other);
        }
        return;
    }
    let slider = SLIDERS.iter().find(|slider| input.id() == format!("edit-{}", slider.name));
    let Some((slider, value)) = slider.zip(input.value().parse().ok()) else { return };
    alter(app, |desk| (slider.set)(desk, value));
}

fn click(app: &Rc<App>, event: &MouseEvent) {
    let Some(editor) = current(app) else { return };
    let picked = number_at(event, "data-example").filter(|_| editor.desk.borrow().picking);
    if let Some((_, example)) = picked {
        event.stop_propagation();
        alter(app, |desk| {
            desk.other = example;
            desk.picking = false;
            desk.edits.blend = if desk.edits.blend > 0.0 { desk.edits.blend } else { 0.5 };
        });
        return focus("edit-blend");
    }
    let button = target(event).and_then(|target| target.closest("button").ok().flatten());
    match button.map(|button| button.id()).as_deref() {
        Some("open-editor") => toggle(app),
        Some("draw") => hold(app, |desk| desk.brush.erases = false),
        Some("erase") => hold(app, |desk| desk.brush.erases = true),
        Some("pick") => hold(app, |desk| desk.picking = !desk.picking),
        Some("seed") => alter(app, |desk| desk.edits.seed = desk.edits.seed.wrapping_add(1)),
        Some("reset") => alter(app, |desk| (desk.edits, desk.picking) = (Edits::default(), false)),
        Some("undo") => {
            alter(app, |desk| {
                desk.edits.strokes.pop();
            });
            if editor.desk.borrow().edits.strokes.is_empty() {
                focus("reset"); // a disabled button loses the focus
            }
        }
        _ => {}
    }
}

fn toggle(app: &Rc<App>) {
    let Some(editor) = current(app) else { return };
    let open = !editor.desk.borrow().open;
    hold(app, |desk| (desk.open, desk.picking) = (open, false));
    set(&by_id::<Element>("open-editor"), "aria-expanded", open);
    by_id::<web_sys::HtmlElement>("editor").set_hidden(!open);
    if let Some(opened) = app.opened.borrow().as_ref() {
        paint(&editor.image(&opened.shown), opened.shown.images.shape());
    }
    if open {
        spawn_local(async move {
            yield_now().await;
            let _ = editor.live.as_ref().map(ProbeImage::support); // what is wrong, the first edit says
        });
    }
}

/// Arrow keys move the brush over the easel, with Shift they draw; Space paints where it is.
fn key(app: &Rc<App>, event: &KeyboardEvent) {
    if target(event).is_none_or(|target| target.id() != "easel") || event.ctrl_key() || event.alt_key() {
        return;
    }
    let step = match event.key().as_str() {
        "ArrowLeft" => [-1.0, 0.0],
        "ArrowRight" => [1.0, 0.0],
        "ArrowUp" => [0.0, -1.0],
        "ArrowDown" => [0.0, 1.0],
        " " => [0.0, 0.0],
        _ => return,
    };
    event.prevent_default();
    let Some(size) = app.opened.borrow().as_ref().map(|opened| opened.shown.images.shape()) else { return };
    let move_on = |desk: &mut Desk| -> Vec<[f32; 2]> {
        let [x, y] = desk.brush.at;
        let to = [(x + step[0]).clamp(0.5, size[2] as f32 - 0.5), (y + step[1]).clamp(0.5, size[1] as f32 - 0.5)];
        desk.brush.at = to;
        vec![[x, y], to]
    };
    if step == [0.0, 0.0] || event.shift_key() {
        alter(app, |desk| {
            let path = move_on(desk);
            desk.edits.strokes.push(desk.brush.stroke(path));
        });
    } else {
        hold(app, |desk| drop(move_on(desk)));
    }
}
