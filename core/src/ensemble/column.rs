//! A column of numbers, one per example.

/// A measure over the models of an ensemble, as a column of `examples.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name, such as `depth_validation`.
    pub name: String,
    /// Values, `[examples]`; NaN where no model counts.
    pub values: Vec<f32>,
}
