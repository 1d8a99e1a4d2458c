//! The figures as tables.

use web_sys::{Element, HtmlDetailsElement, HtmlElement};

use crate::dom::{add, by_id, focus, hold, say, set};
use crate::state::derived::Derived;
use crate::state::opened::Opened;
use crate::state::page::State;
use crate::text;

/// Number of examples in their table at first, and of those added at a time.
const MANY: usize = 100;
/// Length from which a cell may be cut on the page, so that its title has the whole text.
const LONG: usize = 30;

/// The table of a figure: its element and its rows.
pub struct Table {
    pub id: &'static str,
    fill: fn(&Opened, &Derived, &Element),
}

pub const TABLES: [Table; 3] = [
    Table { id: "strip-table", fill: examples },
    Table { id: "histogram-table", fill: depths },
    Table { id: "accuracy-table", fill: accuracies },
];

/// Fills the tables that are open.
pub fn draw(state: &State, derived: &Derived) {
    let Some(opened) = &state.opened else { return };
    for Table { id, fill } in TABLES {
        let details = by_id::<HtmlDetailsElement>(id);
        let place = by_id::<HtmlElement>(&format!("{id}-rows"));
        place.set_inner_html("");
        if details.open() {
            fill(opened, derived, &place);
        }
    }
}

/// Adds rows to the table of examples, and moves the focus to the first of them.
pub fn draw_more(state: &State, derived: &Derived, from: usize) {
    let Some(opened) = &state.opened else { return };
    let place = by_id::<HtmlElement>("strip-table-rows");
    examples(opened, derived, &place);
    focus(&place, &format!("tbody tr:nth-child({}) button", from + 1));
}

fn depths(opened: &Opened, derived: &Derived, place: &Element) {
    let names = derived.splits().map(|(split, _)| format!("{} examples", text::split(&opened.shown, split)));
    let head = std::iter::once("depth".to_owned()).chain(names);
    let row = |depth: usize| {
        let counts = derived.splits().map(|(_, split)| text::count(split.depth_histogram[depth]));
        std::iter::once(text::depth(&opened.shown, depth)).chain(counts).collect()
    };
    add(place, [&table(head, (0..=opened.shown.layers.len()).map(row))]);
}

fn accuracies(opened: &Opened, derived: &Derived, place: &Element) {
    let share = |share: Option<f64>| share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
    let names = || derived.splits().map(|(split, _)| text::split(&opened.shown, split).to_owned());
    let layer = |layer: usize| {
        let shares = derived.splits().map(|(_, split)| share(split.probe_accuracy[layer]));
        std::iter::once(opened.shown.layers[layer].clone()).chain(shares).collect()
    };
    let head = std::iter::once("probe of layer".to_owned()).chain(names());
    let of_probes = table(head, (0..opened.shown.layers.len()).map(layer));
    let depth = |depth: usize| {
        let shares = derived.splits().map(|(_, split)| share(split.accuracy_by_depth[depth]));
        std::iter::once(text::depth(&opened.shown, depth)).chain(shares).collect()
    };
    let head = std::iter::once("network at depth".to_owned()).chain(names());
    add(place, [&of_probes, &table(head, (0..=opened.shown.layers.len()).map(depth))]);
}

/// Fills the table of the selected examples, hardest first.
fn examples(opened: &Opened, derived: &Derived, place: &Element) {
    let (study, chosen) = (&opened.shown, &derived.selected);
    let both = derived.map.as_ref().map(|map| &map.points);
    let known = if both.is_some() { &["validation depth", "training depth"][..] } else { &[] };
    let has_names = !study.names.is_empty();
    let own = if has_names { &["example", "name"][..] } else { &["example"] };
    let named = own.iter().chain(&["label", "network", "depth"]).chain(known).map(|name| (*name).to_owned());
    let head = named.chain(study.layers.iter().map(|layer| format!("probe of {layer}")));
    let row = |&example: &usize| -> Vec<String> {
        let flipped = if study.is_flipped(example) { " (flipped)" } else { "" };
        let label = match study.has_labels() {
            true => format!("{}{flipped}", study.class_name(study.given_labels[example])),
            false => "not known".into(),
        };
        let network = study.class_name(study.measured.predictions[example]).to_owned();
        let means = both.map(|both| both[example].map(|depth| format!("{depth:.1}")));
        let probes = study.measured.probes.iter().map(|layer| text::probe(study, layer[example]).to_owned());
        let name = has_names.then(|| study.name(example).unwrap_or_default().to_owned());
        let own = [label, network, text::depth(study, derived.depths[example])];
        let own = std::iter::once(example.to_string()).chain(name).chain(own);
        own.chain(means.into_iter().flatten()).chain(probes).collect()
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
    // A click on an example's number selects it.
    let Ok(cells) = table.query_selector_all("tbody th") else { return };
    for (cell, &example) in (0..cells.length()).filter_map(|at| cells.get(at)).zip(chosen) {
        let button = say("button", "link", &example.to_string());
        set(&button, "type", "button");
        set(&button, "data-example", example);
        cell.set_text_content(None);
        let _ = cell.append_child(&button);
    }
}

/// Returns a table; the first cell of each row is its header.
fn table(head: impl Iterator<Item = String>, rows: impl Iterator<Item = Vec<String>>) -> HtmlElement {
    let cell = |tag: &str, scope: &str, words: &str| {
        let cell = say(tag, "", words);
        if words.len() > LONG {
            set(&cell, "title", words);
        }
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
