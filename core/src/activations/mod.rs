//! Activations of anybody's network, recorded elsewhere: what `pdepth depth` reads.
//!
//! Each split is a folder of files, or one file of arrays. Its layers are read from where they lie, in blocks: a layer need
//! not fit in memory. See `docs/activations.md` for every file and every rule.
//!
//! [`LayerPredictions`] is what each layer predicts already, for `pdepth settle`.
//!
//! [`Recording`] is one split as its files have it; [`Recordings`] are all splits, checked against each other.

mod array_file;
mod bag;
mod bounded;
mod class_numbers;
mod convert;
#[cfg(feature = "nets")]
mod graph;
mod layer;
#[cfg(feature = "nets")]
mod layers_in_turn;
mod logits;
mod mask;
#[cfg(feature = "nets")]
mod neighbors;
mod npy;
mod npz;
mod opened;
mod order;
mod part_file;
mod pooled;
mod predictions;
mod recording;
mod recordings;
mod repeated;
mod same;
mod scratch;
#[cfg(feature = "nets")]
mod shard;
#[cfg(feature = "nets")]
mod shard_file;
#[cfg(feature = "nets")]
mod shard_merge;
mod shown;
#[cfg(feature = "nets")]
mod study;
mod summary;
mod tensors;
mod words;
mod zip_entry;

pub use bounded::Bounded;
pub use layer::Layer;
#[cfg(feature = "nets")]
pub use layers_in_turn::{GivenLayer, LayersInTurn};
#[cfg(feature = "nets")]
pub use neighbors::GraphFolder;
pub use part_file::PartFile;
pub use predictions::{Field, LayerPredictions, PredictionFiles, Source};
pub use recording::{Recording, Wanted};
pub use recordings::Recordings;
pub use repeated::repeated_splits;
pub use scratch::Scratch;
#[cfg(feature = "nets")]
pub use shard::{ShardMeasurement, ShardRows};
#[cfg(feature = "nets")]
pub use shard_file::DepthShard;
#[cfg(feature = "nets")]
pub use shard_merge::{DepthMerge, MergedDepth};
pub use summary::{LayerSummary, RecordingsSummary, SplitSize};
