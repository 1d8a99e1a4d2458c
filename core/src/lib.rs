//! Prediction depth.
pub mod error;
pub mod matrix;
pub mod search;
pub use error::{Error, Result};
pub use matrix::{Matrix, Rows};
pub use search::Progress;
