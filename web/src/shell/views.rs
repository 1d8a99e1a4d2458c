//! Draws the views that a change affects.

use std::cell::RefCell;
use std::rc::Rc;

use prediction_depth::data::Images;
use web_sys::HtmlElement;

use crate::dom::{by_id, style};
use crate::state::change::Change;
use crate::state::derived::Derived;
use crate::state::page::State;
use crate::view::grid::Grid;
use crate::view::picture::Pictures;
use crate::view::{charts, depths, inspector, map, over_training, selection, status, strip, tables, title, training};

/// The views, and what they keep between drawings.
#[derive(Default)]
pub struct Views {
    grid: Grid,
    /// Views of the open study; `None` before one is open.
    pictures: RefCell<Option<Rc<Pictures>>>,
}

impl Views {
    /// Draws the changed parts.
    pub fn draw(&self, state: &State, derived: &Derived, change: Change) {
        if change.touches(Change::STUDY) {
            title::draw(state);
            self.lay_out(state);
        }
        if change.touches(Change::STUDY | Change::FIGURES | Change::TRAINING) {
            title::draw_warnings(state, derived);
        }
        if change.touches(Change::STATUS) {
            status::draw(state);
        }
        if change.touches(Change::ALERT) {
            status::alert(&state.alert);
        }
        if change.touches(Change::CLASSES) {
            training::draw_classes(state);
        }
        self.draw_figures(state, derived, change);
        if let Some(pictures) = &*self.pictures.borrow() {
            inspector::draw(state, derived, pictures, change);
        }
        if change.touches(Change::TRAINING) {
            training::draw(state, derived);
        }
    }

    /// Uses the pictures of another study, and their shape.
    fn lay_out(&self, state: &State) {
        let Some(opened) = &state.opened else { return };
        self.pictures.replace(Some(Pictures::new(&opened.stored)));
        let [_, height, width] = opened.shown.images().map_or([1; 3], Images::shape);
        style(&by_id::<HtmlElement>("main"), "--aspect", height as f64 / width as f64);
    }

    fn draw_figures(&self, state: &State, derived: &Derived, change: Change) {
        let all = change.touches(Change::STUDY | Change::FIGURES | Change::WIDTH);
        let touches = |part: Change| all || change.touches(part);
        if touches(Change::COLUMNS) {
            strip::draw(state, derived);
        } else {
            if change.touches(Change::SELECTION) {
                strip::dim(state, derived);
            }
            if change.touches(Change::EXAMPLE) {
                strip::mark(state, derived);
            }
        }
        if all {
            charts::draw(state, derived);
            map::draw(state, derived);
        } else if change.touches(Change::SELECTION) {
            map::mark(state, derived);
        }
        if change.touches(Change::ACCURACY) {
            charts::draw_accuracy(state, derived);
        }
        if touches(Change::COLUMNS) {
            over_training::draw(state);
        }
        if touches(Change::SELECTION) {
            depths::draw(state, derived);
            selection::draw(state, derived);
            tables::draw(state, derived);
        }
        if let Some(pictures) = &*self.pictures.borrow() {
            if touches(Change::SELECTION) {
                self.grid.draw(state, derived, pictures);
            } else if change.touches(Change::EXAMPLE) {
                self.grid.mark(state, derived, pictures);
            }
        }
    }

    /// Draws the images that were scrolled into view.
    pub fn scroll(&self, state: &State, derived: &Derived) {
        if let Some(pictures) = &*self.pictures.borrow() {
            self.grid.fill(state, derived, pictures);
        }
    }

    /// Moves the focus among the images by a key; returns whether it moved.
    pub fn move_focus(&self, state: &State, derived: &Derived, key: &str, from: usize) -> bool {
        let pictures = self.pictures.borrow();
        pictures.as_ref().is_some_and(|pictures| self.grid.moved(state, derived, pictures, key, from))
    }
}
