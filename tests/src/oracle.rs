//! The reference search: float64 and plain loops, never optimised at the expense of clarity. It shares no code with the
//! searches.

use prediction_depth::Matrix;
use prediction_depth::search::{Exclude, Neighbors};

/// Returns the squared Euclidean distance in the specified order of summation: dimension `i` goes to sum `i % 8`, and
/// the eight sums are added last.
pub fn distance(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0_f64; 8];
    for i in 0..a.len() {
        let difference = f64::from(a[i]) - f64::from(b[i]);
        sums[i % 8] += difference * difference;
    }
    let mut total = 0.0;
    for sum in sums {
        total += sum;
    }
    total
}

/// Returns the Manhattan distance, summed in the same order.
pub fn manhattan_distance(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0_f64; 8];
    for i in 0..a.len() {
        sums[i % 8] += (f64::from(a[i]) - f64::from(b[i])).abs();
    }
    let mut total = 0.0;
    for sum in sums {
        total += sum;
    }
    total
}

/// Returns the rows scaled to unit length, rounded to float32.
pub fn unit(rows: &Matrix) -> Matrix {
    let mut values = vec![];
    for row in 0..rows.rows() {
        let length = distance(rows.row(row), &vec![0.0; rows.cols()]).sqrt();
        for &value in rows.row(row) {
            values.push((f64::from(value) / length) as f32);
        }
    }
    Matrix::new(values, rows.rows(), rows.cols()).expect("as many values")
}

/// Returns the first k neighbours of each query, sorted by (squared Euclidean distance, index).
pub fn neighbors(support: &Matrix, queries: &Matrix, k: usize, exclude: Exclude) -> Neighbors {
    neighbors_by(distance, support, queries, k, exclude)
}

/// Returns the first k neighbours of each query, sorted by (distance, index).
pub fn neighbors_by(
    distance: fn(&[f32], &[f32]) -> f64,
    support: &Matrix,
    queries: &Matrix,
    k: usize,
    exclude: Exclude,
) -> Neighbors {
    use prediction_depth::Rows;
    let mut found = Neighbors { k, indices: vec![], distances: vec![] };
    for query in 0..queries.shape()[0] {
        let mut all = vec![];
        for row in 0..support.shape()[0] {
            if exclude == Exclude::Itself && row == query {
                continue;
            }
            all.push((distance(queries.row(query), support.row(row)), row as u32));
        }
        all.sort_by(|a, b| a.partial_cmp(b).expect("distances are numbers"));
        for &(distance, row) in &all[..k] {
            found.indices.push(row);
            found.distances.push(distance);
        }
    }
    found
}
