//! Results as figures: SVG text, for the report and for the page alike.
//!
//! Every figure fills the width that it is given, has `class="plot"`, a title, and a description with its main numbers in
//! words. Nothing is said by colour alone. There are no ids, so that many figures fit on one page, and no styles, so
//! that a page may forbid inline ones.
//!
//! Colours are CSS custom properties that the host may set, say for a dark theme, with fallbacks for a white ground:
//! `--ink`, `--muted`, `--grid`, `--series-0` and on, `--class-0` and on. Series and classes have at least 3:1 contrast
//! with white and with #14161a.
//!
//! ```
//! use prediction_depth::plot::{Series, WIDTH, depth_histogram};
//!
//! let layers = ["input".to_owned(), "softmax".to_owned()];
//! let counts = Series { name: "training", values: &[90, 9, 1] };
//! let svg = depth_histogram(WIDTH, &layers, &[counts]);
//! assert!(svg.starts_with("<svg"));
//! ```

mod axes;
mod geometry;
mod histogram;
mod labels;
mod legend;
mod lines;
mod map;
mod palette;
mod runs;
mod series;
mod strip;
mod strip_keys;
mod svg;
#[cfg(test)]
mod tests;
mod text;

pub use geometry::StripGeometry;
pub use histogram::depth_histogram;
pub use lines::{accuracy_by_depth, learned_by_depth, probe_accuracy};
pub use map::{Map, difficulty_map};
pub use series::Series;
pub use strip::probe_strip;

/// A figure's width in units of its viewBox, where its width in CSS pixels is not known: text is 13 units high, and
/// stays legible from 360 pixels to about 900. A page that knows the width in pixels passes that instead, and its text
/// has the size of the page's.
pub const WIDTH: f64 = 480.0;

/// The width to draw at: one too small to hold a figure, or no number, becomes the smallest that can.
fn at_least(width: f64) -> f64 {
    if width.is_finite() { width.max(280.0) } else { WIDTH }
}
