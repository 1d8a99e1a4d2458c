//! The probe strip: the prediction of every layer's probe for every example.

use std::collections::BTreeSet;

use super::geometry::StripGeometry;
use super::labels::Label;
use super::palette::Color;
use super::runs::Runs;
use super::strip_keys::{StripKeys, agreeing};
use super::svg::{Svg, round};
use super::text::{count, counted, fit, percent, share};
use crate::class::{Class, UNPROBED};
use crate::depth::PredictionDepth;

/// Minimum mean width of the depth outline's steps; with narrower steps the outline would hide the cells.
const STEP: f64 = 6.0;

/// Draws the classes that the probes predict: a row per layer, from the input down to the softmax, then a thicker row
/// for the network's own prediction; a column per example of `order`, left to right.
///
/// - `layers`: names, `[layers]`.
/// - `classes`: names, `[classes]`.
/// - `measured`: classes of the probes, [`UNPROBED`] where a layer's probe was not evaluated, which leaves the cell empty;
///   and the network's predictions.
/// - `order`: the examples to show, as indices into these; an index beyond the end leaves its column empty.
/// - `width`: see [`WIDTH`](super::WIDTH).
///
/// A cell has the full colour of its class where the probe disagrees with the network, and a pale tint where it
/// [agrees](PredictionDepth::agrees). A column that is pale down to the softmax has settled, which shows without telling colours apart.
/// An outline marks the upper end of the settled cells, which is the example's depth, unless it would have too many
/// steps to be legible.
///
/// [`StripGeometry`] gives the positions of the cells.
pub fn probe_strip(
    width: f64,
    layers: &[String],
    classes: &[String],
    measured: &PredictionDepth,
    order: &[usize],
) -> String {
    let strip = Strip { layers, measured, order, at: StripGeometry::new(width, layers, order.len()) };
    let outline = strip.outline();
    let keys = StripKeys::new(strip.at, classes, strip.classes(), outline.is_some());
    let size = [strip.at.width, keys.bottom()];
    let title = "What the probe of each layer says of each example";
    Svg::figure(size, title, &strip.summary(), |svg| {
        strip.draw_names(svg);
        strip.draw_cells(svg);
        if let Some(path) = outline {
            svg.leaf(
                "path",
                &[
                    ("class", &"settled"),
                    ("d", &path),
                    ("fill", &"none"),
                    ("stroke", &"currentColor"),
                    ("stroke-width", &1.5),
                ],
            );
        }
        keys.draw(svg);
    })
}

/// The content of a strip and its layout.
struct Strip<'a> {
    layers: &'a [String],
    measured: &'a PredictionDepth,
    order: &'a [usize],
    at: StripGeometry,
}

impl Strip<'_> {
    /// Returns the cells of a layer, left to right: whether the probe agrees with the network, and the predicted class.
    fn row(&self, layer: usize) -> impl Iterator<Item = Option<(bool, Class)>> {
        self.order.iter().map(move |&example| {
            let says = *self.measured.probes.get(layer)?.get(example)?;
            self.measured.predictions.get(example)?;
            (says != UNPROBED).then(|| (self.measured.agrees(layer, example), says))
        })
    }

    fn prediction_row(&self) -> impl Iterator<Item = Option<Class>> {
        self.order.iter().map(|&example| self.measured.predictions.get(example).copied())
    }

    /// Returns the classes that occur.
    fn classes(&self) -> BTreeSet<Class> {
        let probed = (0..self.layers.len()).flat_map(|layer| self.row(layer).flatten().map(|(_, class)| class));
        probed.chain(self.prediction_row().flatten()).collect()
    }

    /// Returns the layer from which on the probes agree, `[columns]`: 1 + the last that disagrees, or 0.
    fn depths(&self) -> Vec<usize> {
        let mut depths = vec![0; self.order.len()];
        for layer in 0..self.layers.len() {
            for (depth, cell) in depths.iter_mut().zip(self.row(layer)) {
                // If a probe was not evaluated, a later one disagrees.
                if cell.is_some_and(|(agrees, _)| !agrees) {
                    *depth = layer + 1;
                }
            }
        }
        depths
    }

    /// Returns the outline of the depths, if it is legible.
    fn outline(&self) -> Option<String> {
        let depths = self.depths();
        let steps = depths.chunk_by(|a, b| a == b).count();
        if steps == 0 || steps as f64 * STEP > self.at.cells_width {
            return None;
        }
        let mut path = String::new();
        let mut column = 0;
        for run in depths.chunk_by(|a, b| a == b) {
            let y = round(self.at.top + run[0] as f64 * self.at.row_height);
            path += &if column == 0 { format!("M{} {y}", round(self.at.left)) } else { format!("V{y}") };
            column += run.len();
            path += &format!("H{}", round(self.at.column_left(column)));
        }
        Some(path)
    }

    fn draw_names(&self, svg: &mut Svg) {
        let (left, row_height) = (self.at.left - 8.0, self.at.row_height);
        let name = |svg: &mut Svg, middle: f64, words: &str| {
            let (x, y) = (round(left), round(middle + 4.5));
            svg.group_of("text", &[("x", &x), ("y", &y), ("text-anchor", &"end")], |svg| {
                svg.words("title", &[], words);
                svg.plain(&fit(words, left));
            });
        };
        for (layer, label) in Label::layers(self.layers).iter().enumerate() {
            name(svg, self.at.top + (layer as f64 + 0.5) * row_height, &label.words());
        }
        name(svg, self.at.prediction_top + 0.5 * self.at.prediction_height, "network");
    }

    fn draw_cells(&self, svg: &mut Svg) {
        let mut probed = Runs::new();
        for layer in 0..self.layers.len() {
            probed.add_row(layer, self.row(layer));
        }
        self.rows(svg, "probes", [self.at.top, self.at.row_height], |svg| {
            for ((agrees, class), path) in probed.paths() {
                let draw = |svg: &mut Svg| stroke(svg, class, path);
                if agrees { agreeing(svg, draw) } else { draw(svg) }
            }
        });
        let mut predicted = Runs::new();
        predicted.add_row(0, self.prediction_row());
        self.rows(svg, "predictions", [self.at.prediction_top, self.at.prediction_height], |svg| {
            for (class, path) in predicted.paths() {
                stroke(svg, class, path);
            }
        });
    }

    /// Draws a group in whose units a column is 1 wide and a row 1 high. A run is a stroke along the middle of its row,
    /// slightly thinner than the row, so that rows are separated.
    fn rows(&self, svg: &mut Svg, class: &str, [top, height]: [f64; 2], inside: impl FnOnce(&mut Svg)) {
        let across = self.at.column_width();
        let place = format!("translate({} {}) scale({across:.6} {height})", self.at.left, top + 0.5 * height);
        let thick = round(1.0 - 1.0 / height);
        svg.group(
            &[
                ("class", &class),
                ("transform", &place),
                ("stroke-width", &thick),
                ("fill", &"none"),
                ("shape-rendering", &"crispEdges"),
            ],
            inside,
        );
    }

    /// Describes in words how many probes of each layer agree with the network.
    fn summary(&self) -> String {
        let shown = self.prediction_row().flatten().count();
        let layers = Label::layers(self.layers);
        let agreeing = layers.iter().enumerate().map(|(layer, label)| {
            let asked = self.row(layer).flatten().count();
            let agree = self.row(layer).flatten().filter(|(agrees, _)| *agrees).count();
            let words = if asked < shown { "not asked of all".to_owned() } else { percent(share(agree, shown)) };
            format!("{} {words}", label.sentence("layer"))
        });
        format!(
            "{} and {}. Probes that agree with the network's prediction: {}. \
             Settled at the input, with every later probe: {} of {}.",
            counted(shown, "example"),
            counted(self.layers.len(), "layer"),
            agreeing.collect::<Vec<_>>().join(", "),
            count(self.depths().iter().filter(|&&depth| depth == 0).count()),
            count(shown),
        )
    }
}

/// Draws the runs of a class.
fn stroke(svg: &mut Svg, class: Class, path: &str) {
    svg.colored(&Color::class(class), |svg| {
        svg.leaf("path", &[("d", &path), ("stroke", &"currentColor"), ("data-class", &class)]);
    });
}
