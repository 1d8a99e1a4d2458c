//! Groups of buttons with one Tab stop, in which the arrow keys move the focus; otherwise thirty neighbours per layer
//! would be two hundred stops. A group is an element with `data-rove`.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::dom::{document, listen, set};

pub fn start() {
    listen(&document(), "keydown", |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        if moved(&event).is_some() {
            event.prevent_default();
        }
    });
}

/// Moves the focus; `None` for other keys and other elements.
fn moved(event: &KeyboardEvent) -> Option<()> {
    let from = event.target()?.dyn_into::<HtmlElement>().ok()?;
    let group = from.closest("[data-rove]").ok()??;
    let buttons = buttons(&group);
    let place = buttons.iter().position(|button| *button == from)?;
    let to = match event.key().as_str() {
        "ArrowLeft" => buttons.get(place.checked_sub(1)?)?,
        "ArrowRight" => buttons.get(place + 1)?,
        "ArrowUp" => vertical(&buttons[..place], &from)?,
        "ArrowDown" => vertical(&buttons[place + 1..], &from)?,
        "Home" => buttons.first()?,
        "End" => buttons.last()?,
        _ => return None,
    };
    for button in &buttons {
        set(button, "tabindex", if button == to { 0 } else { -1 });
    }
    to.focus().ok()
}

fn buttons(group: &Element) -> Vec<HtmlElement> {
    let Ok(found) = group.query_selector_all("button") else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

/// Returns the horizontally nearest button of the nearest other row.
fn vertical<'a>(others: &'a [HtmlElement], from: &HtmlElement) -> Option<&'a HtmlElement> {
    let away = |button: &&HtmlElement| (button.offset_top() - from.offset_top()).abs();
    let row = others.iter().filter(|button| away(button) > 0).map(|button| away(&button)).min()?;
    let aside = |button: &&HtmlElement| (button.offset_left() - from.offset_left()).abs();
    others.iter().filter(|button| away(button) == row).min_by_key(aside)
}
