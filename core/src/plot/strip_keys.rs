//! The legend below a probe strip: full and pale colours, and the classes.

use std::collections::BTreeSet;

use super::geometry::StripGeometry;
use super::legend::Legend;
use super::palette::Color;
use super::svg::Svg;
use super::text::{counted, fit};
use crate::class::Class;

/// Maximum number of classes that are named one by one.
const NAMED: usize = 30;

/// The legend of a strip.
pub(super) struct StripKeys {
    at: StripGeometry,
    meanings: Legend,
    classes: Vec<Class>,
    names: Legend,
}

impl StripKeys {
    /// Lays out entries for the classes in `seen`, with their names, and one for the outline if there is one.
    pub(super) fn new(at: StripGeometry, names: &[String], seen: BTreeSet<Class>, outlined: bool) -> Self {
        let meanings = ["disagrees with the network", "agrees", "depth: all agree from here on"];
        let meanings = Legend::new(meanings.into_iter().take(if outlined { 3 } else { 2 }), at.cells_width);
        let classes: Vec<Class> = seen.iter().copied().take(NAMED).collect();
        let name = |class: &Class| names.get(*class as usize).cloned().unwrap_or_else(|| format!("class {class}"));
        let mut named: Vec<String> = classes.iter().map(name).map(|name| fit(&name, 120.0).into_owned()).collect();
        if seen.len() > NAMED {
            named.push(format!("and {} more", seen.len() - NAMED));
        }
        let names = Legend::new(named.iter().map(String::as_str), at.cells_width);
        Self { at, meanings, classes, names }
    }

    /// Returns the lower end of the legend, which is the height of the figure.
    pub(super) fn bottom(&self) -> f64 {
        self.at.bottom() + 28.0 + self.meanings.height() + 4.0 + self.names.height() + 4.0
    }

    /// Draws the legend.
    pub(super) fn draw(&self, svg: &mut Svg) {
        let [left, top] = [self.at.left, self.at.bottom()];
        svg.colored(&Color::muted(), |svg| {
            let words = counted(self.at.examples, "example");
            svg.words("text", &[("x", &left), ("y", &(top + 16.0)), ("fill", &"currentColor")], &words);
        });
        self.meanings.draw(svg, [left, top + 28.0], |svg, key| match key {
            0 => swatch(svg),
            1 => agreeing(svg, swatch),
            _ => svg.leaf("path", &[("d", &"M-9 0H9"), ("stroke", &"currentColor"), ("stroke-width", &1.5)]),
        });
        self.names.draw(svg, [left, top + 32.0 + self.meanings.height()], |svg, key| {
            if let Some(&class) = self.classes.get(key) {
                svg.colored(&Color::class(class), swatch);
            }
        });
    }
}

/// Draws with the opacity of a probe that agrees.
pub(super) fn agreeing(svg: &mut Svg, draw: impl FnOnce(&mut Svg)) {
    svg.group(&[("class", &"agrees"), ("opacity", &0.28)], draw);
}

fn swatch(svg: &mut Svg) {
    svg.leaf("rect", &[("x", &-9), ("y", &-6), ("width", &18), ("height", &12), ("fill", &"currentColor")]);
}
