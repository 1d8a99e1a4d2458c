//! Helpers for the document.

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

/// Returns an element of index.html.
pub fn by_id<T: JsCast>(id: &str) -> T {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into().ok());
    element.unwrap_or_else(|| panic!("index.html lacks #{id}, or it is another element"))
}

/// Creates an element.
pub fn make(tag: &str, class: &str) -> HtmlElement {
    let element = document().create_element(tag).ok().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let element = element.unwrap_or_else(|| panic!("no element {tag}"));
    if !class.is_empty() {
        element.set_class_name(class);
    }
    element
}

/// Creates an element with text.
pub fn say(tag: &str, class: &str, words: &str) -> HtmlElement {
    let element = make(tag, class);
    element.set_text_content(Some(words));
    element
}

/// Creates an element with children.
pub fn hold<'a>(tag: &str, class: &str, children: impl IntoIterator<Item = &'a HtmlElement>) -> HtmlElement {
    let element = make(tag, class);
    add(&element, children);
    element
}

/// Appends children.
pub fn add<'a>(parent: &Element, children: impl IntoIterator<Item = &'a HtmlElement>) {
    for child in children {
        // Fails only for a parent among its own descendants.
        let _ = parent.append_child(child);
    }
}

/// Sets an attribute, which must have a valid name.
pub fn set(element: &Element, name: &str, value: impl ToString) {
    let _ = element.set_attribute(name, &value.to_string());
}

/// Sets a property of the element's style.
pub fn style(element: &HtmlElement, name: &str, value: impl ToString) {
    let _ = element.style().set_property(name, &value.to_string());
}

/// Returns whether the element is displayed. An element that the URL hides is not, and need not be drawn.
pub fn has_room(element: &Element) -> bool {
    element.client_width() > 0
}

/// Moves the focus to the first element that matches the selector.
pub fn focus(within: &Element, selector: &str) {
    let found = within.query_selector(selector).ok().flatten();
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        let _ = found.focus();
    }
}

/// Redraws a group of elements and keeps the focus: if one of them was focused, the focus moves to its successor, the
/// element with the same value of the first of these attributes that the old one has.
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

/// Returns a number from an attribute of the event's target or of its nearest ancestor with that attribute.
pub fn number_at(event: &Event, attribute: &str) -> Option<(Element, usize)> {
    let element = event.target()?.dyn_into::<Element>().ok()?.closest(&format!("[{attribute}]")).ok()??;
    let number = element.get_attribute(attribute)?.parse().ok()?;
    Some((element, number))
}

/// Adds an event listener for the lifetime of the page.
pub fn listen<E: JsCast + 'static>(target: &EventTarget, kind: &str, mut hear: impl FnMut(E) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(move |event: Event| hear(event.unchecked_into()));
    let _ = target.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Returns the milliseconds since the page began to load.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Returns the message of a JavaScript error.
pub fn told(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
