//! An example's image as a button.

use std::rc::Rc;

use web_sys::HtmlElement;

use super::picture::Pictures;
use crate::dom::{make, set};
use crate::state::derived::Derived;
use crate::state::opened::Opened;
use crate::text;

/// Returns a button with an example's image, which selects it.
pub fn thumbnail(
    opened: &Opened,
    derived: &Derived,
    pictures: &Rc<Pictures>,
    example: usize,
    class: &str,
) -> HtmlElement {
    let button = make("button", class);
    let name = text::example(&opened.shown, &derived.depths, example);
    set(&button, "type", "button");
    set(&button, "data-example", example);
    pictures.show(&button, example);
    set(&button, "aria-label", &name);
    set(&button, "title", &name);
    set(&button, "tabindex", -1);
    if opened.shown.is_flipped(example) {
        let _ = button.class_list().add_1("flipped");
    }
    button
}
