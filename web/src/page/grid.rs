//! The images of the selected examples, hardest first, under the depths they have. Only those in sight are elements.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use prediction_depth::study::Study;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, KeyboardEvent};

use super::app::{App, Opened};
use super::dom::{by_id, focus, has_room, hold, listen, make, number_at, say, set, style};
use crate::selection::Selection;
use crate::text;
use crate::view::View;
use crate::virtual_list::Lines;

/// Pixels of a thumbnail, of the gaps between them, and of a heading, as in style.css.
const SIZE: f64 = 44.0;
const GAP: f64 = 4.0;
const HEADING: f64 = 30.0;

/// What the grid shows.
#[derive(Default)]
pub struct Grid(RefCell<State>);

#[derive(Default)]
struct State {
    /// What was selected when they were drawn.
    picked: Selection,
    examples: Vec<usize>,
    lines: Lines,
    /// The lines that are elements.
    there: BTreeMap<usize, HtmlElement>,
    /// The place at which the Tab key enters.
    entry: usize,
    current: Option<usize>,
}

impl Grid {
    /// Draws them all anew, from the top where other examples are selected.
    pub fn draw(&self, opened: &Opened, view: View) {
        if !has_room(&list()) {
            return;
        }
        let study = &opened.shown;
        let mut state = self.0.borrow_mut();
        let same = state.picked == view.picked;
        let examples = view.thumbnails(study);
        let kinds: Vec<usize> = examples.iter().map(|&example| opened.depths[example]).collect();
        let [_, height, width] = study.images.shape();
        let inside = list().client_width();
        let columns = ((f64::from(inside) + GAP) / (SIZE + GAP)) as usize;
        let lines = Lines::new(&kinds, columns, [HEADING, SIZE * height as f64 / width as f64 + GAP]);
        list().set_inner_html("");
        style(&list(), "height", format!("{}px", lines.height()));
        *state = State { picked: view.picked, examples, lines, ..State::default() };
        if !same {
            frame().set_scroll_top(0);
        }
        let flipped = if study.labels == study.given_labels { "" } else { " A corner marks flipped labels." };
        let hint = match state.examples.len() {
            0 => "This split has no example of this selection.".to_owned(),
            count => format!("{}.{flipped}", text::counted(count, "example")),
        };
        by_id::<HtmlElement>("images-hint").set_text_content(Some(&hint));
        state.mark(view);
        state.fill(opened);
    }

    /// Marks the example that is looked at, and lets the Tab key enter there.
    pub fn mark(&self, opened: &Opened, view: View) {
        self.0.borrow_mut().mark(view);
        self.0.borrow_mut().fill(opened);
    }

    fn fill(&self, opened: &Opened) {
        self.0.borrow_mut().fill(opened);
    }

    /// Moves the focus by a key; whether it did.
    fn moved(&self, opened: &Opened, key: &str, from: usize) -> bool {
        let mut state = self.0.borrow_mut();
        let Some(from) = state.examples.iter().position(|&example| example == from) else { return false };
        let last = state.examples.len() - 1;
        let to = match key {
            "ArrowLeft" => from.checked_sub(1),
            "ArrowRight" => Some(from + 1).filter(|&to| to <= last),
            "ArrowUp" => state.lines.vertical(from, -1),
            "ArrowDown" => state.lines.vertical(from, 1),
            "PageUp" => state.lines.vertical(from, -state.page()),
            "PageDown" => state.lines.vertical(from, state.page()),
            "Home" => Some(0),
            "End" => Some(last),
            _ => return false,
        };
        let Some(to) = to else { return true };
        state.entry = to;
        state.reveal(to);
        state.fill(opened);
        focus(&list(), &format!("[data-example='{}']", state.examples[to]));
        true
    }
}

impl State {
    fn mark(&mut self, view: View) {
        self.current = view.example;
        let place = self.examples.iter().position(|&example| Some(example) == view.example);
        self.entry = place.unwrap_or(self.entry.min(self.examples.len().saturating_sub(1)));
    }

    /// Makes elements of the lines in sight, a screen around them, and that of the entry; drops the others.
    fn fill(&mut self, opened: &Opened) {
        let frame = frame();
        let (top, screen) = (f64::from(frame.scroll_top()), f64::from(frame.client_height()));
        let seen = self.lines.within(top - screen, top + 2.0 * screen);
        let entry = self.lines.row_of(self.entry);
        self.there.retain(|line, element| {
            let stays = seen.contains(line) || Some(*line) == entry;
            if !stays {
                element.remove();
            }
            stays
        });
        for line in seen.chain(entry) {
            if !self.there.contains_key(&line) {
                let element = self.element(opened, line);
                // In order, so that they are read in order.
                let next = self.there.range(line..).next().map(|(_, next)| next.unchecked_ref());
                let _ = list().insert_before(&element, next);
                self.there.insert(line, element);
            }
        }
        self.mark_elements();
    }

    fn element(&self, opened: &Opened, line: usize) -> HtmlElement {
        let line = self.lines.line(line);
        let examples = &self.examples[line.places.clone()];
        let element = if line.heading {
            say("h3", "line", &heading(&opened.shown, opened.depths[examples[0]]))
        } else {
            let buttons: Vec<_> = examples.iter().map(|&example| thumbnail(opened, example, "thumb")).collect();
            hold("div", "line", &buttons)
        };
        style(&element, "top", format!("{}px", line.top));
        element
    }

    fn mark_elements(&self) {
        for (line, element) in self.there.iter().filter(|(line, _)| !self.lines.line(**line).heading) {
            for (place, button) in self.lines.line(*line).places.clone().zip(0..) {
                let Some(button) = element.children().item(button) else { continue };
                set(&button, "tabindex", if place == self.entry { 0 } else { -1 });
                let _ = match Some(self.examples[place]) == self.current {
                    true => button.set_attribute("aria-current", "true"),
                    false => button.remove_attribute("aria-current"),
                };
            }
        }
    }

    /// Rows of a page.
    fn page(&self) -> isize {
        let screen = frame().client_height();
        (f64::from(screen) / (SIZE + GAP)).max(1.0) as isize
    }

    /// Scrolls the row of a place, and the heading above it, into sight.
    fn reveal(&self, place: usize) {
        let Some(row) = self.lines.row_of(place) else { return };
        let frame = frame();
        let (top, screen) = (f64::from(frame.scroll_top()), f64::from(frame.client_height()));
        let above = row.checked_sub(1).map(|above| self.lines.line(above)).filter(|above| above.heading);
        let first = above.map_or(self.lines.line(row).top, |heading| heading.top);
        let last = self.lines.line(row).top + self.lines.row_height();
        if first < top {
            frame.set_scroll_top(first as i32);
        } else if last > top + screen {
            frame.set_scroll_top((last - screen).ceil() as i32);
        }
    }
}

/// What the list scrolls in.
fn frame() -> HtmlElement {
    by_id("images")
}

fn list() -> HtmlElement {
    by_id("lines")
}

fn heading(study: &Study, depth: usize) -> String {
    match study.layers.get(depth) {
        Some(layer) => format!("Depth {depth}: settled from {layer} on"),
        None => "Undetermined: the last probe disagrees with the network".into(),
    }
}

/// An example's image as a button that selects it.
pub fn thumbnail(opened: &Opened, example: usize, class: &str) -> HtmlElement {
    let button = make("button", class);
    let name = text::example(&opened.shown, &opened.depths, example);
    set(&button, "type", "button");
    set(&button, "data-example", example);
    opened.pictures.show(&button, example);
    set(&button, "aria-label", &name);
    set(&button, "title", &name);
    set(&button, "tabindex", -1);
    if text::is_flipped(&opened.shown, example) {
        let _ = button.class_list().add_1("flipped");
    }
    button
}

pub fn start(app: &Rc<App>) {
    let heard = app.clone();
    listen(&by_id::<HtmlElement>("images"), "scroll", move |_: Event| {
        if let Some(opened) = heard.opened.borrow().as_ref() {
            heard.grid.fill(opened);
        }
    });
    let heard = app.clone();
    listen(&by_id::<HtmlElement>("images"), "keydown", move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let Some((_, from)) = number_at(&event, "data-example") else { return };
        let opened = heard.opened.borrow();
        if opened.as_ref().is_some_and(|opened| heard.grid.moved(opened, &event.key(), from)) {
            event.prevent_default();
        }
    });
}
