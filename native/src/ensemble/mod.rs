//! Many models of the same data: a plan, a folder with a file for each model, and what they say together.

mod findings;
mod merged;
mod model;
mod plan;
mod report;
mod store;
mod summary;

pub use findings::Findings;
pub use merged::merged;
pub use model::{Shared, model};
pub use plan::Plan;
pub use report::report;
pub use store::{Store, in_words, ranges};
pub use summary::summary;
