//! The training of the user's own network: its form, buttons and state.

use prediction_depth::data::Split;
use prediction_depth::plot::{Series, learned_by_depth as figure};
use wasm_bindgen::JsCast;
use web_sys::{HtmlButtonElement, HtmlElement, HtmlInputElement};

use crate::dom::{add, by_id, make, say, set};
use crate::state::derived::Derived;
use crate::state::job::Job;
use crate::state::opened::Opened;
use crate::state::page::{State, Training};
use crate::state::training::{TrainingPlan, learned_by_depth};
use crate::text;

/// Draws the classes to choose from, all of them chosen; nothing if there are no images with labels to train on.
pub fn draw_classes(state: &State) {
    let trainable = state.examples().is_some_and(|(_, study)| study.images().is_some() && study.has_labels());
    by_id::<HtmlElement>("training").set_hidden(!trainable);
    let group = by_id::<HtmlElement>("plan-classes");
    group.set_inner_html("");
    add(&group, [&say("legend", "", "Classes")]);
    for (class, name) in state.training.classes.iter().enumerate() {
        let (label, box_) = (make("label", ""), make("input", ""));
        for (attribute, value) in [("type", "checkbox"), ("checked", ""), ("value", &class.to_string())] {
            set(&box_, attribute, value);
        }
        add(&label, [&box_, &say("span", "", name)]);
        add(&group, [&label]);
    }
}

/// Draws the buttons, and the state of the training.
pub fn draw(state: &State, derived: &Derived) {
    let back = state.opened.as_ref().is_some_and(|opened| opened.before().is_some());
    draw_buttons(&state.job, back);
    if let Some((_, study)) = state.examples() {
        by_id::<HtmlElement>("training-on").set_text_content(Some(&study.title));
    }
    let alert = by_id::<HtmlElement>("training-alert");
    alert.set_class_name(if state.training.problem.is_empty() { "" } else { "alert" });
    alert.set_text_content(Some(&state.training.problem));
    let (lesson, learned) = (by_id::<HtmlElement>("lesson"), by_id::<HtmlElement>("learned"));
    match (&state.training.steps, &state.opened) {
        (Some((step, steps, loss)), Some(opened)) => {
            draw_learned(opened, derived, &state.training, *step, &learned);
            let loss = loss.map_or_else(String::new, |loss| format!(" · loss {loss:.3}"));
            let accuracies = [Split::Train, Split::Validation].into_iter().filter_map(|split| {
                let accuracy = 100.0 * derived.summary(split)?.accuracy?;
                Some(format!("{} {accuracy:.1} %", text::split(&opened.shown, split)))
            });
            let words = format!(
                "step {} of {}{loss} · accuracy: {}",
                text::count(*step),
                text::count(*steps),
                accuracies.collect::<Vec<_>>().join(", "),
            );
            if lesson.text_content().as_deref() != Some(&words) {
                lesson.set_text_content(Some(&words));
            }
        }
        _ => {
            learned.set_inner_html("");
            lesson.set_text_content(None);
        }
    }
}

/// Draws when the examples of each depth were learned.
fn draw_learned(opened: &Opened, derived: &Derived, training: &Training, step: usize, place: &HtmlElement) {
    let layers = opened.shown.layers.len();
    let of = |split: Split| {
        learned_by_depth(&opened.shown.examples(split), &derived.depths, &training.learned, step, layers)
    };
    let means = [Split::Train, Split::Validation].map(|split| (text::split(&opened.shown, split), of(split)));
    let series: Vec<_> = means.iter().map(|(name, values)| Series { name, values: &values[..] }).collect();
    place.set_inner_html(&figure(f64::from(place.client_width()), &opened.shown.layers, &series));
}

/// Enables the buttons that apply; `back`: whether there is a study to return to.
fn draw_buttons(job: &Job, back: bool) {
    let button = |id: &str| by_id::<HtmlButtonElement>(id);
    for id in ["pause", "epoch", "stop"] {
        button(id).set_hidden(!job.trains());
    }
    button("pause").set_text_content(Some(if job.runs_on() { "Pause" } else { "Go on" }));
    button("train").set_text_content(Some(if back || job.trains() { "Train anew" } else { "Train" }));
    button("back").set_hidden(!back);
}

/// Returns the settings in the form for a user's own data: no label is made wrong unless the user asks for it.
pub fn plan_for_own_data() -> TrainingPlan {
    by_id::<HtmlInputElement>("plan-noise").set_value("0");
    plan()
}

/// Returns the settings in the form.
pub fn plan() -> TrainingPlan {
    let number = |id: &str| by_id::<HtmlInputElement>(id).value_as_number();
    let boxes = by_id::<HtmlElement>("plan-classes").query_selector_all("input:checked");
    let boxes = boxes.map(|boxes| (0..boxes.length()).filter_map(move |at| boxes.get(at)));
    let classes = boxes.into_iter().flatten().filter_map(|one| one.dyn_into::<HtmlInputElement>().ok());
    TrainingPlan {
        depth: number("plan-depth") as usize,
        width: number("plan-width") as usize,
        seed: number("plan-seed") as u64,
        learning_rate: number("plan-rate"),
        epochs: number("plan-epochs") as usize,
        k: number("plan-k") as usize,
        label_noise: number("plan-noise") / 100.0,
        noise_seed: number("plan-noise-seed") as u64,
        classes: classes.filter_map(|one| one.value().parse().ok()).collect(),
    }
}
