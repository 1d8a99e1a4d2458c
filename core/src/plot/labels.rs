//! Labels of an axis of layers or depths.

use super::svg::{Svg, round};
use super::text;

/// Name of the last depth: the softmax probe disagrees with the network, so no layer's probes settle.
pub(super) const UNDETERMINED: &str = "undetermined";

/// Maximum length of a slanted label, measured along the text.
const LONGEST: f64 = 118.0;

/// Slot width below which slanted labels are steeper, so that they do not overlap.
const NARROW: f64 = 21.0;

/// The label of a layer or a depth.
pub(super) struct Label {
    /// The layer's number; `None` for `undetermined`, and for labels that are not of layers.
    number: Option<usize>,
    name: String,
}

impl Label {
    /// Returns the labels of the layers, `[layers]`.
    pub(super) fn layers(layers: &[String]) -> Vec<Self> {
        layers.iter().enumerate().map(|(i, name)| Self { number: Some(i), name: name.clone() }).collect()
    }

    /// Returns the labels of the depths, `[layers + 1]`; the last is `undetermined`.
    pub(super) fn depths(layers: &[String]) -> Vec<Self> {
        let mut labels = Self::layers(layers);
        labels.push(Self { number: None, name: UNDETERMINED.to_owned() });
        labels
    }

    /// Returns labels without numbers, such as the steps of checkpoints.
    pub(super) fn plain(names: impl Iterator<Item = String>) -> Vec<Self> {
        names.map(|name| Self { number: None, name }).collect()
    }

    /// Returns number and name, such as `3 hidden3`, or `undetermined`.
    pub(super) fn words(&self) -> String {
        match self.number {
            Some(number) => format!("{number} {}", self.name),
            None => self.name.clone(),
        }
    }

    /// Returns the label as used in a sentence: `depth 3 (hidden3)`, or `undetermined`.
    pub(super) fn sentence(&self, noun: &str) -> String {
        match self.number {
            Some(number) => format!("{noun} {number} ({})", self.name),
            None => self.name.clone(),
        }
    }

    /// Returns whether the label is a layer's, not `undetermined`.
    pub(super) fn is_layer(&self) -> bool {
        self.number.is_some()
    }

    /// Returns the width when upright, with the number above the name.
    fn width(&self) -> f64 {
        text::width(&self.name)
    }
}

/// Orientation of an axis's labels.
#[derive(Clone, Copy)]
pub(super) enum Orientation {
    /// Horizontal, with the number above the name.
    Upright,
    /// Number and name on one line, at this angle in degrees.
    Slanted(f64),
}

impl Orientation {
    /// Chooses `Upright` if every label fits in its slot. `slots` holds widths, `[labels]`.
    pub(super) fn new(labels: &[Label], slots: &[f64]) -> Self {
        let fits = labels.iter().zip(slots).all(|(label, &slot)| label.width() <= slot - 4.0);
        let narrow = slots.iter().any(|&slot| slot < NARROW);
        match (fits, narrow) {
            (true, _) => Self::Upright,
            (false, false) => Self::Slanted(45.0),
            (false, true) => Self::Slanted(60.0),
        }
    }

    /// Returns the height that the labels need.
    pub(super) fn height(self, labels: &[Label]) -> f64 {
        match self {
            Self::Upright => 2.0 * text::LINE,
            Self::Slanted(angle) => {
                let longest = labels.iter().map(|label| text::width(&label.words())).fold(0.0, f64::max);
                longest.min(LONGEST) * angle.to_radians().sin() + text::SIZE
            }
        }
    }

    /// Draws a label below the point `x`, `y` of the axis.
    pub(super) fn draw(self, svg: &mut Svg, label: &Label, [x, y]: [f64; 2]) {
        match self {
            Self::Upright => upright(svg, label, x, y),
            Self::Slanted(angle) => slanted(svg, label, angle, [x, y]),
        }
    }
}

fn upright(svg: &mut Svg, label: &Label, x: f64, y: f64) {
    let line = |svg: &mut Svg, row: f64, words: &str| {
        let y = round(y + row * text::LINE - 3.0);
        svg.words("text", &[("x", &round(x)), ("y", &y), ("text-anchor", &"middle")], words);
    };
    match label.number {
        Some(number) => {
            line(svg, 1.0, &number.to_string());
            line(svg, 2.0, &label.name);
        }
        None => line(svg, 1.0, &label.name),
    }
}

fn slanted(svg: &mut Svg, label: &Label, angle: f64, [x, y]: [f64; 2]) {
    let words = label.words();
    let room = LONGEST.min((x - 4.0) / angle.to_radians().cos());
    let place = format!("translate({} {}) rotate(-{angle})", round(x + 4.0), round(y + 12.0));
    svg.group_of("text", &[("transform", &place), ("text-anchor", &"end")], |svg| {
        svg.words("title", &[], &words);
        svg.plain(&text::fit(&words, room));
    });
}
