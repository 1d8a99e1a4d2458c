//! Measures of an example beside its depth: one noun a file.

mod margin;

pub use margin::output_margin;
