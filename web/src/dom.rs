//! The few things that are done to the document again and again.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, Window};

#[expect(clippy::expect_used, reason = "this program runs in windows only")]
pub fn window() -> Window {
    web_sys::window().expect("a window")
}

#[expect(clippy::expect_used, reason = "every window has a document")]
pub fn document() -> Document {
    window().document().expect("a document")
}

/// An element of index.html.
pub fn by_id<T: JsCast>(id: &str) -> T {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into().ok());
    element.unwrap_or_else(|| panic!("index.html lacks #{id}, or it is another element"))
}

/// A new element.
pub fn make(tag: &str, class: &str) -> HtmlElement {
    let element = document().create_element(tag).ok().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let element = element.unwrap_or_else(|| panic!("no element {tag}"));
    if !class.is_empty() {
        element.set_class_name(class);
    }
    element
}

/// A new element with text.
pub fn say(tag: &str, class: &str, words: &str) -> HtmlElement {
    let element = make(tag, class);
    element.set_text_content(Some(words));
    element
}

/// A new element with others inside.
pub fn hold<'a>(tag: &str, class: &str, children: impl IntoIterator<Item = &'a HtmlElement>) -> HtmlElement {
    let element = make(tag, class);
    add(&element, children);
    element
}

/// Adds children at the end.
pub fn add<'a>(parent: &Element, children: impl IntoIterator<Item = &'a HtmlElement>) {
    for child in children {
        // Fails only for a parent among its own children.
        let _ = parent.append_child(child);
    }
}

/// Sets an attribute whose name is known to be one.
pub fn set(element: &Element, name: &str, value: impl ToString) {
    let _ = element.set_attribute(name, &value.to_string());
}

/// Sets a property of the element's style.
pub fn style(element: &HtmlElement, name: &str, value: impl ToString) {
    let _ = element.style().set_property(name, &value.to_string());
}

/// Whether it takes any room: what the address hides does not, and need not be drawn.
pub fn has_room(element: &Element) -> bool {
    element.client_width() > 0
}

/// Gives the focus to the first element of a selector.
pub fn focus(within: &Element, selector: &str) {
    let found = within.query_selector(selector).ok().flatten();
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        let _ = found.focus();
    }
}

/// Draws a group of elements anew. If one of them had the focus, its successor has it: the one with the same value of
/// the first of these attributes that it has.
pub fn keep_focus(group: &Element, attributes: &[&str], draw: impl FnOnce()) {
    let focused = document().active_element().filter(|active| group.contains(Some(active)));
    let successor = focused.and_then(|active| {
        attributes.iter().find_map(|name| Some(format!("[{name}='{}']", active.get_attribute(name)?)))
    });
    draw();
    if let Some(successor) = successor {
        focus(group, &successor);
    }
}

/// A number that an attribute of the element, or of one around it, holds.
pub fn number_at(event: &Event, attribute: &str) -> Option<(Element, usize)> {
    let element = event.target()?.dyn_into::<Element>().ok()?.closest(&format!("[{attribute}]")).ok()??;
    let number = element.get_attribute(attribute)?.parse().ok()?;
    Some((element, number))
}

/// Hears events of a kind for as long as the page lives.
pub fn listen<E: JsCast + 'static>(target: &EventTarget, kind: &str, mut hear: impl FnMut(E) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(move |event: Event| hear(event.unchecked_into()));
    let _ = target.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Milliseconds since the page began to load.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// What a JavaScript error says.
pub fn told(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
