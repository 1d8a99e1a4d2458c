//! Histogram of prediction depths.

use super::axes::{Axes, Scale};
use super::labels::Label;
use super::series::{Series, bar};
use super::svg::{Svg, round};
use super::text::{count, counted, percent, share};

/// Draws the number of examples of each depth as bars.
///
/// - `layers`: names, `[layers]`.
/// - `series`: one per split, each with counts `[layers + 1]`; the last is the count of `undetermined`. Missing counts
///   are 0.
/// - `width`: see [`WIDTH`](super::WIDTH).
///
/// Bar heights are fractions of the split, so that splits of different sizes compare. Tooltips and description give
/// counts.
///
/// A bar is `<g class="bar" data-depth="3" data-series="training">`. It reacts to the pointer over the full height of
/// the axes, so that small bars can be selected too. Pages style its `rect`s; the first is the visible one.
pub fn depth_histogram(width: f64, layers: &[String], series: &[Series<usize>]) -> String {
    let labels = Label::depths(layers);
    let summary = summary(&labels, series);
    let largest = series.iter().flat_map(|one| (0..labels.len()).map(|depth| fraction(one, depth)));
    let scale = Scale::up_to(largest.fold(0.0, f64::max));
    let names: Vec<String> =
        series.iter().map(|one| format!("{} ({})", one.name, count(one.values.iter().sum()))).collect();
    let axes = Axes::new(width, labels, scale, names.iter().map(String::as_str));
    Svg::figure(axes.size, "Prediction depth: how many examples have each depth", &summary, |svg| {
        axes.draw(svg, ["prediction depth", "share of the split"], |svg, key| {
            bar(svg, key, [-9.0, -6.0], [18.0, 12.0]);
        });
        for (index, one) in series.iter().enumerate() {
            for depth in 0..axes.labels().len() {
                column(svg, &axes, (index, series.len()), one, depth);
            }
        }
    })
}

/// Draws the bar of series `index` of `many` at `depth`.
fn column(svg: &mut Svg, axes: &Axes, (index, many): (usize, usize), one: &Series<usize>, depth: usize) {
    let [left, room] = axes.slot(depth);
    // At most 40 wide, and no wider than in a layer's slot, so that `undetermined` looks like the others.
    let wide = (0.84 * room.min(axes.slot(0)[1]) / many as f64).min(40.0);
    let x = left + 0.5 * room + (index as f64 - 0.5 * many as f64) * wide;
    let [top, bottom] = axes.reach();
    let attributes: [super::svg::Attribute; 3] =
        [("class", &"bar"), ("data-depth", &depth), ("data-series", &one.name)];
    svg.group(&attributes, |svg| {
        svg.words("title", &[], &tooltip(axes, one, depth));
        if one.at(depth).unwrap_or(0) > 0 {
            let y = axes.y(fraction(one, depth));
            bar(svg, index, [x, y], [wide, bottom - y]);
        }
        svg.leaf(
            "rect",
            &[
                ("x", &round(x)),
                ("y", &round(top)),
                ("width", &round(wide)),
                ("height", &round(bottom - top)),
                ("fill", &"none"),
                ("pointer-events", &"all"),
            ],
        );
    });
}

fn tooltip(axes: &Axes, one: &Series<usize>, depth: usize) -> String {
    let (part, whole) = (one.at(depth).unwrap_or(0), one.values.iter().sum());
    let place = axes.labels()[depth].sentence("depth");
    format!("{}, {place}: {} of {} ({})", one.name, count(part), counted(whole, "example"), percent(share(part, whole)))
}

fn fraction(one: &Series<usize>, depth: usize) -> f64 {
    share(one.at(depth).unwrap_or(0), one.values.iter().sum())
}

/// Describes the counts in words, one sentence per series.
fn summary(labels: &[Label], series: &[Series<usize>]) -> String {
    let sentence = |one: &Series<usize>| {
        let counts = labels.iter().enumerate().map(|(depth, label)| {
            let part = one.at(depth).unwrap_or(0);
            format!("{} {} ({})", label.sentence("depth"), count(part), percent(fraction(one, depth)))
        });
        let whole = counted(one.values.iter().sum(), "example");
        format!("{}, {whole}: {}.", one.name, counts.collect::<Vec<_>>().join(", "))
    };
    series.iter().map(sentence).collect::<Vec<_>>().join(" ")
}
