//! The histogram with its buttons, and the accuracies.

use std::rc::Rc;

use prediction_depth::data::Split;
use prediction_depth::plot::{Series, accuracy_by_depth, depth_histogram, probe_accuracy};
use prediction_depth::study::SplitSummary;
use web_sys::{Element, Event, HtmlElement, HtmlSelectElement, MouseEvent};

use super::app::{App, Opened, Step};
use super::dom::{add, by_id, listen, make, number_at, say, set};
use crate::view::View;
use crate::words;

pub fn draw(opened: &Opened, view: View) {
    let summary = opened.shown.summary();
    let splits = [&summary.train, &summary.validation, &summary.test];
    let splits: Vec<(&str, &SplitSummary)> =
        Split::ALL.map(words::split).into_iter().zip(splits).filter(|(_, split)| split.examples > 0).collect();
    draw_histogram(opened, &splits);
    draw_accuracy(opened, &splits);
    draw_depths(opened, view);
}

fn draw_histogram(opened: &Opened, splits: &[(&str, &SplitSummary)]) {
    let place = by_id::<HtmlElement>("histogram");
    let series: Vec<_> =
        splits.iter().map(|&(name, split)| Series { name, values: &split.depth_histogram[..] }).collect();
    place.set_inner_html(&depth_histogram(f64::from(place.client_width()), &opened.shown.layers, &series));
}

fn draw_accuracy(opened: &Opened, splits: &[(&str, &SplitSummary)]) {
    let (place, layers) = (by_id::<HtmlElement>("accuracy"), &opened.shown.layers);
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
    let all = chip("all", split.examples, view.depth.is_none());
    set(&all, "data-all", "");
    add(&group, [&all]);
    for (depth, &count) in split.depth_histogram.iter().enumerate() {
        let name = words::depth(&opened.shown, depth);
        let chip = chip(&name, count, view.depth == Some(depth));
        set(&chip, "data-depth", depth);
        add(&group, [&chip]);
    }
    choose_bar(view);
}

/// Marks the bar whose examples are shown.
fn choose_bar(view: View) {
    let histogram = by_id::<Element>("histogram");
    if let Some(chosen) = histogram.query_selector(".chosen").ok().flatten() {
        let _ = chosen.class_list().remove_1("chosen");
    }
    let Some(depth) = view.depth else { return };
    let bar = format!(".bar[data-depth='{depth}'][data-series='{}']", words::split(view.split));
    if let Some(chosen) = histogram.query_selector(&bar).ok().flatten() {
        let _ = chosen.class_list().add_1("chosen");
    }
}

fn chip(name: &str, count: usize, pressed: bool) -> HtmlElement {
    let chip = make("button", "chip");
    set(&chip, "type", "button");
    set(&chip, "aria-pressed", pressed);
    set(&chip, "tabindex", if pressed { 0 } else { -1 });
    let count = words::count(count);
    for (tag, class, words) in
        [("span", "unseen", "depth "), ("b", "", name), ("span", "", &count), ("span", "unseen", " examples")]
    {
        add(&chip, [&say(tag, class, words)]);
    }
    chip
}

pub fn start(app: &Rc<App>) {
    let heard = app.clone();
    listen(&by_id::<Element>("histogram"), "click", move |event: MouseEvent| {
        let Some((bar, depth)) = number_at(&event, "data-depth") else { return };
        let series = bar.get_attribute("data-series");
        let split = Split::ALL.into_iter().find(|&split| Some(words::split(split)) == series.as_deref());
        heard.look(
            |view| {
                let same = view.depth == Some(depth) && Some(view.split) == split;
                view.depth = (!same).then_some(depth);
                view.split = split.unwrap_or(view.split);
            },
            Step::New,
        );
    });

    let heard = app.clone();
    listen(&by_id::<Element>("depths"), "click", move |event: MouseEvent| {
        let depth = number_at(&event, "data-depth").map(|(_, depth)| depth);
        heard.look(|view| view.depth = if view.depth == depth { None } else { depth }, Step::New);
        // The buttons were drawn anew.
        let pressed = by_id::<Element>("depths").query_selector("[aria-pressed=true]").ok().flatten();
        if let Some(pressed) = pressed.and_then(|pressed| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(pressed).ok()) {
            let _ = pressed.focus();
        }
    });

    let heard = app.clone();
    listen(&by_id::<Element>("accuracy-of"), "change", move |_: Event| {
        if let Some(opened) = heard.opened.borrow().as_ref() {
            draw(opened, heard.view.get());
        }
    });
}
