//! Synthetic data, the same for every call.

use prediction_depth::Matrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Returns a matrix of values drawn by `value`.
pub fn matrix(rows: usize, dims: usize, seed: u64, mut value: impl FnMut(&mut ChaCha8Rng) -> f32) -> Matrix {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..rows * dims).map(|_| value(&mut rng)).collect();
    Matrix::new(values, rows, dims).expect("sizes of tests are small")
}

/// Returns small integers: every float32 sum of their products is exact, and ties are frequent.
pub fn integers(rows: usize, dims: usize, seed: u64) -> Matrix {
    matrix(rows, dims, seed, |rng| f32::from(rng.random_range(-3_i8..=3)))
}

/// Returns approximately normal numbers: the sum of twelve uniform ones, minus six.
pub fn normals(rows: usize, dims: usize, seed: u64) -> Matrix {
    matrix(rows, dims, seed, |rng| (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0)
}
