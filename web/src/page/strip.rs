//! The probe strip, and the line on it that marks the example that is looked at.

use std::rc::Rc;

use prediction_depth::data::Split;
use prediction_depth::plot::{StripGeometry, probe_strip};
use web_sys::{Element, Event, HtmlElement, HtmlSelectElement, KeyboardEvent, MouseEvent};

use super::address::Step;
use super::app::{App, Opened};
use super::dom::{add, by_id, document, has_room, listen, say, set, style, window};
use crate::text;
use crate::view::View;

/// Columns that Page Up and Page Down pass over.
const PAGE: usize = 25;

pub fn draw(opened: &Opened, view: View) {
    let study = &opened.shown;
    let plot = by_id::<HtmlElement>("strip-plot");
    if !has_room(&plot) {
        return;
    }
    let svg = probe_strip(
        f64::from(plot.client_width()),
        &study.layers,
        &study.classes,
        &study.measured.probes,
        &study.measured.predictions,
        &view.columns(study),
    );
    plot.set_inner_html(&svg); // core escapes what it quotes
    let splits = by_id::<HtmlSelectElement>("split");
    splits.set_inner_html("");
    for split in Split::ALL.into_iter().filter(|split| study.splits.contains(split)) {
        let count = study.splits.iter().filter(|&&of| of == split).count();
        let option = say("option", "", &format!("{} ({})", text::split(split), text::count(count)));
        set(&option, "value", split.name());
        add(&splits, [&option]);
    }
    splits.set_value(view.split.name());
    by_id::<HtmlSelectElement>("order").set_value(view.order.name());
    dim(opened, view);
    mark(opened, view);
}

/// Dims the columns of examples that are not selected.
pub fn dim(opened: &Opened, view: View) {
    let place = by_id::<HtmlElement>("strip-dim");
    if view.picked.is_all() {
        return place.set_inner_html("");
    }
    let (columns, picks) = (view.columns(&opened.shown), view.picked.mask(&opened.shown));
    let geometry = geometry(opened, columns.len());
    let (wide, bottom) = (geometry.column_width(), geometry.bottom());
    let mut path = String::new();
    let mut column = 0;
    for run in columns.chunk_by(|&a, &b| picks[a] == picks[b]) {
        if !picks[run[0]] {
            let (left, width) = (geometry.column_left(column), wide * run.len() as f64);
            path += &format!("M{left:.2} {}h{width:.2}V{bottom:.2}h-{width:.2}z", geometry.top);
        }
        column += run.len();
    }
    place.set_inner_html(&format!(
        "<svg viewBox=\"0 0 {} {bottom}\" width=\"100%\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>",
        geometry.width
    ));
}

/// Marks the example that is looked at, if it is in this split.
pub fn mark(opened: &Opened, view: View) {
    let (strip, marker) = (by_id::<HtmlElement>("strip"), by_id::<HtmlElement>("marker"));
    let columns = view.columns(&opened.shown);
    set(&strip, "aria-valuemax", columns.len());
    let column = view.example.and_then(|example| columns.iter().position(|&one| one == example));
    marker.set_hidden(column.is_none());
    let Some(column) = column else {
        set(&strip, "aria-valuenow", 1);
        set(&strip, "aria-valuetext", "the example that is shown is of another split");
        return;
    };
    let geometry = geometry(opened, columns.len());
    let middle = geometry.column_left(column) + 0.5 * geometry.column_width();
    style(&marker, "left", format!("{:.3}%", 100.0 * middle / geometry.width));
    style(&marker, "top", format!("{}px", geometry.top - 4.0));
    style(&marker, "height", format!("{}px", geometry.bottom() - geometry.top + 8.0));
    set(&strip, "aria-valuenow", column + 1);
    set(&strip, "aria-valuetext", text::example(&opened.shown, &opened.depths, columns[column]));
}

/// The strip as it is drawn: one unit is one pixel.
fn geometry(opened: &Opened, columns: usize) -> StripGeometry {
    let width = f64::from(by_id::<HtmlElement>("strip-plot").client_width());
    StripGeometry::new(width, &opened.shown.layers, columns)
}

pub fn start(app: &Rc<App>) {
    let strip = by_id::<HtmlElement>("strip");
    let heard = app.clone();
    listen(&strip, "click", move |event: MouseEvent| {
        let Some(example) = example_at(&heard, f64::from(event.client_x())) else { return };
        heard.look(|view| view.example = Some(example), Step::New);
    });

    let heard = app.clone();
    listen(&strip, "keydown", move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let Some(example) = moved(&heard, &event.key()) else { return };
        event.prevent_default();
        heard.look(|view| view.example = Some(example), Step::Same);
    });

    let heard = app.clone();
    let wide = || document().document_element().map_or(0, |root| root.client_width());
    let mut width = wide();
    listen(&window(), "resize", move |_: Event| {
        let new = wide();
        if new != width {
            width = new;
            heard.draw();
        }
    });
}

/// The example whose column is at `x` in the window.
fn example_at(app: &App, x: f64) -> Option<usize> {
    let opened = app.opened.borrow();
    let opened = opened.as_ref()?;
    let columns = app.view.get().columns(&opened.shown);
    let geometry = geometry(opened, columns.len());
    let seen = by_id::<Element>("strip-plot").get_bounding_client_rect();
    let column = geometry.column((x - seen.left()) * geometry.width / seen.width())?;
    columns.get(column).copied()
}

/// The example to which a key leads.
fn moved(app: &App, key: &str) -> Option<usize> {
    let opened = app.opened.borrow();
    let (opened, view) = (opened.as_ref()?, app.view.get());
    let columns = view.columns(&opened.shown);
    let column = view.example.and_then(|example| columns.iter().position(|&one| one == example)).unwrap_or(0);
    let last = columns.len().checked_sub(1)?;
    let column = match key {
        "ArrowLeft" | "ArrowDown" => column.saturating_sub(1),
        "ArrowRight" | "ArrowUp" => column + 1,
        "PageDown" => column.saturating_sub(PAGE),
        "PageUp" => column + PAGE,
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    columns.get(column.min(last)).copied()
}
