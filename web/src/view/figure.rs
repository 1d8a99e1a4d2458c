//! A chart in its container.

use web_sys::HtmlElement;

use crate::dom::{by_id, has_room};

/// Draws a chart in the width of its container, if it is displayed.
pub fn draw(id: &str, draw: impl Fn(f64) -> String) {
    let place = by_id::<HtmlElement>(id);
    if has_room(&place) {
        place.set_inner_html(&draw(f64::from(place.client_width())));
    }
}
