//! The images of the selected examples, hardest first, under headings of their depths. Only visible ones are elements.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use prediction_depth::data::Images;
use prediction_depth::study::Study;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::picture::Pictures;
use super::thumbnail::thumbnail;
use super::virtual_list::Lines;
use crate::dom::{by_id, focus, has_room, hold, say, set, style};
use crate::state::derived::Derived;
use crate::state::page::State;
use crate::state::selection::Selection;
use crate::state::view::View;
use crate::text;

/// Sizes in pixels of a thumbnail, of the gaps, and of a heading, as in style.css.
const SIZE: f64 = 44.0;
/// Width of an example in words.
const WORDS: f64 = 200.0;
const GAP: f64 = 4.0;
const HEADING: f64 = 30.0;

/// State of the grid: a cache of elements, and the position of the focus.
#[derive(Default)]
pub struct Grid(RefCell<Drawn>);

#[derive(Default)]
struct Drawn {
    /// The selection when they were drawn.
    picked: Selection,
    examples: Vec<usize>,
    lines: Lines,
    /// Lines that are elements.
    there: BTreeMap<usize, HtmlElement>,
    /// Position of the Tab stop.
    entry: usize,
    current: Option<usize>,
}

impl Grid {
    /// Redraws all images; scrolls to the top if the selection changed.
    pub fn draw(&self, state: &State, derived: &Derived, pictures: &Rc<Pictures>) {
        let Some(opened) = state.opened.as_ref().filter(|_| has_room(&list())) else { return };
        let (study, view) = (&opened.shown, state.view);
        let mut drawn = self.0.borrow_mut();
        let same = drawn.picked == view.picked;
        let examples = derived.selected.clone();
        let kinds: Vec<usize> = examples.iter().map(|&example| derived.depths[example]).collect();
        let inside = f64::from(list().client_width());
        let [width, height] = match study.images().map(Images::shape) {
            Some([_, height, width]) => [SIZE, SIZE * height as f64 / width as f64],
            None => [WORDS.min(inside), SIZE],
        };
        let columns = ((inside + GAP) / (width + GAP)) as usize;
        let lines = Lines::new(&kinds, columns, [HEADING, height + GAP]);
        list().set_inner_html("");
        style(&list(), "height", format!("{}px", lines.height()));
        *drawn = Drawn { picked: view.picked, examples, lines, ..Drawn::default() };
        if !same {
            frame().set_scroll_top(0);
        }
        let flipped = if study.labels == study.given_labels { "" } else { " A corner marks flipped labels." };
        let hint = match drawn.examples.len() {
            0 => "This split has no example of this selection.".to_owned(),
            count => format!("{}.{flipped}", text::counted(count, "example")),
        };
        by_id::<HtmlElement>("images-hint").set_text_content(Some(&hint));
        drawn.mark(view);
        drawn.fill(state, derived, pictures);
    }

    /// Marks the current example, and makes it the Tab stop.
    pub fn mark(&self, state: &State, derived: &Derived, pictures: &Rc<Pictures>) {
        self.0.borrow_mut().mark(state.view);
        self.fill(state, derived, pictures);
    }

    /// Creates the elements that became visible.
    pub fn fill(&self, state: &State, derived: &Derived, pictures: &Rc<Pictures>) {
        self.0.borrow_mut().fill(state, derived, pictures);
    }

    /// Moves the focus by a key; returns whether it moved.
    pub fn moved(&self, state: &State, derived: &Derived, pictures: &Rc<Pictures>, key: &str, from: usize) -> bool {
        let mut drawn = self.0.borrow_mut();
        let Some(from) = drawn.examples.iter().position(|&example| example == from) else { return false };
        let last = drawn.examples.len() - 1;
        let to = match key {
            "ArrowLeft" => from.checked_sub(1),
            "ArrowRight" => Some(from + 1).filter(|&to| to <= last),
            "ArrowUp" => drawn.lines.vertical(from, -1),
            "ArrowDown" => drawn.lines.vertical(from, 1),
            "PageUp" => drawn.lines.vertical(from, -drawn.page()),
            "PageDown" => drawn.lines.vertical(from, drawn.page()),
            "Home" => Some(0),
            "End" => Some(last),
            _ => return false,
        };
        let Some(to) = to else { return true };
        drawn.entry = to;
        drawn.reveal(to);
        drawn.fill(state, derived, pictures);
        focus(&list(), &format!("[data-example='{}']", drawn.examples[to]));
        true
    }
}

impl Drawn {
    fn mark(&mut self, view: View) {
        self.current = view.example;
        let place = self.examples.iter().position(|&example| Some(example) == view.example);
        self.entry = place.unwrap_or(self.entry.min(self.examples.len().saturating_sub(1)));
    }

    /// Creates elements for the visible lines, for a screen above and below, and for the Tab stop; removes the others.
    fn fill(&mut self, state: &State, derived: &Derived, pictures: &Rc<Pictures>) {
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
                let Some(element) = self.element(state, derived, pictures, line) else { continue };
                // In order, since screen readers follow the order of elements.
                let next = self.there.range(line..).next().map(|(_, next)| next.unchecked_ref());
                let _ = list().insert_before(&element, next);
                self.there.insert(line, element);
            }
        }
        self.mark_elements();
    }

    fn element(&self, state: &State, derived: &Derived, pictures: &Rc<Pictures>, line: usize) -> Option<HtmlElement> {
        let (opened, line) = (state.opened.as_ref()?, self.lines.line(line));
        let examples = &self.examples[line.places.clone()];
        let element = if line.heading {
            say("h3", "line", &heading(&opened.shown, derived.depths[examples[0]]))
        } else {
            let button = |&example: &usize| thumbnail(opened, derived, pictures, example, "thumb");
            hold("div", "line", &examples.iter().map(button).collect::<Vec<_>>())
        };
        style(&element, "top", format!("{}px", line.top));
        Some(element)
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

    /// Returns the rows of a page.
    fn page(&self) -> isize {
        let screen = frame().client_height();
        (f64::from(screen) / (SIZE + GAP)).max(1.0) as isize
    }

    /// Scrolls to the row of a position, and the heading above it.
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

/// Returns the element that scrolls.
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
