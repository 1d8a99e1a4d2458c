//! Measures of difficulty besides depth.

mod class_counts;
mod confidence;
mod consensus;
mod data_map;
mod distribution;
mod el2n;
mod entropy;
mod forgetting;
#[cfg(feature = "nets")]
mod input_margin;
mod iteration_learned;
mod jensen_shannon;
mod softmax;
mod trajectory;

pub use class_counts::ClassCounts;
pub use confidence::confidence;
pub use consensus::Consensus;
pub use data_map::DataMap;
pub use distribution::{NoDistribution, SUM_TOLERANCE, check_distribution};
pub use el2n::el2n;
pub use entropy::entropy;
pub use forgetting::{Forgetting, NEVER_LEARNED};
#[cfg(feature = "nets")]
pub use input_margin::{InputMargin, input_margins};
pub use iteration_learned::IterationLearned;
pub use jensen_shannon::jensen_shannon_distance;
pub use softmax::softmax;
pub use trajectory::{Dynamics, Trajectory};
