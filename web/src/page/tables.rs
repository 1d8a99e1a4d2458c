//! The figures as tables, for those who read numbers.

use std::rc::Rc;

use prediction_depth::data::Split;
use prediction_depth::study::{SplitSummary, Study};
use web_sys::{Element, Event, HtmlDetailsElement, HtmlElement, MouseEvent};

use super::app::{App, Opened};
use super::dom::{add, by_id, focus, hold, listen, number_at, say, set};
use crate::text;
use crate::view::View;

/// Examples that are in their table at first, and more at a time.
const MANY: usize = 100;

/// A figure's table: where it is, and what is in it.
struct Table {
    id: &'static str,
    fill: fn(&Opened, View, &Element),
}

const TABLES: [Table; 3] = [
    Table { id: "strip-table", fill: examples },
    Table { id: "histogram-table", fill: depths },
    Table { id: "accuracy-table", fill: accuracies },
];

/// Fills those that are open.
pub fn draw(opened: &Opened, view: View) {
    for Table { id, fill } in TABLES {
        let details = by_id::<HtmlDetailsElement>(id);
        let place = by_id::<HtmlElement>(&format!("{id}-rows"));
        place.set_inner_html("");
        if details.open() {
            fill(opened, view, &place);
        }
    }
}

/// The splits that have examples, and their numbers.
fn splits(study: &Study) -> Vec<(&'static str, SplitSummary)> {
    let summary = study.summary();
    let splits = [summary.train, summary.validation, summary.test];
    Split::ALL.map(text::split).into_iter().zip(splits).filter(|(_, split)| split.examples > 0).collect()
}

fn depths(opened: &Opened, _: View, place: &Element) {
    let splits = splits(&opened.shown);
    let head = std::iter::once("depth".to_owned()).chain(splits.iter().map(|(name, _)| format!("{name} examples")));
    let row = |depth: usize| {
        let counts = splits.iter().map(|(_, split)| text::count(split.depth_histogram[depth]));
        std::iter::once(text::depth(&opened.shown, depth)).chain(counts).collect()
    };
    add(place, [&table(head, (0..=opened.shown.layers.len()).map(row))]);
}

fn accuracies(opened: &Opened, _: View, place: &Element) {
    let splits = splits(&opened.shown);
    let share = |share: Option<f64>| share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
    let names = || splits.iter().map(|(name, _)| (*name).to_owned());
    let layer = |layer: usize| {
        let shares = splits.iter().map(|(_, split)| share(split.probe_accuracy[layer]));
        std::iter::once(opened.shown.layers[layer].clone()).chain(shares).collect()
    };
    let head = std::iter::once("probe of layer".to_owned()).chain(names());
    let of_probes = table(head, (0..opened.shown.layers.len()).map(layer));
    let depth = |depth: usize| {
        let shares = splits.iter().map(|(_, split)| share(split.accuracy_by_depth[depth]));
        std::iter::once(text::depth(&opened.shown, depth)).chain(shares).collect()
    };
    let head = std::iter::once("network at depth".to_owned()).chain(names());
    add(place, [&of_probes, &table(head, (0..=opened.shown.layers.len()).map(depth))]);
}

/// The selected examples, hardest first.
fn examples(opened: &Opened, view: View, place: &Element) {
    let study = &opened.shown;
    let both = study.both_depths();
    let known = if both.is_some() { &["validation depth", "training depth"][..] } else { &[] };
    let named = ["example", "label", "network", "depth"].iter().chain(known).map(|name| (*name).to_owned());
    let head = named.chain(study.layers.iter().map(|layer| format!("probe of {layer}")));
    let chosen = view.thumbnails(study);
    let row = |&example: &usize| -> Vec<String> {
        let flipped = if text::is_flipped(study, example) { " (flipped)" } else { "" };
        let label = format!("{}{flipped}", text::class(study, study.given_labels[example]));
        let network = text::class(study, study.measured.predictions[example]).to_owned();
        let means = both.as_ref().map(|both| both[example].map(|depth| format!("{depth:.1}")));
        let probes = study.measured.probes.iter().map(|layer| text::probe(study, layer[example]).to_owned());
        let own = [example.to_string(), label, network, text::depth(study, opened.depths[example])];
        own.into_iter().chain(means.into_iter().flatten()).chain(probes).collect()
    };
    let there = place.query_selector_all("tbody tr").map_or(0, |rows| rows.length() as usize);
    let shown = (there + MANY).min(chosen.len());
    place.set_inner_html("");
    let table = table(head, chosen[..shown].iter().map(row));
    add(place, [&table]);
    if shown < chosen.len() {
        let more = say("button", "", &format!("More ({} of {})", text::count(shown), text::count(chosen.len())));
        set(&more, "type", "button");
        set(&more, "data-more", there + MANY);
        add(place, [&more]);
    }
    // The number of an example looks at it.
    let Ok(cells) = table.query_selector_all("tbody th") else { return };
    for (cell, &example) in (0..cells.length()).filter_map(|at| cells.get(at)).zip(&chosen) {
        let button = say("button", "link", &example.to_string());
        set(&button, "type", "button");
        set(&button, "data-example", example);
        cell.set_text_content(None);
        let _ = cell.append_child(&button);
    }
}

/// Rows of words, the first of which heads its row.
fn table(head: impl Iterator<Item = String>, rows: impl Iterator<Item = Vec<String>>) -> HtmlElement {
    let cell = |tag: &str, scope: &str, words: &str| {
        let cell = say(tag, "", words);
        if !scope.is_empty() {
            set(&cell, "scope", scope);
        }
        cell
    };
    let head: Vec<_> = head.map(|words| cell("th", "col", &words)).collect();
    let row = |words: Vec<String>| {
        let cells: Vec<_> = words
            .iter()
            .enumerate()
            .map(|(at, words)| if at == 0 { cell("th", "row", words) } else { cell("td", "", words) })
            .collect();
        hold("tr", "", &cells)
    };
    let rows: Vec<_> = rows.map(row).collect();
    let head = hold("thead", "", [&hold("tr", "", &head)]);
    let table = hold("table", "", [&head, &hold("tbody", "", &rows)]);
    let scroll = hold("div", "scrolls", [&table]);
    set(&scroll, "tabindex", 0);
    set(&scroll, "role", "group");
    set(&scroll, "aria-label", "A table that scrolls");
    scroll
}

pub fn start(app: &Rc<App>) {
    for Table { id, .. } in TABLES {
        let heard = app.clone();
        listen(&by_id::<HtmlElement>(id), "toggle", move |_: Event| {
            if let Some(opened) = heard.opened.borrow().as_ref() {
                draw(opened, heard.view.get());
            }
        });
    }
    let heard = app.clone();
    listen(&by_id::<HtmlElement>("strip-table"), "click", move |event: MouseEvent| {
        let Some((_, next)) = number_at(&event, "data-more") else { return };
        if let Some(opened) = heard.opened.borrow().as_ref() {
            let place = by_id::<HtmlElement>("strip-table-rows");
            examples(opened, heard.view.get(), &place);
            focus(&place, &format!("tbody tr:nth-child({}) button", next + 1));
        }
    });
}
