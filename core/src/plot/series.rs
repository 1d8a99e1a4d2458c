//! Lines and bars of a figure. Series differ in shape as well as in colour.

use super::palette::Color;
use super::svg::{Svg, round};

/// Named values: one line, or one set of bars.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a, T> {
    /// Name, such as `training`.
    pub name: &'a str,
    /// Values by layer or by depth.
    pub values: &'a [T],
}

impl<T: Copy> Series<'_, T> {
    /// Returns the value at `index`; `None` beyond the end.
    pub(super) fn at(&self, index: usize) -> Option<T> {
        self.values.get(index).copied()
    }
}

/// Draws a bar: solid for the first series, pale with an outline for the second, hollow for the third.
pub(super) fn bar(svg: &mut Svg, series: usize, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
    let opacity: f64 = [1.0, 0.35, 0.0][series % 3];
    // Half the outline. A bar of height 0 still shows as a line; a rectangle without height would not be drawn.
    let inset = 0.75;
    let inner = (height - inset).max(0.5);
    svg.colored(&Color::series(series), |svg| {
        svg.leaf(
            "rect",
            &[
                ("x", &round(x + inset)),
                ("y", &round(y + height - inner)),
                ("width", &round((width - 2.0 * inset).max(0.5))),
                ("height", &round(inner)),
                ("fill", &"currentColor"),
                ("fill-opacity", &opacity),
                ("stroke", &"currentColor"),
                ("stroke-width", &1.5),
            ],
        );
    });
}

/// Draws the line of a series along `path`.
pub(super) fn line(svg: &mut Svg, series: usize, path: &str) {
    let dashes = ["none", "7 4", "2 4"][series % 3];
    svg.colored(&Color::series(series), |svg| {
        svg.leaf(
            "path",
            &[
                ("d", &path),
                ("fill", &"none"),
                ("stroke", &"currentColor"),
                ("stroke-width", &2),
                ("stroke-dasharray", &dashes),
            ],
        );
    });
}

/// Draws the marker of a series: a disc, a square, a triangle or a diamond.
pub(super) fn marker(svg: &mut Svg, series: usize, [x, y]: [f64; 2]) {
    let shape = match series % 4 {
        0 => "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
        1 => "m-4 -4h8v8h-8z",
        2 => "m0 -5.5l5.2 9h-10.4z",
        _ => "m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
    };
    let path = format!("M{} {}{shape}", round(x), round(y));
    svg.colored(&Color::series(series), |svg| {
        svg.leaf("path", &[("d", &path), ("fill", &"currentColor")]);
    });
}
