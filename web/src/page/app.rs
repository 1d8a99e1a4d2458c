//! The study that is open, what of it is looked at, and who draws it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use prediction_depth::depth::PredictionDepth;
use prediction_depth::study::Study;
use web_sys::{Event, HtmlElement, HtmlSelectElement, MouseEvent};

use super::address::{self, Step, Trail};
use super::dom::{by_id, document, listen, number_at, style};
use super::editor::Editor;
use super::grid::Grid;
use super::measuring::Job;
use super::picture::Pictures;
use super::{charts, host, inspector, map, selection, strip, tables};
use crate::measurement::{Measurement, layer_bytes};
use crate::view::{Order, View, split_named};

/// A study on show.
pub struct Opened {
    /// The file's name.
    pub name: String,
    /// As it came, or as the training in this page made it.
    pub stored: Rc<Study>,
    /// The study on whose examples it was trained here, with its name.
    pub origin: Option<(String, Rc<Study>)>,
    /// What the figures show: first what the file says, then what was measured here.
    pub shown: Study,
    /// The depths of `shown`, `[examples]`.
    pub depths: Vec<usize>,
    /// The bytes of each of its layers, `[layers]`; none where its network cannot be asked.
    pub layer_bytes: Vec<f64>,
    /// Once it is measured.
    pub measured: Option<Measurement>,
    pub pictures: Rc<Pictures>,
    pub editor: Rc<Editor>,
}

impl Opened {
    pub fn new(name: &str, study: Study) -> Self {
        let shown = Study { representations: Vec::new(), ..study.clone() };
        let depths = shown.measured.depths();
        let stored = Rc::new(study);
        let layer_bytes = layer_bytes(&stored).unwrap_or_default();
        let editor = Editor::new(&stored, &layer_bytes);
        Self {
            name: name.into(),
            origin: None,
            shown,
            depths,
            layer_bytes,
            measured: None,
            pictures: Pictures::new(&stored),
            stored,
            editor,
        }
    }

    fn take(&mut self, measured: Measurement) {
        self.shown.measured = PredictionDepth::clone(&measured.depth);
        self.shown.output_margins.clone_from(&measured.output_margins);
        self.depths = self.shown.measured.depths();
        self.measured = Some(measured);
    }
}

/// The page.
#[derive(Default)]
pub struct App {
    /// None until the first study is open.
    pub opened: RefCell<Option<Opened>>,
    pub view: Cell<View>,
    pub grid: Grid,
    pub trail: Trail,
    /// The measurement that runs, or ran last.
    pub job: RefCell<Rc<Job>>,
}

impl App {
    pub fn new() -> Rc<Self> {
        Rc::new(Self { view: Cell::new(address::view()), ..Self::default() })
    }

    /// Replaces the study on show. An example is always selected, so that there is something to read.
    pub fn show(&self, opened: Opened) {
        self.view.set(filled(self.view.get(), &opened));
        host::opened(&opened);
        *self.opened.borrow_mut() = Some(opened);
        by_id::<HtmlElement>("main").set_hidden(false);
        self.draw();
    }

    /// Shows what was measured instead of what the file says.
    pub fn take(&self, measured: Measurement) {
        let mut opened = self.opened.borrow_mut();
        let Some(open) = opened.as_mut() else { return };
        if measured.depth == open.shown.measured {
            // The figures stand, and whoever is reading them is not disturbed.
            open.measured = Some(measured);
            inspector::draw(open, self.view.get());
        } else {
            open.take(measured);
            drop(opened);
            self.draw();
        }
    }

    /// Draws everything.
    pub fn draw(&self) {
        let opened = self.opened.borrow();
        let Some(opened) = opened.as_ref() else { return };
        let view = self.view.get();
        let [_, height, width] = opened.shown.images.shape();
        style(&by_id::<HtmlElement>("main"), "--aspect", height as f64 / width as f64);
        strip::draw(opened, view);
        charts::draw(opened, view);
        map::draw(opened, view);
        selection::draw(opened, view);
        self.grid.draw(opened, view);
        tables::draw(opened, view);
        inspector::draw(opened, view);
    }

    /// Looks at something else.
    pub fn look(&self, change: impl FnOnce(&mut View), step: Step) {
        let before = self.view.get();
        let mut view = before;
        change(&mut view);
        if view == before {
            return;
        }
        self.view.set(view);
        self.redraw(before, view);
        address::remember(self, step);
        host::selected(self);
    }

    /// Looks at what the address says.
    pub fn go(&self, mut view: View) {
        if let Some(opened) = self.opened.borrow().as_ref() {
            view = filled(view, opened);
        }
        self.redraw(self.view.replace(view), view);
        host::selected(self);
    }

    /// Draws what differs between two views.
    fn redraw(&self, before: View, view: View) {
        let opened = self.opened.borrow();
        let Some(opened) = opened.as_ref() else { return };
        if (view.split, view.order) != (before.split, before.order) {
            strip::draw(opened, view);
        }
        if (view.split, view.picked) != (before.split, before.picked) {
            charts::draw_depths(opened, view);
            map::mark(opened, view);
            self.grid.draw(opened, view);
            selection::draw(opened, view);
            tables::draw(opened, view);
        }
        if view.picked != before.picked {
            strip::dim(opened, view);
        }
        if view.example != before.example {
            strip::mark(opened, view);
            self.grid.mark(opened, view);
            inspector::draw(opened, view);
        }
    }
}

/// The view with an example to look at, and without what the study does not have.
fn filled(view: View, opened: &Opened) -> View {
    let view = view.within(&opened.shown);
    View { example: view.example.or_else(|| view.worth_a_look(&opened.shown)), ..view }
}

pub fn start(app: &Rc<App>) {
    let heard = app.clone();
    listen(&document(), "click", move |event: MouseEvent| {
        let Some((_, example)) = number_at(&event, "data-example") else { return };
        heard.look(|view| view.example = Some(example), Step::New);
    });

    let heard = app.clone();
    listen(&by_id::<HtmlSelectElement>("split"), "change", move |_: Event| {
        let Some(split) = split_named(&by_id::<HtmlSelectElement>("split").value()) else { return };
        heard.look(|view| view.split = split, Step::New);
    });

    let heard = app.clone();
    listen(&by_id::<HtmlSelectElement>("order"), "change", move |_: Event| {
        let order = Order::named(&by_id::<HtmlSelectElement>("order").value()).unwrap_or_default();
        heard.look(|view| view.order = order, Step::New);
    });
}
