//! What is selected, in words, and the controls that select.

use std::rc::Rc;

use web_sys::{Event, HtmlElement, HtmlSelectElement};

use super::address::Step;
use super::app::{App, Opened};
use super::dom::{add, by_id, listen, say, set};
use crate::selection::Selection;
use crate::text;
use crate::view::View;

pub fn draw(opened: &Opened, view: View) {
    let (study, chosen) = (&opened.shown, view.thumbnails(&opened.shown).len());
    let all = study.splits.iter().filter(|&&split| split == view.split).count();
    let words = if view.picked.is_all() {
        format!("All {} {} examples.", text::count(all), text::split(view.split))
    } else {
        format!("{} of {} {} examples selected.", text::count(chosen), text::count(all), text::split(view.split))
    };
    by_id::<HtmlElement>("selected").set_text_content(Some(&words));
    by_id::<HtmlElement>("clear").set_hidden(view.picked.is_all());
    let classes = by_id::<HtmlSelectElement>("class");
    classes.set_inner_html("");
    add(&classes, [&say("option", "", "all")]);
    for (class, name) in study.classes.iter().enumerate() {
        let option = say("option", "", name);
        set(&option, "value", class);
        add(&classes, [&option]);
    }
    classes.set_value(&view.picked.class.map_or("all".into(), |class| class.to_string()));
}

pub fn start(app: &Rc<App>) {
    let heard = app.clone();
    listen(&by_id::<HtmlElement>("clear"), "click", move |_: Event| {
        heard.look(|view| view.picked = Selection::default(), Step::New);
    });
    let heard = app.clone();
    listen(&by_id::<HtmlElement>("class"), "change", move |_: Event| {
        let class = by_id::<HtmlSelectElement>("class").value().parse().ok();
        heard.look(|view| view.picked.class = class, Step::New);
    });
}
