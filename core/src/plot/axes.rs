//! The axes of a figure: layers or depths from left to right, fractions from bottom to top.

use super::labels::{Label, Orientation};
use super::legend::Legend;
use super::palette::Color;
use super::svg::{Svg, round};
use super::text;

/// Width at the left for the tick labels, such as `100 %`.
const LEFT: f64 = 48.0;

/// Width of the slot of `undetermined`, relative to the slot of a layer.
const WIDER: f64 = 1.7;

/// The ticks of the vertical axis, from 0.
pub(super) struct Scale {
    step: f64,
    steps: usize,
}

impl Scale {
    /// Returns a scale from 0 to 100 %.
    pub(super) fn whole() -> Self {
        Self { step: 0.25, steps: 4 }
    }

    /// Returns a scale from 0 to `largest` or slightly more, in at most 5 round steps.
    pub(super) fn up_to(largest: f64) -> Self {
        let largest = if largest > 0.0 { largest.min(1.0) } else { 1.0 };
        let step = [0.01, 0.02, 0.05, 0.1].into_iter().find(|step| largest / step <= 5.0 + 1e-9).unwrap_or(0.2);
        Self { step, steps: (largest / step - 1e-9).ceil() as usize }
    }
}

/// The frame of a figure: the legend on top, the axes below it.
pub(super) struct Axes {
    /// Width and height of the figure.
    pub(super) size: [f64; 2],
    top: f64,
    bottom: f64,
    labels: Vec<Label>,
    /// Width of the slot of each label, `[labels]`.
    slots: Vec<f64>,
    orientation: Orientation,
    scale: Scale,
    legend: Legend,
}

impl Axes {
    /// Lays out axes for a figure of this width, with one slot per label and one legend entry per name.
    pub(super) fn new<'a>(
        width: f64,
        labels: Vec<Label>,
        scale: Scale,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let width = super::at_least(width);
        let legend = Legend::new(names, width - LEFT);
        let top = legend.height() + text::LINE + 16.0;
        let bottom = top + (0.4 * width).clamp(150.0, 280.0);
        let slots = slots(&labels, width - LEFT - 6.0);
        let orientation = Orientation::new(&labels, &slots);
        let height = bottom + orientation.height(&labels) + text::LINE + 8.0;
        Self { size: [width, height], top, bottom, labels, slots, orientation, scale, legend }
    }

    /// Returns the labels, left to right.
    pub(super) fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// Returns the left end and the width of a slot.
    pub(super) fn slot(&self, index: usize) -> [f64; 2] {
        [LEFT + self.slots[..index].iter().sum::<f64>(), self.slots[index]]
    }

    /// Returns the x coordinate of the middle of a slot.
    pub(super) fn center(&self, index: usize) -> f64 {
        let [left, width] = self.slot(index);
        left + 0.5 * width
    }

    /// Returns the y coordinate of a fraction, clamped to the axis.
    pub(super) fn y(&self, share: f64) -> f64 {
        let largest = self.scale.step * self.scale.steps as f64;
        self.bottom - (share / largest).clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    /// Returns the y coordinates of the upper and lower end of the axis.
    pub(super) fn reach(&self) -> [f64; 2] {
        [self.top, self.bottom]
    }

    /// Draws the legend with these swatches, and the axes with these titles.
    pub(super) fn draw(&self, svg: &mut Svg, titles: [&str; 2], swatch: impl Fn(&mut Svg, usize)) {
        self.legend.draw(svg, [LEFT, 0.0], swatch);
        svg.colored(&Color::grid(), |svg| self.grid(svg));
        svg.colored(&Color::muted(), |svg| {
            svg.group(&[("fill", &"currentColor")], |svg| self.titles(svg, titles));
        });
        for (index, label) in self.labels.iter().enumerate() {
            self.orientation.draw(svg, label, [self.center(index), self.bottom + 4.0]);
        }
    }

    fn grid(&self, svg: &mut Svg) {
        let [left, right] = [LEFT, self.size[0] - 6.0];
        let mut path = String::new();
        for step in 0..=self.scale.steps {
            path += &format!("M{} {}H{}", round(left), round(self.y(step as f64 * self.scale.step)), round(right));
        }
        svg.leaf("path", &[("d", &path), ("stroke", &"currentColor"), ("fill", &"none")]);
        if let Some(last) = self.labels.iter().position(|label| !label.is_layer()) {
            let path = format!("M{} {}V{}", round(self.slot(last)[0]), round(self.top), round(self.bottom));
            let dashes: &str = "3 3";
            svg.leaf(
                "path",
                &[("d", &path), ("stroke", &"currentColor"), ("fill", &"none"), ("stroke-dasharray", &dashes)],
            );
        }
    }

    fn titles(&self, svg: &mut Svg, [across, up]: [&str; 2]) {
        svg.words("text", &[("x", &2), ("y", &round(self.top - 14.0))], up);
        let middle = 0.5 * (LEFT + self.size[0] - 6.0);
        let y = round(self.size[1] - 6.0);
        svg.words("text", &[("x", &round(middle)), ("y", &y), ("text-anchor", &"middle")], across);
        for step in 0..=self.scale.steps {
            let share = step as f64 * self.scale.step;
            let words = format!("{} %", (100.0 * share).round());
            let y = round(self.y(share) + 4.5);
            svg.words("text", &[("x", &round(LEFT - 6.0)), ("y", &y), ("text-anchor", &"end")], &words);
        }
    }
}

/// Divides `width` among the labels.
fn slots(labels: &[Label], width: f64) -> Vec<f64> {
    let part = |label: &Label| if label.is_layer() { 1.0 } else { WIDER };
    let parts: f64 = labels.iter().map(part).sum();
    labels.iter().map(|label| part(label) * width / parts.max(1.0)).collect()
}
