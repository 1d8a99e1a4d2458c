//! The positions of a probe strip's cells, so that a page can map the pointer to an example and a layer.

use super::labels::Label;
use super::text;

/// Positions of a strip's cells, in units of its viewBox.
///
/// The layers' cells fill `layers` rows, each `row_height` high, from `top` down. The network's predictions fill one
/// row, `prediction_height` high, from `prediction_top` down. To convert pixels to these units, multiply by
/// `width / svg.getBoundingClientRect().width`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StripGeometry {
    /// Width of the viewBox.
    pub width: f64,
    /// Left end of the first example's column.
    pub left: f64,
    /// Width of all columns together.
    pub cells_width: f64,
    /// Upper end of the first layer's row.
    pub top: f64,
    /// Height of a layer's row.
    pub row_height: f64,
    /// Number of layers.
    pub layers: usize,
    /// Number of columns, one per example shown.
    pub examples: usize,
    /// Upper end of the prediction's row.
    pub prediction_top: f64,
    /// Height of the prediction's row.
    pub prediction_height: f64,
}

impl StripGeometry {
    /// Computes the geometry of the strip that [`probe_strip`](super::probe_strip) draws at this width, for these
    /// layers and this number of examples.
    pub fn new(width: f64, layers: &[String], examples: usize) -> Self {
        let width = super::at_least(width);
        let widest = Label::layers(layers).iter().map(|label| text::width(&label.words())).fold(60.0, f64::max);
        let left = (widest + 12.0).min(0.3 * width).round();
        let top = 4.0;
        let row_height = (210.0 / layers.len().max(1) as f64).clamp(16.0, 30.0).round();
        Self {
            width,
            left,
            cells_width: width - left - 4.0,
            top,
            row_height,
            layers: layers.len(),
            examples,
            prediction_top: top + layers.len() as f64 * row_height + 6.0,
            prediction_height: row_height.max(20.0) + 8.0,
        }
    }

    /// Returns the width of one example's column.
    pub fn column_width(&self) -> f64 {
        self.cells_width / self.examples.max(1) as f64
    }

    /// Returns the left end of a column.
    pub fn column_left(&self, column: usize) -> f64 {
        self.left + column as f64 * self.column_width()
    }

    /// Returns the column at `x`, as an index into the `order` that was drawn; `None` outside of the cells.
    pub fn column(&self, x: f64) -> Option<usize> {
        let column = (x - self.left) / self.column_width();
        (column >= 0.0 && column < self.examples as f64).then_some(column as usize)
    }

    /// Returns the row at `y`: a layer, or [`layers`](Self::layers) for the network's prediction; `None` outside of the
    /// cells.
    pub fn row(&self, y: f64) -> Option<usize> {
        let row = (y - self.top) / self.row_height;
        if row >= 0.0 && row < self.layers as f64 {
            return Some(row as usize);
        }
        (y >= self.prediction_top && y < self.bottom()).then_some(self.layers)
    }

    /// Returns the lower end of the prediction's row.
    pub fn bottom(&self) -> f64 {
        self.prediction_top + self.prediction_height
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn geometry() -> StripGeometry {
        StripGeometry::new(480.0, &["input".to_owned(), "softmax".to_owned()], 7)
    }

    #[test]
    fn places_come_back_as_they_went() {
        let geometry = geometry();
        for column in 0..7 {
            let middle = geometry.column_left(column) + 0.5 * geometry.column_width();
            assert_eq!(geometry.column(middle), Some(column));
        }
        assert_eq!(geometry.row(geometry.top + 0.5), Some(0));
        assert_eq!(geometry.row(geometry.top + 1.5 * geometry.row_height), Some(1));
        assert_eq!(geometry.row(geometry.prediction_top + 1.0), Some(2));
    }

    #[test]
    fn beside_the_cells_is_nothing() {
        let geometry = geometry();
        assert_eq!(geometry.column(geometry.left - 0.1), None);
        assert_eq!(geometry.column(geometry.left + geometry.cells_width + 0.1), None);
        assert_eq!(geometry.row(0.0), None);
        assert_eq!(geometry.row(geometry.prediction_top - 1.0), None);
        assert_eq!(geometry.row(geometry.bottom() + 0.1), None);
        assert_eq!(StripGeometry::new(480.0, &[], 0).column(200.0), None);
    }
}
