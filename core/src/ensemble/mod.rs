//! Many models of the same data, each with its own split: what each leaves, and what they say together.
//!
//! [`Record`]s go one after another into a [`Merge`], which holds sums and votes, and no record; [`Examples`] is the
//! table it gives.

mod examples;
mod merge;
#[cfg(feature = "parquet")]
mod parquet;
mod record;
mod side;
#[cfg(test)]
mod tests;

pub use examples::{Examples, Measured};
pub use merge::Merge;
pub use record::{RECORD_VERSION, Record};
pub use side::{ByDepth, Side};
