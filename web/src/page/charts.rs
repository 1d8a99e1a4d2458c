//! The histogram with its buttons, and the accuracies.

use std::cell::Cell;
use std::rc::Rc;

use prediction_depth::data::Split;
use prediction_depth::plot::{Series, accuracy_by_depth, depth_histogram, probe_accuracy};
use prediction_depth::study::SplitSummary;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlSelectElement, MouseEvent, PointerEvent};

use super::address::Step;
use super::app::{App, Opened};
use super::dom::{add, by_id, document, focus, has_room, listen, make, number_at, say, set, window};
use crate::text;
use crate::view::View;

pub fn draw(opened: &Opened, view: View) {
    let summary = opened.shown.summary();
    let splits = [&summary.train, &summary.validation, &summary.test];
    let splits: Vec<(&str, &SplitSummary)> =
        Split::ALL.map(text::split).into_iter().zip(splits).filter(|(_, split)| split.examples > 0).collect();
    draw_histogram(opened, &splits);
    draw_accuracy(opened, &splits);
    draw_depths(opened, view);
}

fn draw_histogram(opened: &Opened, splits: &[(&str, &SplitSummary)]) {
    let place = by_id::<HtmlElement>("histogram");
    if !has_room(&place) {
        return;
    }
    let series: Vec<_> =
        splits.iter().map(|&(name, split)| Series { name, values: &split.depth_histogram[..] }).collect();
    place.set_inner_html(&depth_histogram(f64::from(place.client_width()), &opened.shown.layers, &series));
}

fn draw_accuracy(opened: &Opened, splits: &[(&str, &SplitSummary)]) {
    let (place, layers) = (by_id::<HtmlElement>("accuracy"), &opened.shown.layers);
    if !has_room(&place) {
        return;
    }
    let width = f64::from(place.client_width());
    let svg = if by_id::<HtmlSelectElement>("accuracy-of").value() == "depths" {
        let series: Vec<_> =
            splits.iter().map(|&(name, split)| Series { name, values: &split.accuracy_by_depth[..] }).collect();
        accuracy_by_depth(width, layers, &series)
    } else {
        let series: Vec<_> =
            splits.iter().map(|&(name, split)| Series { name, values: &split.probe_accuracy[..] }).collect();
        probe_accuracy(width, layers, &series)
    };
    place.set_inner_html(&svg);
}

/// The depths as buttons, with the counts of the split: the histogram's bars for keyboards and in words.
pub fn draw_depths(opened: &Opened, view: View) {
    let summary = opened.shown.summary();
    let split = [&summary.train, &summary.validation, &summary.test][view.split as usize];
    let group = by_id::<HtmlElement>("depths");
    group.set_inner_html("");
    let all = chip("all", split.examples, view.picked.depths.is_none());
    set(&all, "data-all", "");
    add(&group, [&all]);
    for (depth, &count) in split.depth_histogram.iter().enumerate() {
        let name = text::depth(&opened.shown, depth);
        let chip = chip(&name, count, within(view, depth));
        set(&chip, "data-depth", depth);
        add(&group, [&chip]);
    }
    choose_bar(view);
}

fn within(view: View, depth: usize) -> bool {
    view.picked.depths.is_some_and(|[first, last]| (first..=last).contains(&depth))
}

/// Marks the bars whose examples are selected.
fn choose_bar(view: View) {
    let Ok(bars) = by_id::<Element>("histogram").query_selector_all(".bar") else { return };
    for bar in (0..bars.length()).filter_map(|at| bars.get(at)?.dyn_into::<Element>().ok()) {
        let depth = bar.get_attribute("data-depth").and_then(|depth| depth.parse().ok());
        let of_split = bar.get_attribute("data-series").as_deref() == Some(text::split(view.split));
        let chosen = of_split && depth.is_some_and(|depth| within(view, depth));
        let _ = bar.class_list().toggle_with_force("chosen", chosen);
    }
}

fn chip(name: &str, count: usize, pressed: bool) -> HtmlElement {
    let chip = make("button", "chip");
    set(&chip, "type", "button");
    set(&chip, "aria-pressed", pressed);
    set(&chip, "tabindex", if pressed { 0 } else { -1 });
    let count = text::count(count);
    for (tag, class, words) in
        [("span", "unseen", "depth "), ("b", "", name), ("span", "", &count), ("span", "unseen", " examples")]
    {
        add(&chip, [&say(tag, class, words)]);
    }
    chip
}

pub fn start(app: &Rc<App>) {
    brush(app);
    let heard = app.clone();
    listen(&by_id::<Element>("depths"), "click", move |event: MouseEvent| {
        let depth = number_at(&event, "data-depth").map(|(_, depth)| depth);
        let extend = event.shift_key();
        heard.look(|view| view.picked.depths = chosen(view.picked.depths, depth, extend), Step::New);
        // The buttons were drawn anew.
        let same = depth.map_or("[data-all]".to_owned(), |depth| format!("[data-depth='{depth}']"));
        focus(&by_id("depths"), &same);
    });

    let heard = app.clone();
    listen(&by_id::<Element>("accuracy-of"), "change", move |_: Event| {
        if let Some(opened) = heard.opened.borrow().as_ref() {
            draw(opened, heard.view.get());
        }
    });
}

/// The depths that are selected once a button was pressed: its own, with Shift all up to it, or none if it was theirs.
fn chosen(before: Option<[usize; 2]>, depth: Option<usize>, extend: bool) -> Option<[usize; 2]> {
    match (before, depth?) {
        (Some([first, last]), depth) if extend => Some([first.min(depth), if depth < first { last } else { depth }]),
        (Some(before), depth) if before == [depth, depth] => None,
        (_, depth) => Some([depth, depth]),
    }
}

/// Dragging over the bars selects a range of depths.
fn brush(app: &Rc<App>) {
    let from: Rc<Cell<Option<Drag>>> = Rc::default();
    let (heard, start) = (app.clone(), from.clone());
    listen(&by_id::<Element>("histogram"), "pointerdown", move |event: PointerEvent| {
        let Some((split, depth)) = bar_at(&event) else { return };
        event.prevent_default(); // selects no text
        let view = heard.view.get();
        let again = view.split == split && view.picked.depths == Some([depth, depth]);
        start.set(Some(Drag { depth, clears: again }));
        let select = |view: &mut View| (view.split, view.picked.depths) = (split, Some([depth, depth]));
        heard.look(select, Step::New);
    });
    let (heard, start) = (app.clone(), from.clone());
    listen(&window(), "pointermove", move |event: PointerEvent| {
        let (Some(drag), Some((_, depth))) = (start.get(), bar_at(&event)) else { return };
        if depth != drag.depth {
            start.set(Some(Drag { clears: false, ..drag }));
        }
        let range = [drag.depth.min(depth), drag.depth.max(depth)];
        heard.look(|view| view.picked.depths = Some(range), Step::Same);
    });
    let heard = app.clone();
    listen(&window(), "pointerup", move |_: PointerEvent| {
        if from.take().is_some_and(|drag| drag.clears) {
            heard.look(|view| view.picked.depths = None, Step::New);
        }
    });
}

/// A pointer that is down on the bars.
#[derive(Clone, Copy)]
struct Drag {
    /// Where it went down.
    depth: usize,
    /// Whether it takes the selection back, as it is still on the bar that was selected alone.
    clears: bool,
}

/// The bar under a pointer: not the event's target, which touch keeps where it began.
fn bar_at(event: &PointerEvent) -> Option<(Split, usize)> {
    let (x, y) = (event.client_x() as f32, event.client_y() as f32);
    let bar = document().element_from_point(x, y)?.closest(".bar").ok()??;
    let series = bar.get_attribute("data-series")?;
    let split = Split::ALL.into_iter().find(|&split| text::split(split) == series)?;
    Some((split, bar.get_attribute("data-depth")?.parse().ok()?))
}
