//! Depths at the checkpoints of a training, and when the layers settled.

use prediction_depth::plot::{depths_over_training, settling_by_layer};
use web_sys::HtmlElement;

use crate::dom::by_id;
use crate::state::page::State;
use crate::text;
use crate::view::figure;

/// Draws the figures of the chosen split; hides them without checkpoints.
pub fn draw(state: &State) {
    let Some(opened) = &state.opened else { return };
    by_id::<HtmlElement>("over-training").set_hidden(opened.over_training.is_empty());
    let (layers, split) = (&opened.shown.layers, opened.shown.split_name(state.view.split));
    let found = opened.over_training.iter().find(|over| over.name == split);
    let words = match found {
        Some(over) => format!(
            "{} of the {} split, measured at {} by pdepth checkpoints.",
            text::counted(over.examples, "example"),
            text::split(&opened.shown, state.view.split),
            text::counted(over.steps.len(), "checkpoint"),
        ),
        None => {
            format!("The {} split was not measured at the checkpoints.", text::split(&opened.shown, state.view.split))
        }
    };
    by_id::<HtmlElement>("over-training-hint").set_text_content(Some(&words));
    figure::draw("over-training-depths", |width| {
        found.map_or_else(String::new, |over| {
            let counts: Vec<&[usize]> = over.depths.iter().map(Vec::as_slice).collect();
            depths_over_training(width, layers, &over.steps, &counts)
        })
    });
    figure::draw("over-training-settling", |width| {
        found.map_or_else(String::new, |over| {
            let shares: Vec<&[f64]> = over.settled.iter().map(Vec::as_slice).collect();
            settling_by_layer(width, layers, &over.steps, &shares)
        })
    });
}
