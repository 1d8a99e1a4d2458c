//! Run-length encoding of a grid's cells: equal neighbours form one run, and all runs of one kind form one path.

use std::collections::BTreeMap;
use std::fmt::Write;

/// One path per kind of cell. In path units, a column is 1 wide and a row is 1 high. A run is a horizontal stroke along
/// the upper edge of its row, which takes half the text of a rectangle.
pub(super) struct Runs<K> {
    paths: BTreeMap<K, Pen>,
}

/// A path and its current point: column, row.
struct Pen {
    path: String,
    at: [usize; 2],
}

impl<K: Copy + Ord> Runs<K> {
    /// Returns a grid without cells.
    pub(super) fn new() -> Self {
        Self { paths: BTreeMap::new() }
    }

    /// Adds a row of cells, left to right. `None` leaves a cell empty.
    pub(super) fn add_row(&mut self, row: usize, cells: impl IntoIterator<Item = Option<K>>) {
        let mut start = 0;
        let mut kind = None;
        let mut end = 0;
        for cell in cells {
            if cell != kind {
                self.add(row, start..end, kind);
                (start, kind) = (end, cell);
            }
            end += 1;
        }
        self.add(row, start..end, kind);
    }

    fn add(&mut self, row: usize, columns: std::ops::Range<usize>, kind: Option<K>) {
        let Some(kind) = kind else { return };
        if columns.is_empty() {
            return;
        }
        let pen = self.paths.entry(kind).or_insert_with(|| Pen { path: String::new(), at: [0, 0] });
        let across = columns.start as i64 - pen.at[0] as i64;
        let down = row as i64 - pen.at[1] as i64;
        // Relative moves are the shortest. Writing to a string cannot fail.
        let _ = write!(pen.path, "m{across} {down}h{}", columns.len());
        pen.at = [columns.end, row];
    }

    /// Returns the paths, ordered by kind.
    pub(super) fn paths(&self) -> impl Iterator<Item = (K, &str)> {
        self.paths.iter().map(|(&kind, pen)| (kind, pen.path.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_are_one_run() {
        let mut runs = Runs::new();
        runs.add_row(0, [Some(7); 5]);
        assert_eq!(runs.paths().collect::<Vec<_>>(), [(7, "m0 0h5")]);
    }

    #[test]
    fn runs_end_where_the_kind_changes_and_where_there_is_none() {
        let mut runs = Runs::new();
        runs.add_row(0, [Some('a'), Some('b'), Some('b'), None, Some('b')]);
        runs.add_row(1, [Some('b'), Some('a'), Some('a'), Some('a'), None]);
        assert_eq!(runs.paths().collect::<Vec<_>>(), [('a', "m0 0h1m0 1h3"), ('b', "m1 0h2m1 0h1m-5 1h1")]);
    }

    #[test]
    fn an_empty_row_adds_nothing() {
        let mut runs = Runs::<u8>::new();
        runs.add_row(0, []);
        assert_eq!(runs.paths().count(), 0);
    }
}
