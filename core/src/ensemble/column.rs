//! A column of numbers about examples.

/// A measure over the models of an ensemble, as a column of `examples.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Such as `depth_validation`.
    pub name: String,
    /// `[examples]`, NaN where no model counts.
    pub values: Vec<f32>,
}
