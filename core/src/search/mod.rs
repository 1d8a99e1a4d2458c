//! Exact nearest neighbours. Each search has two steps: a float32 filter with a proven error bound (`center.rs`), then
//! an order of the remaining candidates by the float64 distance of `exact.rs` (`rescore.rs`). Hence the neighbours are
//! the same, to the bit, on every device, for every block size and number of threads.

#[cfg(feature = "gpu")]
mod adapter;
mod center;
mod column_stats;
mod cpu;
#[cfg(feature = "gpu")]
mod device;
mod exact;
#[cfg(feature = "gpu")]
mod gpu;
mod manhattan;
mod merge;
mod progress;
mod query;
mod rescore;
mod shard;
mod shortlist;
mod simd;

#[cfg(feature = "gpu")]
pub use adapter::{AdapterSummary, adapters};
pub use cpu::Cpu;
#[cfg(feature = "gpu")]
pub use device::{DeviceChoice, SearchDevice};
pub use exact::squared_distance;
#[cfg(feature = "gpu")]
#[doc(hidden)]
pub use gpu::{DISTANCES_F16_WGSL, DISTANCES_WGSL, GATHER_WGSL, SELECT_WGSL};
#[cfg(feature = "gpu")]
pub use gpu::{Gpu, GpuSetup, Storage};
pub use manhattan::Manhattan;
pub use merge::ShardMerge;
pub use progress::Progress;
pub(crate) use progress::SubProgress;
pub use query::{DEFAULT_MEMORY, Exclude, NeighborSearch, Neighbors, Query, Reduction};
pub use shard::{SHARD_VERSION, Shard, ShardedSearch};
pub use simd::{Format, Kernel};
