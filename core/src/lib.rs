//! Prediction depth: the layer of a network from which a k-nearest-neighbour probe on the representations agrees with
//! the network's own prediction (Baldock, Maennel and Neyshabur, NeurIPS 2021). Small depth: an easy example.
//! Large depth: a hard, ambiguous or mislabelled one.
//!
//! Bytes in, values and SVG text out; this crate knows no path, URL, clock or DOM. The data go one way:
//! [`data`] → [`nets`] → [`representations`] → [`probe`] on [`search`] → [`depth`] → [`study`] → [`plot`].
//!
//! ```
//! use prediction_depth::measure::{Probing, measure};
//! use prediction_depth::representations::Recorded;
//! use prediction_depth::search::Cpu;
//! use prediction_depth::Matrix;
//!
//! # fn main() -> prediction_depth::Result<()> {
//! // Five examples in two layers of one dim each: the third moves from the first cluster to the second.
//! let input = Matrix::new(vec![0.0, 0.1, 0.2, 9.0, 9.1], 5, 1)?;
//! let hidden = Matrix::new(vec![0.0, 0.1, 9.2, 9.0, 9.1], 5, 1)?;
//! let layers = vec!["input".to_owned(), "hidden".to_owned()];
//! let training = Recorded::new(layers, vec![input, hidden], vec![0, 0, 1, 1, 1])?;
//! let probing = Probing { k: 1, ..Probing::default() };
//! let cpu = Cpu::default();
//! let measured = measure(&training, &[0, 0, 1, 1, 1], &[], probing, &cpu, &());
//! assert_eq!(pollster::block_on(measured)?[0].depths(), [0, 0, 1, 0, 0]);
//! # Ok(())
//! # }
//! ```

mod archive;
pub mod bootstrap;
mod class;
pub mod correction;
pub mod correlation;
pub mod data;
pub mod depth;
pub mod difficulty;
pub mod ensemble;
pub mod error;
pub mod experiment;
pub mod label_issues;
pub mod logits;
pub mod matrix;
pub mod measurement;
pub mod metrics;
pub mod nets;
pub mod plot;
pub mod probe;
mod random;
pub mod ranking;
pub mod representations;
pub mod search;
pub mod stored;
pub mod study;
pub mod train;

pub use class::{Class, UNPROBED};
pub use error::{Error, Result};
pub use matrix::{Matrix, Rows, Selected};
pub use search::Progress;
pub use stored::Stored;
