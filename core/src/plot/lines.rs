//! Line plots: accuracy by layer, accuracy by depth, and iteration learned by depth.

use super::axes::{Axes, Scale};
use super::labels::Label;
use super::series::{Series, line, marker};
use super::svg::{Attribute, Svg, round};
use super::text::percent;

/// The texts that differ between the figures.
struct Words {
    title: &'static str,
    across: &'static str,
    up: &'static str,
    /// The noun for a position on the axis, in sentences and as `data-` attribute.
    place: &'static str,
}

/// Draws the accuracy of each layer's probe.
///
/// - `layers`: names, `[layers]`.
/// - `series`: one per split, each with accuracies in 0..1, `[layers]`; `None` where unknown.
/// - `width`: see [`WIDTH`](super::WIDTH).
///
/// `None` and NaN leave a gap in the line. A marker is `<g class="point" data-layer="3" data-series="training">`.
pub fn probe_accuracy(width: f64, layers: &[String], series: &[Series<Option<f64>>]) -> String {
    let words = Words {
        title: "Accuracy of the k-NN probe at each layer",
        across: "probe after layer",
        up: "probe accuracy",
        place: "layer",
    };
    draw(width, &words, Label::layers(layers), series)
}

/// Draws the accuracy of what each layer predicts, where that was given: a logit lens, early exits. Otherwise as
/// [`probe_accuracy`].
pub fn given_accuracy(width: f64, layers: &[String], series: &[Series<Option<f64>>]) -> String {
    let words =
        Words { title: "Accuracy of what each layer predicts", across: "layer", up: "accuracy", place: "layer" };
    draw(width, &words, Label::layers(layers), series)
}

/// Draws the network's accuracy on the examples of each depth.
///
/// - `layers`: names, `[layers]`.
/// - `series`: one per split, each with accuracies in 0..1, `[layers + 1]`; the last is for `undetermined`. `None`
///   where no example has that depth, which leaves a gap in the line.
/// - `width`: see [`WIDTH`](super::WIDTH).
///
/// `undetermined` is not a depth, so no line leads to it. A marker is
/// `<g class="point" data-depth="3" data-series="training">`.
pub fn accuracy_by_depth(width: f64, layers: &[String], series: &[Series<Option<f64>>]) -> String {
    let words = Words {
        title: "Accuracy of the network by prediction depth",
        across: "prediction depth",
        up: "accuracy",
        place: "depth",
    };
    draw(width, &words, Label::depths(layers), series)
}

/// Draws the mean iteration learned of the examples of each depth: the point in training from which the network's
/// prediction no longer changes.
///
/// Each series holds means in 0..1 of the training so far, `[layers + 1]`; the last is for `undetermined`, and `None`
/// where no example has that depth. Otherwise as [`accuracy_by_depth`].
pub fn learned_by_depth(width: f64, layers: &[String], series: &[Series<Option<f64>>]) -> String {
    let words = Words {
        title: "When examples of each prediction depth were learned",
        across: "prediction depth",
        up: "learned, of the training",
        place: "depth",
    };
    draw(width, &words, Label::depths(layers), series)
}

fn draw(width: f64, words: &Words, labels: Vec<Label>, series: &[Series<Option<f64>>]) -> String {
    let summary = summary(words, &labels, series);
    let axes = Axes::new(width, labels, Scale::whole(), series.iter().map(|one| one.name));
    Svg::figure(axes.size, words.title, &summary, |svg| {
        axes.draw(svg, [words.across, words.up], |svg, key| {
            line(svg, key, "M-10 0H10");
            marker(svg, key, [0.0, 0.0]);
        });
        for (index, one) in series.iter().enumerate() {
            let path = path(&axes, one);
            if !path.is_empty() {
                line(svg, index, &path);
            }
            for place in 0..axes.labels().len() {
                point(svg, &axes, words, (index, one), place);
            }
        }
    })
}

/// Returns the finite value at a position, if there is one.
fn value(one: &Series<Option<f64>>, place: usize) -> Option<f64> {
    one.at(place).flatten().filter(|value| value.is_finite())
}

/// Returns the path through the values of the layers, with gaps where there are none.
fn path(axes: &Axes, one: &Series<Option<f64>>) -> String {
    let mut path = String::new();
    let mut pen = 'M';
    for (place, label) in axes.labels().iter().enumerate() {
        match value(one, place) {
            Some(value) if label.is_layer() => {
                path += &format!("{pen}{} {}", round(axes.center(place)), round(axes.y(value)));
                pen = 'L';
            }
            _ => pen = 'M',
        }
    }
    path
}

fn point(svg: &mut Svg, axes: &Axes, words: &Words, (index, one): (usize, &Series<Option<f64>>), place: usize) {
    let Some(value) = value(one, place) else { return };
    let data = format!("data-{}", words.place);
    let attributes: [Attribute; 3] = [("class", &"point"), (&data, &place), ("data-series", &one.name)];
    svg.group(&attributes, |svg| {
        let place_words = axes.labels()[place].sentence(words.place);
        svg.words("title", &[], &format!("{}, {place_words}: {}", one.name, percent(value)));
        marker(svg, index, [axes.center(place), axes.y(value)]);
    });
}

/// Describes the values in words, one sentence per series.
fn summary(words: &Words, labels: &[Label], series: &[Series<Option<f64>>]) -> String {
    let sentence = |one: &Series<Option<f64>>| {
        let values = labels.iter().enumerate().map(|(place, label)| {
            let value = value(one, place).map_or_else(|| "no value".to_owned(), percent);
            format!("{} {value}", label.sentence(words.place))
        });
        format!("{}: {}.", one.name, values.collect::<Vec<_>>().join(", "))
    };
    series.iter().map(sentence).collect::<Vec<_>>().join(" ")
}
