//! Measures of difficulty besides depth.

mod class_counts;
mod confidence;
mod consensus;
mod data_map;
mod el2n;
mod entropy;
mod forgetting;
#[cfg(feature = "nets")]
mod input_margin;
mod iteration_learned;
mod softmax;
mod trajectory;

pub use class_counts::ClassCounts;
pub use confidence::confidence;
pub use consensus::Consensus;
pub use data_map::DataMap;
pub use el2n::el2n;
pub use entropy::entropy;
pub use forgetting::{Forgetting, NEVER_LEARNED};
#[cfg(feature = "nets")]
pub use input_margin::{InputMargin, input_margins};
pub use iteration_learned::IterationLearned;
pub use softmax::softmax;
pub use trajectory::{Dynamics, Trajectory};
