#![doc = include_str!("../README.md")]
//! ## Modules
//!
//! The data pass through these modules in order:
//! [`data`] → [`nets`] → [`representations`] → [`probe`] on [`search`] → [`depth`] → [`study`] → [`plot`].
//! [`measurement`] computes depths from representations; [`experiment`] combines all steps from a data set to a study;
//! [`checkpoints`] follows depths over a training.
//! [`metrics`] computes other measures of an example, and [`ensemble`] aggregates all measures over many networks.

#![cfg_attr(
    not(all(feature = "formats", feature = "gpu", feature = "nets", feature = "plot")),
    allow(dead_code, reason = "used only by features that are off")
)]

#[cfg(feature = "formats")]
pub mod activations;
mod archive;
pub mod bootstrap;
#[cfg(feature = "nets")]
pub mod checkpoints;
pub mod checksum;
mod class;
pub mod correction;
pub mod correlation;
#[cfg(feature = "formats")]
mod csv_rows;
pub mod data;
pub mod depth;
pub mod difficulty;
pub mod ensemble;
pub mod error;
#[cfg(feature = "nets")]
pub mod experiment;
mod finite;
#[cfg(any(feature = "formats", feature = "nets"))]
mod gzip;
#[cfg(any(feature = "formats", feature = "nets"))]
mod inflate;
pub mod label_issues;
mod listed;
pub mod logits;
pub mod matrix;
pub mod measurement;
pub mod metric;
pub mod metrics;
#[cfg(feature = "nets")]
pub mod nets;
#[cfg(feature = "plot")]
pub mod plot;
pub mod pooling;
pub mod probe;
mod product;
mod random;
pub mod ranking;
pub mod representations;
pub mod search;
mod shard_range;
pub mod stored;
#[cfg(feature = "nets")]
pub mod study;
#[cfg(feature = "nets")]
pub mod train;

pub use class::{Class, UNLABELED, UNPROBED};
pub use error::{Error, Result};
pub use matrix::{Matrix, Rows, Selected};
pub use search::Progress;
pub use stored::Stored;
