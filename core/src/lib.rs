//! Prediction depth.
pub mod data;
pub mod depth;
pub mod error;
pub mod matrix;
pub mod measure;
pub mod measures;
pub mod nets;
pub mod plot;
pub mod probe;
mod random;
pub mod representations;
pub mod search;
pub mod study;
pub mod train;
pub use data::Class;
pub use error::{Error, Result};
pub use matrix::{Matrix, Rows};
pub use search::Progress;
