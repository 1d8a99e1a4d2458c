//! Figures over the checkpoints of a training: depths, and when layers settle.

use super::labels::{Label, Orientation};
use super::palette::Color;
use super::svg::{Attribute, Svg, round};
use super::text::{self, LINE, count, counted, percent, share};

/// Side of the mark of very few examples, relative to its cell.
const LEAST: f64 = 0.12;

/// Draws how many examples have each depth at each checkpoint of a training: a mark in the cell of a checkpoint and a
/// depth, whose area is the share of the examples.
///
/// - `layers`: names, `[layers]`.
/// - `steps`: steps of the checkpoints, `[checkpoints]`.
/// - `counts`: `[checkpoints]` of `[layers + 1]`; the last is the count of `undetermined`. Missing counts are 0.
/// - `width`: see [`WIDTH`](super::WIDTH).
///
/// A mark is `<g class="cell" data-step="8" data-depth="3">`. The smallest marks are larger than their share, so that
/// they can be seen; tooltips give counts.
pub fn depths_over_training(width: f64, layers: &[String], steps: &[u32], counts: &[&[usize]]) -> String {
    let labels = Label::depths(layers);
    let of = |checkpoint: usize, depth: usize| {
        let all = counts.get(checkpoint).copied().unwrap_or_default();
        (all.get(depth).copied().unwrap_or(0), all.iter().sum::<usize>())
    };
    let cells = (0..steps.len()).flat_map(|checkpoint| (0..labels.len()).map(move |depth| (checkpoint, depth)));
    let shares = cells.clone().map(|(checkpoint, depth)| {
        let (part, whole) = of(checkpoint, depth);
        share(part, whole)
    });
    let most = shares.fold(0.0, f64::max);
    let sentence = |checkpoint: usize| {
        let depths = labels.iter().enumerate().map(|(depth, label)| {
            let (part, whole) = of(checkpoint, depth);
            format!("{} {} ({})", label.sentence("depth"), count(part), percent(share(part, whole)))
        });
        format!("Step {}: {}.", steps[checkpoint], depths.collect::<Vec<_>>().join(", "))
    };
    let summary = ends(steps.len()).into_iter().map(sentence).collect::<Vec<_>>().join(" ");
    let grid = Grid::new(width, labels.iter().map(Label::words).collect(), steps);
    Svg::figure(grid.size, "Prediction depth over the training", &summary, |svg| {
        grid.draw(svg, "prediction depth");
        svg.colored(&Color::series(0), |svg| {
            for (checkpoint, depth) in cells {
                let (part, whole) = of(checkpoint, depth);
                if part == 0 {
                    continue;
                }
                let attributes: [Attribute; 3] =
                    [("class", &"cell"), ("data-step", &steps[checkpoint]), ("data-depth", &depth)];
                svg.group(&attributes, |svg| {
                    let words = format!(
                        "step {}, {}: {} of {} ({})",
                        steps[checkpoint],
                        labels[depth].sentence("depth"),
                        count(part),
                        counted(whole, "example"),
                        percent(share(part, whole))
                    );
                    svg.words("title", &[], &words);
                    let side = (0.94 * (share(part, whole) / most).sqrt()).max(LEAST);
                    let [[left, top], [wide, high]] = grid.cell(checkpoint, depth);
                    let (inner_wide, inner_high) = (side * wide, side * high);
                    let corner = [left + 0.5 * (wide - inner_wide), top + 0.5 * (high - inner_high)];
                    filled(svg, corner, [inner_wide, inner_high]);
                });
            }
        });
    })
}

/// Draws when the layers' probes, and the network, settle during a training: a bar in the cell of a checkpoint and a
/// layer, as high as the share of the examples that are settled there. The first checkpoint at which half of them are is
/// outlined.
///
/// - `layers`: names, `[layers]`.
/// - `steps`: steps of the checkpoints, `[checkpoints]`.
/// - `settled`: shares in 0..1, `[layers + 1]` of `[checkpoints]`; the last are those of the network.
/// - `width`: see [`WIDTH`](super::WIDTH).
///
/// A bar is `<g class="cell" data-step="8" data-layer="3">`; the network has the number of layers.
pub fn settling_by_layer(width: f64, layers: &[String], steps: &[u32], settled: &[&[f64]]) -> String {
    let mut names: Vec<String> = Label::layers(layers).iter().map(Label::words).collect();
    names.push("network".into());
    let of = |row: usize, checkpoint: usize| {
        let value = settled.get(row).and_then(|row| row.get(checkpoint)).copied().unwrap_or(0.0);
        if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 }
    };
    let half = |row: usize| (0..steps.len()).find(|&checkpoint| of(row, checkpoint) >= 0.5);
    let sentence = |(row, name): (usize, &String)| match half(row) {
        Some(checkpoint) => format!("{name} at step {}", steps[checkpoint]),
        None => format!("{name} never"),
    };
    let halves: Vec<String> = names.iter().enumerate().map(sentence).collect();
    let summary = format!("Half of the examples are settled: {}.", halves.join(", "));
    let grid = Grid::new(width, names.clone(), steps);
    Svg::figure(grid.size, "When the probes of the layers settle", &summary, |svg| {
        grid.draw(svg, "probe, and the network");
        for (row, name) in names.iter().enumerate() {
            svg.colored(&Color::series(0), |svg| {
                for (checkpoint, step) in steps.iter().enumerate() {
                    let attributes: [Attribute; 3] = [("class", &"cell"), ("data-step", step), ("data-layer", &row)];
                    svg.group(&attributes, |svg| {
                        let value = of(row, checkpoint);
                        svg.words("title", &[], &format!("{name}, step {step}: {} settled", percent(value)));
                        let [[left, top], [wide, high]] = grid.cell(checkpoint, row);
                        let tall = value * (high - 4.0);
                        filled(svg, [left + 0.1 * wide, top + high - 2.0 - tall], [0.8 * wide, tall]);
                    });
                }
            });
            if let Some(checkpoint) = half(row) {
                svg.colored(&Color::ink(), |svg| outlined(svg, grid.cell(checkpoint, row)));
            }
        }
    })
}

/// Returns the first and the last of some checkpoints, in order.
fn ends(checkpoints: usize) -> Vec<usize> {
    let mut ends: Vec<usize> = [0].into_iter().chain(checkpoints.checked_sub(1)).collect();
    ends.retain(|&checkpoint| checkpoint < checkpoints);
    ends.dedup();
    ends
}

/// Rows from bottom to top, and a column for each checkpoint.
struct Grid {
    size: [f64; 2],
    left: f64,
    top: f64,
    cell: [f64; 2],
    rows: Vec<String>,
    columns: Vec<Label>,
    orientation: Orientation,
}

impl Grid {
    fn new(width: f64, rows: Vec<String>, steps: &[u32]) -> Self {
        let width = super::at_least(width);
        let widest = rows.iter().map(|name| text::width(name)).fold(60.0, f64::max);
        let left = (widest + 12.0).min(0.3 * width).round();
        let columns = Label::plain(steps.iter().map(ToString::to_string));
        let cell = [
            (width - left - 6.0) / columns.len().max(1) as f64,
            (240.0 / rows.len().max(1) as f64).clamp(18.0, 34.0).round(),
        ];
        let orientation = Orientation::new(&columns, &vec![cell[0]; columns.len()]);
        let top = LINE + 6.0;
        let bottom = top + rows.len() as f64 * cell[1];
        let height = bottom + orientation.height(&columns) + LINE + 8.0;
        Self { size: [width, height], left, top, cell, rows, columns, orientation }
    }

    fn bottom(&self) -> f64 {
        self.top + self.rows.len() as f64 * self.cell[1]
    }

    fn right(&self) -> f64 {
        self.left + self.columns.len() as f64 * self.cell[0]
    }

    /// Returns the upper left corner of a cell, and its size.
    fn cell(&self, column: usize, row: usize) -> [[f64; 2]; 2] {
        let [wide, high] = self.cell;
        [[self.left + column as f64 * wide, self.bottom() - (row + 1) as f64 * high], self.cell]
    }

    /// Draws the lines between the rows, their names, the steps and the titles.
    fn draw(&self, svg: &mut Svg, up: &str) {
        let mut path = String::new();
        for row in 0..=self.rows.len() {
            let y = self.bottom() - row as f64 * self.cell[1];
            path += &format!("M{} {}H{}", round(self.left), round(y), round(self.right()));
        }
        svg.colored(&Color::grid(), |svg| {
            svg.leaf("path", &[("d", &path), ("stroke", &"currentColor"), ("fill", &"none")]);
        });
        for (row, name) in self.rows.iter().enumerate() {
            let (x, y) = (round(self.left - 8.0), round(self.bottom() - (row as f64 + 0.5) * self.cell[1] + 4.5));
            svg.group_of("text", &[("x", &x), ("y", &y), ("text-anchor", &"end")], |svg| {
                svg.words("title", &[], name);
                svg.plain(&text::fit(name, self.left - 10.0));
            });
        }
        for (column, label) in self.columns.iter().enumerate() {
            let middle = self.left + (column as f64 + 0.5) * self.cell[0];
            self.orientation.draw(svg, label, [middle, self.bottom() + 4.0]);
        }
        svg.colored(&Color::muted(), |svg| {
            svg.group(&[("fill", &"currentColor")], |svg| {
                svg.words("text", &[("x", &2), ("y", &12)], up);
                let (x, y) = (round(0.5 * (self.left + self.right())), round(self.size[1] - 6.0));
                svg.words("text", &[("x", &x), ("y", &y), ("text-anchor", &"middle")], "training step");
            });
        });
    }
}

fn filled(svg: &mut Svg, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
    let [x, y, width, height] = [x, y, width, height].map(round);
    let attributes: [Attribute; 5] =
        [("x", &x), ("y", &y), ("width", &width), ("height", &height), ("fill", &"currentColor")];
    svg.leaf("rect", &attributes);
}

fn outlined(svg: &mut Svg, [[x, y], [width, height]]: [[f64; 2]; 2]) {
    let [x, y, width, height] = [x, y, width, height].map(round);
    let attributes: [Attribute; 8] = [
        ("class", &"half"),
        ("x", &x),
        ("y", &y),
        ("width", &width),
        ("height", &height),
        ("fill", &"none"),
        ("stroke", &"currentColor"),
        ("stroke-width", &1.5),
    ];
    svg.leaf("rect", &attributes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::WIDTH;
    use crate::plot::tests::{check, names};

    #[test]
    fn a_mark_for_each_depth_that_occurs() {
        let svg = depths_over_training(WIDTH, &names(&["input", "softmax"]), &[0, 8], &[&[1, 0, 3], &[4, 0, 0]]);
        check(&svg);
        assert_eq!(svg.matches("class=\"cell\"").count(), 3);
        assert!(svg.contains("step 0, undetermined: 3 of 4 examples (75.0 %)"), "{svg}");
        assert!(
            svg.contains("Step 0: depth 0 (input) 1 (25.0 %), depth 1 (softmax) 0 (0.0 %), undetermined 3"),
            "{svg}"
        );
        assert!(svg.contains("Step 8: depth 0 (input) 4 (100.0 %)"), "{svg}");
    }

    #[test]
    fn half_is_outlined_once_for_each_row() {
        let settled: [&[f64]; 3] = [&[1.0, 1.0], &[0.25, 1.0], &[0.5, 1.0]];
        let svg = settling_by_layer(WIDTH, &names(&["input", "softmax"]), &[0, 8], &settled);
        check(&svg);
        assert_eq!((svg.matches("class=\"cell\"").count(), svg.matches("class=\"half\"").count()), (6, 3));
        assert!(svg.contains("settled: 0 input at step 0, 1 softmax at step 8, network at step 0."), "{svg}");
        assert!(svg.contains("1 softmax, step 0: 25.0 % settled"), "{svg}");
    }

    #[test]
    fn awkward_input_is_drawn() {
        check(&depths_over_training(0.0, &[], &[], &[]));
        check(&depths_over_training(f64::NAN, &names(&["<&"]), &[3], &[]));
        check(&settling_by_layer(WIDTH, &names(&["<&"]), &[0, u32::MAX], &[&[f64::NAN, 7.0]]));
        let steps: Vec<u32> = (0..30).map(|power| 1 << power).collect();
        let layers: Vec<String> = (0..40).map(|layer| format!("a long name of layer {layer}")).collect();
        check(&depths_over_training(280.0, &layers, &steps, &[&[1; 41]]));
    }
}
