//! Buttons for the depths, with the counts of the split: the histogram for keyboards and screen readers.

use prediction_depth::data::Split;
use prediction_depth::study::Study;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::dom::{add, by_id, document, keep_focus, make, say, set};
use crate::state::derived::Derived;
use crate::state::page::State;
use crate::state::view::View;
use crate::text;

pub fn draw(state: &State, derived: &Derived) {
    let (Some(opened), view) = (&state.opened, state.view) else { return };
    let Some(numbers) = derived.summary(view.split) else { return };
    let group = by_id::<HtmlElement>("depths");
    keep_focus(&group, &["data-depth", "data-all"], || {
        group.set_inner_html("");
        let all = chip("all", numbers.examples, view.picked.depths.is_none());
        set(&all, "data-all", "");
        add(&group, [&all]);
        for (depth, &count) in numbers.depth_histogram.iter().enumerate() {
            let name = text::depth(&opened.shown, depth);
            let chip = chip(&name, count, within(view, depth));
            set(&chip, "data-depth", depth);
            add(&group, [&chip]);
        }
    });
    choose_bar(&opened.shown, view);
}

fn within(view: View, depth: usize) -> bool {
    view.picked.depths.is_some_and(|[first, last]| (first..=last).contains(&depth))
}

/// Marks the bars whose examples are selected.
fn choose_bar(study: &Study, view: View) {
    let Ok(bars) = by_id::<Element>("histogram").query_selector_all(".bar") else { return };
    for bar in (0..bars.length()).filter_map(|at| bars.get(at)?.dyn_into::<Element>().ok()) {
        let depth = bar.get_attribute("data-depth").and_then(|depth| depth.parse().ok());
        let of_split = bar.get_attribute("data-series").as_deref() == Some(text::split(study, view.split));
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

/// Returns split and depth of the histogram's bar at a point of the window.
pub fn bar_at(state: &State, [x, y]: [f32; 2]) -> Option<(Split, usize)> {
    let bar = document().element_from_point(x, y)?.closest(".bar").ok()??;
    let series = bar.get_attribute("data-series")?;
    let study = &state.opened.as_ref()?.shown;
    let split = study.splits().into_iter().find(|&split| text::split(study, split) == series)?;
    Some((split, bar.get_attribute("data-depth")?.parse().ok()?))
}
