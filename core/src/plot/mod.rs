//! Figures of results as SVG text, for the report and for the page.
//!
//! Every figure fills the width that it is given, has `class="plot"`, a title, and a description that states its main
//! numbers in words. No information is carried by colour alone. Figures contain no ids, so that many fit on one page,
//! and no styles, so that they work under a content security policy that forbids inline styles.
//!
//! Colours are CSS custom properties that the host page may set, for example for a dark theme: `--ink`, `--muted`,
//! `--grid`, `--series-0` and up, `--class-0` and up. The fallbacks suit a white background. Series and classes have a
//! contrast of at least 3:1 with white and with #14161a.
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
mod checkpoints;
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

pub use checkpoints::{depths_over_training, settling_by_layer};
pub use geometry::StripGeometry;
pub use histogram::depth_histogram;
pub use lines::{accuracy_by_depth, given_accuracy, learned_by_depth, probe_accuracy};
pub use map::{Map, difficulty_map};
pub use series::Series;
pub use strip::probe_strip;

/// Default width of a figure, in units of its viewBox, for where the width in CSS pixels is not known. Text is 13 units
/// high, and legible from 360 to about 900 pixels. A page that knows the width in pixels passes that instead; text then
/// has the size of the page's.
pub const WIDTH: f64 = 480.0;

/// Returns a width that can hold a figure: at least 280, and [`WIDTH`] for NaN or infinity.
fn at_least(width: f64) -> f64 {
    if width.is_finite() { width.max(280.0) } else { WIDTH }
}
