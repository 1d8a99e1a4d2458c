//! The text about the selection, and the controls that select.

use web_sys::{HtmlElement, HtmlSelectElement};

use crate::dom::{add, by_id, say, set};
use crate::state::derived::Derived;
use crate::state::page::State;
use crate::text;

pub fn draw(state: &State, derived: &Derived) {
    let Some(opened) = &state.opened else { return };
    let (view, all) = (state.view, derived.examples_of(state.view.split));
    let words = if derived.selected.is_empty() && all > 0 {
        let how = view.picked.parts().len();
        let both = if how > 1 { "No example meets all conditions of the selection" } else { "No example is selected" };
        format!("{both}: take one back, or select all.")
    } else if view.picked.is_all() {
        format!("All {} {} examples.", text::count(all), text::split(&opened.shown, view.split))
    } else {
        format!(
            "{} of {} {} examples selected.",
            text::count(derived.selected.len()),
            text::count(all),
            text::split(&opened.shown, view.split)
        )
    };
    by_id::<HtmlElement>("selected").set_text_content(Some(&words));
    by_id::<HtmlElement>("clear").set_hidden(view.picked.is_all());
    let classes = by_id::<HtmlSelectElement>("class");
    classes.set_inner_html("");
    add(&classes, [&say("option", "", "all")]);
    for (class, name) in opened.shown.classes.iter().enumerate() {
        let option = say("option", "", name);
        set(&option, "value", class);
        add(&classes, [&option]);
    }
    classes.set_disabled(!opened.shown.has_labels());
    classes.set_value(&view.picked.class.map_or("all".into(), |class| class.to_string()));
}
