//! Exact nearest neighbours of rows: the same on every processor and for every number of threads; ties go to the lower
//! row.
//!
//!     cargo run -p prediction-depth --no-default-features --example exact_neighbors

use prediction_depth::search::{Cpu, Neighbors, Query};
use prediction_depth::{Matrix, Result};

fn main() -> Result<()> {
    print!("{}", neighbors_of_queries()?);
    print!("{}", neighbors_of_each_other()?);
    Ok(())
}

/// Returns the corners of a square, [support, dims].
fn support() -> Result<Matrix> {
    Matrix::new(vec![0.0, 0.0, 0.0, 2.0, 2.0, 0.0, 2.0, 2.0], 4, 2)
}

fn neighbors_of_queries() -> Result<String> {
    let (support, queries) = (support()?, Matrix::new(vec![0.5, 0.5, 1.0, 1.0], 2, 2)?);
    let found = Cpu::default().search_blocking(Query::new(&support, &queries, 2))?;
    Ok(lines("query", 2, &found))
}

/// Returns each row's nearest other rows.
fn neighbors_of_each_other() -> Result<String> {
    let found = Cpu::default().search_blocking(Query::leave_one_out(&support()?, 1))?;
    Ok(lines("row", 4, &found))
}

fn lines(what: &str, rows: usize, found: &Neighbors) -> String {
    let line = |row| {
        let (nearest, distances) = (found.of(row), found.distances_of(row));
        format!("{what} {row}: rows {nearest:?} at squared distances {distances:?}\n")
    };
    (0..rows).map(line).collect()
}

#[test]
fn ties_go_to_the_lower_row() -> Result<()> {
    let expected = "query 0: rows [0, 1] at squared distances [0.5, 2.5]\n\
                    query 1: rows [0, 1] at squared distances [2.0, 2.0]\n";
    assert_eq!(neighbors_of_queries()?, expected);
    let expected = "row 0: rows [1] at squared distances [4.0]\n\
                    row 1: rows [0] at squared distances [4.0]\n\
                    row 2: rows [0] at squared distances [4.0]\n\
                    row 3: rows [1] at squared distances [4.0]\n";
    assert_eq!(neighbors_of_each_other()?, expected);
    Ok(())
}
