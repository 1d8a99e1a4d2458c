//! Depths at the checkpoints of a run: which checkpoints there are, and what is printed and written about them.

mod kept;
mod measured;
mod report;
mod table;

pub use kept::{Kept, kept};
pub use measured::{LeftOut, Measured};
pub use report::html;
pub use table::summary;
