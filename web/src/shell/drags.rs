//! Drags over the histogram and the map, and clicks on depth buttons, as selections.

use std::cell::Cell;
use std::rc::Rc;

use prediction_depth::data::Split;
use web_sys::{Element, MouseEvent, PointerEvent};

use super::app::App;
use super::events::{look, on};
use crate::dom::{by_id, number_at, window};
use crate::state::action::{Action, Step};
use crate::view::{depths, map};

pub fn start(app: &Rc<App>) {
    on(app, &by_id::<Element>("depths"), "click", |app, event: &MouseEvent| {
        let depth = number_at(event, "data-depth").map(|(_, depth)| depth);
        look(app, Step::New, |view| view.picked.depths = chosen(view.picked.depths, depth, event.shift_key()))
    });
    drag_bars(app);
    drag_map(app);
}

/// Returns the selected depths after a click on a button: its own depth; with Shift the range up to it; none if it was
/// the only one.
fn chosen(before: Option<[usize; 2]>, depth: Option<usize>, extend: bool) -> Option<[usize; 2]> {
    match (before, depth?) {
        (Some([first, last]), depth) if extend => Some([first.min(depth), if depth < first { last } else { depth }]),
        (Some(before), depth) if before == [depth, depth] => None,
        (_, depth) => Some([depth, depth]),
    }
}

/// A drag on the bars.
#[derive(Clone, Copy)]
struct Drag {
    /// The depth at which it began.
    depth: usize,
    /// Whether it clears the selection: the pointer is still on the bar that alone was selected.
    clears: bool,
}

/// Makes drags over the bars select a range of depths.
fn drag_bars(app: &Rc<App>) {
    let from: Rc<Cell<Option<Drag>>> = Rc::default();
    let start = from.clone();
    on(app, &by_id::<Element>("histogram"), "pointerdown", move |app, event: &PointerEvent| {
        let (split, depth) = bar_at(app, event)?;
        event.prevent_default(); // selects no text
        let view = app.state().view;
        let again = view.split == split && view.picked.depths == Some([depth, depth]);
        start.set(Some(Drag { depth, clears: again }));
        look(app, Step::New, |view| (view.split, view.picked.depths) = (split, Some([depth, depth])))
    });
    let start = from.clone();
    on(app, &window(), "pointermove", move |app, event: &PointerEvent| {
        let drag = start.get()?;
        let (_, depth) = bar_at(app, event)?;
        if depth != drag.depth {
            start.set(Some(Drag { clears: false, ..drag }));
        }
        let range = [drag.depth.min(depth), drag.depth.max(depth)];
        look(app, Step::Same, |view| view.picked.depths = Some(range))
    });
    on(app, &window(), "pointerup", move |app, _: &PointerEvent| {
        from.take().filter(|drag| drag.clears)?;
        look(app, Step::New, |view| view.picked.depths = None)
    });
}

/// Returns the bar under a pointer. The event's target is not used, since touch events keep the first target.
fn bar_at(app: &App, event: &PointerEvent) -> Option<(Split, usize)> {
    depths::bar_at(&app.state(), [event.client_x() as f32, event.client_y() as f32])
}

/// Makes drags over the map select an area.
fn drag_map(app: &Rc<App>) {
    let from: Rc<Cell<Option<[usize; 2]>>> = Rc::default();
    let cell = |app: &App, event: &PointerEvent| {
        let at = [event.client_x(), event.client_y()].map(f64::from);
        map::cell_at(&app.state(), at)
    };
    let start = from.clone();
    on(app, &by_id::<Element>("map-plot"), "pointerdown", move |app, event: &PointerEvent| {
        event.prevent_default(); // selects no text
        let cell = cell(app, event);
        start.set(Some(cell));
        select(app, cell, cell, Step::New)
    });
    let start = from.clone();
    on(app, &window(), "pointermove", move |app, event: &PointerEvent| {
        select(app, start.get()?, cell(app, event), Step::Same)
    });
    on(app, &window(), "pointerup", move |_, _: &PointerEvent| {
        from.set(None);
        None
    });
}

fn select(app: &App, from: [usize; 2], to: [usize; 2], step: Step) -> Option<Action> {
    let [across, up] = [0, 1].map(|axis| [from[axis].min(to[axis]), from[axis].max(to[axis])]);
    look(app, step, |view| view.picked.map = Some([across[0], across[1], up[0], up[1]]))
}
