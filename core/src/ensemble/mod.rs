//! Ensembles: many models of the same data, each with its own split.
//!
//! Each model leaves a [`Record`]. An [`Ensemble`] adds up records without keeping them, and computes [`Examples`], the
//! table of results.

mod column;
#[cfg(feature = "formats")]
mod csv;
mod examples;
mod merge;
#[cfg(feature = "parquet")]
mod parquet;
mod record;
mod split_aggregate;
#[cfg(test)]
mod tests;

pub use column::Column;
pub use examples::{Examples, MeasureColumn};
pub use merge::Ensemble;
pub use record::{RECORD_VERSION, Record};
pub use split_aggregate::{ByDepth, SplitAggregate};
