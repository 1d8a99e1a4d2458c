//! Networks from ONNX files: the graph itself runs, by rten. Every value of it can be probed.
//!
//! [`OnnxFile`] is a file that was read and checked; [`OnnxNetwork`] runs it on examples of one shape.

mod graph;
mod input;
mod metadata;
mod network;
mod output;
mod size;
mod taps;
mod tensor;
mod trial;

#[cfg(test)]
mod tests;

pub use input::ChannelPlace;
pub use metadata::{AskedScale, InputScale};
pub use network::{GraphValue, OnnxFile, OnnxNetwork, OnnxOptions};
pub use taps::TapChoice;
