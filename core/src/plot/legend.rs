//! Legends: swatches with names, in rows that wrap like text.

use super::svg::{Svg, round};
use super::text;

/// Width of a swatch, and the space after an entry.
const SWATCH: f64 = 24.0;
const SPACE: f64 = 16.0;

/// Legend entries and their positions.
pub(super) struct Legend {
    names: Vec<String>,
    /// Left end and row of each entry, `[entries]`.
    places: Vec<(f64, usize)>,
    rows: usize,
}

impl Legend {
    /// Lays out entries with these names in rows of at most `width`.
    pub(super) fn new<'a>(names: impl IntoIterator<Item = &'a str>, width: f64) -> Self {
        let mut legend = Self { names: Vec::new(), places: Vec::new(), rows: 0 };
        let mut x = 0.0;
        for name in names {
            let name = text::fit(name, width - SWATCH).into_owned();
            let wide = SWATCH + text::width(&name);
            if legend.rows == 0 || x + wide > width {
                legend.rows += 1;
                x = 0.0;
            }
            legend.places.push((x, legend.rows - 1));
            legend.names.push(name);
            x += wide + SPACE;
        }
        legend
    }

    /// Returns the height of all rows.
    pub(super) fn height(&self) -> f64 {
        self.rows as f64 * text::LINE
    }

    /// Draws the entries with their upper left corner at `corner`. `swatch(svg, entry)` draws in 18 x 12 units around
    /// 0, 0.
    pub(super) fn draw(&self, svg: &mut Svg, corner: [f64; 2], swatch: impl Fn(&mut Svg, usize)) {
        for (key, (name, &(x, row))) in self.names.iter().zip(&self.places).enumerate() {
            let left = corner[0] + x;
            let middle = corner[1] + (row as f64 + 0.5) * text::LINE;
            svg.group(&[("class", &"key")], |svg| {
                let place = format!("translate({} {})", round(left + 9.0), round(middle));
                svg.group(&[("transform", &place)], |svg| swatch(svg, key));
                svg.words("text", &[("x", &round(left + SWATCH)), ("y", &round(middle + 4.5))], name);
            });
        }
    }
}
