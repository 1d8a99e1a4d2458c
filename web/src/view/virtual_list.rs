//! Layout of a long list of images in lines, of which only the visible ones need elements.

use std::ops::Range;

/// A heading, or a row of images.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Pixels from the top of the list.
    pub top: f64,
    /// Positions in the list of the line's images; for a heading, those of the row below.
    pub places: Range<usize>,
    /// Whether it is a heading.
    pub heading: bool,
}

/// A list, laid out in lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    lines: Vec<Line>,
    height: f64,
    row_height: f64,
}

impl Lines {
    /// Lays out a heading above each run of equal `kinds`, then rows of `columns` images; `heights`: of a heading and
    /// of a row.
    pub fn new(kinds: &[usize], columns: usize, heights: [f64; 2]) -> Self {
        let (mut lines, mut top, mut start) = (Vec::new(), 0.0, 0);
        for run in kinds.chunk_by(|a, b| a == b) {
            let places = start..start + run.len();
            start = places.end;
            let rows = places.clone().step_by(columns.max(1)).map(|first| first..(first + columns.max(1)).min(start));
            for (places, heading) in std::iter::once((places, true)).chain(rows.map(|row| (row, false))) {
                lines.push(Line { top, places, heading });
                top += heights[usize::from(!heading)];
            }
        }
        Self { lines, height: top, row_height: heights[1] }
    }

    /// Returns the height of the list, in pixels.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// Returns the height of a row, in pixels.
    pub fn row_height(&self) -> f64 {
        self.row_height
    }

    /// Returns a line.
    pub fn line(&self, line: usize) -> &Line {
        &self.lines[line]
    }

    /// Returns the lines that are visible from `top` to `bottom`.
    pub fn within(&self, top: f64, bottom: f64) -> Range<usize> {
        let first = self.lines.partition_point(|line| line.top <= top).saturating_sub(1);
        first..self.lines.partition_point(|line| line.top < bottom).max(first)
    }

    /// Returns the row of a position; `None` beyond the end.
    pub fn row_of(&self, place: usize) -> Option<usize> {
        let row = self.lines.partition_point(|line| line.places.start <= place).checked_sub(1)?;
        self.lines[row].places.contains(&place).then_some(row)
    }

    /// Returns the position `rows` rows above or below, or in the last row before the end.
    pub fn vertical(&self, place: usize, rows: isize) -> Option<usize> {
        let line = self.row_of(place)?;
        let aside = place - self.lines[line].places.start;
        let rest: &mut dyn Iterator<Item = &Line> =
            if rows < 0 { &mut self.lines[..line].iter().rev() } else { &mut self.lines[line + 1..].iter() };
        let row = rest.filter(|line| !line.heading).take(rows.unsigned_abs()).last()?;
        Some((row.places.start + aside).min(row.places.end - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns five images of one kind and two of another, in rows of three.
    fn seven() -> Lines {
        Lines::new(&[4, 4, 4, 4, 4, 2, 2], 3, [10.0, 20.0])
    }

    #[test]
    fn a_heading_stands_above_the_rows_of_its_kind() {
        let line = |top, places, heading| Line { top, places, heading };
        let expected = [
            line(0.0, 0..5, true),
            line(10.0, 0..3, false),
            line(30.0, 3..5, false),
            line(50.0, 5..7, true),
            line(60.0, 5..7, false),
        ];
        assert_eq!((seven().lines.as_slice(), seven().height()), (&expected[..], 80.0));
        assert_eq!(Lines::new(&[], 3, [10.0, 20.0]).within(0.0, 100.0), 0..0);
    }

    #[test]
    fn what_is_in_sight_is_found() {
        assert_eq!(seven().within(0.0, 1000.0), 0..5);
        assert_eq!(seven().within(29.0, 31.0), 1..3);
        assert_eq!(seven().within(60.0, 61.0), 4..5);
        assert_eq!(seven().within(500.0, 600.0), 4..5);
    }

    #[test]
    fn a_place_is_found_and_those_above_and_below_it() {
        let lines = seven();
        assert_eq!([0, 2, 3, 4, 5, 6].map(|place| lines.row_of(place)), [1, 1, 2, 2, 4, 4].map(Some));
        assert_eq!(lines.row_of(7), None);
        assert_eq!([lines.vertical(1, 1), lines.vertical(2, 1)], [Some(4), Some(4)]);
        assert_eq!([lines.vertical(4, 1), lines.vertical(6, -1)], [Some(6), Some(4)]);
        assert_eq!([lines.vertical(0, -1), lines.vertical(6, 1)], [None, None]);
        assert_eq!([lines.vertical(0, 9), lines.vertical(6, -9)], [Some(5), Some(1)]);
    }
}
