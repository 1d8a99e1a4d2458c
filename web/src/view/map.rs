//! The map of validation depth against training depth, for studies of an ensemble.

use prediction_depth::difficulty::{Cuts, Kind};
use prediction_depth::plot::{Map, difficulty_map};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::dom::{add, by_id, document, has_room, keep_focus, say, set, style};
use crate::state::derived::{Derived, MapPoints};
use crate::state::page::State;
use crate::text;

pub fn draw(state: &State, derived: &Derived) {
    let points = derived.map.as_ref();
    let Ok(others) = document().query_selector_all(".with-map") else { return };
    for other in (0..others.length()).filter_map(|at| others.get(at)?.dyn_into::<HtmlElement>().ok()) {
        other.set_hidden(points.is_none());
    }
    let plot = by_id::<HtmlElement>("map-plot");
    let Some(MapPoints { points, kinds }) = points.filter(|_| has_room(&plot)) else { return };
    let cuts = kinds.map(|(cuts, _)| cuts);
    plot.set_inner_html(&difficulty_map(f64::from(plot.client_width()), layers(state), points, cuts));
    mark(state, derived);
}

/// Marks the selected area, and shows how many examples each corner has.
pub fn mark(state: &State, derived: &Derived) {
    let Some(MapPoints { kinds, .. }) = derived.map.as_ref().filter(|_| has_room(&by_id("map-plot"))) else { return };
    let (view, map, cuts) = (state.view, map_of(state), kinds.map(|(cuts, _)| cuts));
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
    keep_focus(&group, &["data-corner"], || {
        group.set_inner_html("");
        let counts = kinds.map(|(_, counts)| counts).into_iter().flatten();
        for (corner, (kind, count)) in Kind::ALL.into_iter().zip(counts).enumerate() {
            let chip = say("button", "chip", &format!("{} ", kind.name()));
            add(&chip, [&say("span", "", &text::count(count))]);
            set(&chip, "type", "button");
            set(&chip, "data-corner", corner);
            set(&chip, "aria-pressed", view.picked.kind == Some(kind));
            add(&group, [&chip]);
        }
    });
}

/// Returns the first and the last cell of a kind's corner: columns, then rows.
fn corner(map: &Map, cuts: Cuts, kind: Kind) -> [usize; 4] {
    let [across, up] = map.beyond(cuts);
    let [validation, training] = kind.corner();
    let part = |high: bool, beyond: usize| if high { [beyond, map.cells - 1] } else { [0, beyond - 1] };
    let ([left, right], [low, high]) = (part(validation, across), part(training, up));
    [left, right, low, high]
}

fn layers(state: &State) -> usize {
    state.opened.as_ref().map_or(0, |opened| opened.shown.layers.len())
}

/// Returns the map as it is drawn: one unit is one pixel.
fn map_of(state: &State) -> Map {
    Map::new(f64::from(by_id::<HtmlElement>("map-plot").client_width()), layers(state))
}

/// Returns the cell at a point of the window: column, then row.
pub fn cell_at(state: &State, [x, y]: [f64; 2]) -> [usize; 2] {
    let seen = by_id::<Element>("map-plot").get_bounding_client_rect();
    map_of(state).cell_at([x - seen.left(), y - seen.top()])
}
