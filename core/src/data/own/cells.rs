//! Numbers in rows, whatever the file: tables and arrays are understood by the same rules.

/// Rows of numbers. A row is an example, a column a feature, or a value of an image.
pub trait Cells {
    /// Returns the number of rows.
    fn rows(&self) -> usize;

    /// Returns the number of values of each row.
    fn columns(&self) -> usize;

    /// Returns a value. An integer beyond 2^53 is rounded.
    ///
    /// # Panics
    /// If the row or the column is out of range.
    fn at(&self, row: usize, column: usize) -> f64;

    /// Returns where the user finds a value, such as "row 3, column `x`", for messages.
    fn place(&self, row: usize, column: usize) -> String;

    /// Returns how the user calls a column, for messages.
    fn column(&self, column: usize) -> String {
        format!("column {}", column + 1)
    }
}

/// Returns all values, row by row, with their places.
pub fn values(cells: &dyn Cells) -> impl Iterator<Item = (f64, [usize; 2])> {
    (0..cells.rows())
        .flat_map(move |row| (0..cells.columns()).map(move |column| (cells.at(row, column), [row, column])))
}
