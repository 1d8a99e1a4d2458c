//! The histogram of depths, and the chart of accuracies.

use prediction_depth::data::Split;
use prediction_depth::plot::{Series, accuracy_by_depth, depth_histogram, given_accuracy, probe_accuracy};
use prediction_depth::study::{ProbeSource, SplitSummary};
use web_sys::{HtmlElement, HtmlSelectElement};

use crate::dom::by_id;
use crate::state::action::Accuracy;
use crate::state::derived::Derived;
use crate::state::opened::Opened;
use crate::state::page::State;
use crate::text;
use crate::view::figure;

pub fn draw(state: &State, derived: &Derived) {
    let Some(opened) = &state.opened else { return };
    let layers = &opened.shown.layers;
    figure::draw("histogram", |width| {
        let series: Vec<_> =
            derived.splits().map(|(split, numbers)| series(opened, split, &numbers.depth_histogram)).collect();
        depth_histogram(width, layers, &series)
    });
    draw_accuracy(state, derived);
}

/// Draws the kind of accuracies that the user chose.
pub fn draw_accuracy(state: &State, derived: &Derived) {
    let Some(opened) = &state.opened else { return };
    let layers = &opened.shown.layers;
    let chosen = |of: fn(&SplitSummary) -> &Vec<Option<f64>>| -> Vec<_> {
        derived.splits().map(|(split, numbers)| series(opened, split, of(numbers))).collect()
    };
    let of_layers = match opened.shown.probe_source {
        ProbeSource::Neighbors => probe_accuracy,
        ProbeSource::Given => given_accuracy,
    };
    let (name, draw): (_, &dyn Fn(f64) -> String) = match state.accuracy {
        Accuracy::OfProbes => ("probes", &|width| of_layers(width, layers, &chosen(|numbers| &numbers.probe_accuracy))),
        Accuracy::AtDepths => {
            ("depths", &|width| accuracy_by_depth(width, layers, &chosen(|numbers| &numbers.accuracy_by_depth)))
        }
    };
    by_id::<HtmlElement>("accuracy-section").set_hidden(!opened.shown.has_labels());
    by_id::<HtmlSelectElement>("accuracy-of").set_value(name);
    figure::draw("accuracy", draw);
}

fn series<'a, T>(opened: &'a Opened, split: Split, values: &'a [T]) -> Series<'a, T> {
    Series { name: text::split(&opened.shown, split), values }
}
