//! The map of validation depth against training depth, of studies that hold an ensemble's.

use std::cell::Cell;
use std::rc::Rc;

use prediction_depth::difficulty::{Cuts, Kind};
use prediction_depth::plot::{Map, difficulty_map};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent, PointerEvent};

use super::address::Step;
use super::app::{App, Opened};
use super::dom::{add, by_id, document, focus, has_room, listen, number_at, say, set, style, window};
use crate::selection::Selection;
use crate::text;
use crate::view::View;

pub fn draw(opened: &Opened, view: View) {
    let points = opened.shown.both_depths();
    let Ok(others) = document().query_selector_all(".with-map") else { return };
    for other in (0..others.length()).filter_map(|at| others.get(at)?.dyn_into::<HtmlElement>().ok()) {
        other.set_hidden(points.is_none());
    }
    let plot = by_id::<HtmlElement>("map-plot");
    let Some(points) = points.filter(|_| has_room(&plot)) else { return };
    plot.set_inner_html(&difficulty_map(
        f64::from(plot.client_width()),
        opened.shown.layers.len(),
        &points,
        opened.shown.cuts(),
    ));
    mark(opened, view);
}

/// Marks the selected area, and says how many examples are in each corner.
pub fn mark(opened: &Opened, view: View) {
    if opened.shown.both_depths().is_none() || !has_room(&by_id("map-plot")) {
        return;
    }
    let (map, cuts) = (map_of(opened), opened.shown.cuts());
    let corner = view.picked.kind.zip(cuts).map(|(kind, cuts)| corner(&map, cuts, kind));
    let marker = by_id::<HtmlElement>("map-marker");
    marker.set_hidden(view.picked.map.or(corner).is_none());
    if let Some([left, right, low, high]) = view.picked.map.or(corner) {
        let across = |cell: usize| map.corner[0] + cell as f64 * map.cell[0];
        let down = |cell: usize| map.corner[1] + (map.cells - cell) as f64 * map.cell[1];
        style(&marker, "left", format!("{:.3}%", 100.0 * across(left) / map.width));
        style(&marker, "width", format!("{:.3}%", 100.0 * (across(right + 1) - across(left)) / map.width));
        style(&marker, "top", format!("{:.2}px", down(high + 1)));
        style(&marker, "height", format!("{:.2}px", down(low) - down(high + 1)));
    }
    let group = by_id::<HtmlElement>("corners");
    group.set_inner_html("");
    for (corner, kind) in Kind::ALL.into_iter().enumerate().filter(|_| cuts.is_some()) {
        let count = Selection { kind: Some(kind), ..Selection::default() }.mask(&opened.shown);
        let chip = say("button", "chip", &format!("{} ", kind.name()));
        add(&chip, [&say("span", "", &text::count(count.into_iter().filter(|&chosen| chosen).count()))]);
        set(&chip, "type", "button");
        set(&chip, "data-corner", corner);
        set(&chip, "aria-pressed", view.picked.kind == Some(kind));
        add(&group, [&chip]);
    }
}

/// The first and the last cell of a kind's corner, across, then up.
fn corner(map: &Map, cuts: Cuts, kind: Kind) -> [usize; 4] {
    let [across, up] = map.beyond(cuts);
    let [validation, training] = kind.corner();
    let part = |high: bool, beyond: usize| if high { [beyond, map.cells - 1] } else { [0, beyond - 1] };
    let ([left, right], [low, high]) = (part(validation, across), part(training, up));
    [left, right, low, high]
}

/// The map as it is drawn: one unit is one pixel.
fn map_of(opened: &Opened) -> Map {
    Map::new(f64::from(by_id::<HtmlElement>("map-plot").client_width()), opened.shown.layers.len())
}

pub fn start(app: &Rc<App>) {
    let from: Rc<Cell<Option<[usize; 2]>>> = Rc::default();
    let (heard, start) = (app.clone(), from.clone());
    listen(&by_id::<Element>("map-plot"), "pointerdown", move |event: PointerEvent| {
        let Some(cell) = cell_at(&heard, &event) else { return };
        event.prevent_default(); // selects no text
        start.set(Some(cell));
        select(&heard, cell, cell, Step::New);
    });
    let (heard, start) = (app.clone(), from.clone());
    listen(&window(), "pointermove", move |event: PointerEvent| {
        let (Some(from), Some(to)) = (start.get(), cell_at(&heard, &event)) else { return };
        select(&heard, from, to, Step::Same);
    });
    listen(&window(), "pointerup", move |_: PointerEvent| from.set(None));
    let heard = app.clone();
    listen(&by_id::<Element>("corners"), "click", move |event: MouseEvent| {
        let Some((_, corner)) = number_at(&event, "data-corner") else { return };
        let kind = Kind::ALL.get(corner).copied();
        heard.look(|view| view.picked.kind = kind.filter(|_| view.picked.kind != kind), Step::New);
        focus(&by_id("corners"), &format!("[data-corner='{corner}']")); // they were drawn anew
    });
}

fn select(app: &App, from: [usize; 2], to: [usize; 2], step: Step) {
    let [across, up] = [0, 1].map(|axis| [from[axis].min(to[axis]), from[axis].max(to[axis])]);
    app.look(|view| view.picked.map = Some([across[0], across[1], up[0], up[1]]), step);
}

fn cell_at(app: &App, event: &PointerEvent) -> Option<[usize; 2]> {
    let opened = app.opened.borrow();
    let map = map_of(opened.as_ref()?);
    let seen = by_id::<Element>("map-plot").get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()) - seen.left(), f64::from(event.client_y()) - seen.top());
    Some(map.cell_at([x, y]))
}
