//! Many models of the same data, each with its own split: what each leaves, and what they say together.
//!
//! [`Record`]s go one after another into a [`Ensemble`], which holds sums and votes, and no record; [`Examples`] is the
//! table it gives.

mod examples;
mod merge;
#[cfg(feature = "parquet")]
mod parquet;
mod record;
mod split_aggregate;
#[cfg(test)]
mod tests;

pub use examples::{Examples, MeasureColumn};
pub use merge::Ensemble;
pub use record::{RECORD_VERSION, Record};
pub use split_aggregate::{ByDepth, SplitAggregate};
