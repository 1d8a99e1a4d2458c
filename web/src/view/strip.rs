//! The probe strip, and the line that marks the current example.

use prediction_depth::plot::{StripGeometry, probe_strip};
use web_sys::{Element, HtmlElement, HtmlSelectElement};

use crate::dom::{add, by_id, has_room, say, set, style};
use crate::state::derived::Derived;
use crate::state::opened::Opened;
use crate::state::page::State;
use crate::state::view::split_key;
use crate::text;

pub fn draw(state: &State, derived: &Derived) {
    let Some(opened) = &state.opened else { return };
    let study = &opened.shown;
    let plot = by_id::<HtmlElement>("strip-plot");
    if !has_room(&plot) {
        return;
    }
    let svg =
        probe_strip(f64::from(plot.client_width()), &study.layers, &study.classes, &study.measured, &derived.columns);
    plot.set_inner_html(&svg); // core escapes text
    let splits = by_id::<HtmlSelectElement>("split");
    splits.set_inner_html("");
    for (split, summary) in derived.splits() {
        let option = say("option", "", &format!("{} ({})", text::split(study, split), text::count(summary.examples)));
        set(&option, "value", split_key(split));
        add(&splits, [&option]);
    }
    splits.set_value(&split_key(state.view.split));
    by_id::<HtmlSelectElement>("order").set_value(state.view.order.name());
    dim(state, derived);
    mark(state, derived);
}

/// Dims the columns of examples that are not selected.
pub fn dim(state: &State, derived: &Derived) {
    let Some(opened) = &state.opened else { return };
    let place = by_id::<HtmlElement>("strip-dim");
    if state.view.picked.is_all() {
        return place.set_inner_html("");
    }
    let (columns, mask) = (&derived.columns, &derived.mask);
    let geometry = geometry(opened, columns.len());
    let (wide, bottom) = (geometry.column_width(), geometry.bottom());
    let mut path = String::new();
    let mut column = 0;
    for run in columns.chunk_by(|&a, &b| mask[a] == mask[b]) {
        if !mask[run[0]] {
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

/// Marks the current example, if it is in this split.
pub fn mark(state: &State, derived: &Derived) {
    let Some(opened) = &state.opened else { return };
    let (strip, marker) = (by_id::<HtmlElement>("strip"), by_id::<HtmlElement>("marker"));
    let columns = &derived.columns;
    set(&strip, "aria-valuemax", columns.len());
    let column = state.view.example.and_then(|example| columns.iter().position(|&one| one == example));
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
    set(&strip, "aria-valuetext", text::example(&opened.shown, &derived.depths, columns[column]));
}

/// Returns the geometry of the strip as it is drawn: one unit is one pixel.
fn geometry(opened: &Opened, columns: usize) -> StripGeometry {
    let width = f64::from(by_id::<HtmlElement>("strip-plot").client_width());
    StripGeometry::new(width, &opened.shown.layers, columns)
}

/// Returns the example whose column is at `x` of the window.
pub fn example_at(state: &State, derived: &Derived, x: f64) -> Option<usize> {
    let geometry = geometry(state.opened.as_ref()?, derived.columns.len());
    let seen = by_id::<Element>("strip-plot").get_bounding_client_rect();
    let column = geometry.column((x - seen.left()) * geometry.width / seen.width())?;
    derived.columns.get(column).copied()
}
