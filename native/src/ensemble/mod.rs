//! Ensembles: a plan, a folder with one file per model, and the merged results.

mod damage;
mod findings;
mod merged;
mod model;
mod plan;
mod report;
mod store;
mod summary;

pub use findings::{Findings, Seen};
pub use merged::{Merged, merged};
pub use model::{Shared, model};
pub use plan::Plan;
pub use report::report;
pub use store::{Store, in_words, ranges};
pub use summary::summary;
