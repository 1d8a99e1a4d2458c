//! Networks from ONNX files: the graph itself runs, by rten. Every value of it can be probed.
//!
//! [`OnnxFile`] is a file that was read and checked; [`OnnxNetwork`] runs it on examples of one shape.

mod batches;
mod file;
mod graph;
mod input;
mod metadata;
mod network;
mod nodes;
mod operand;
mod order;
mod output;
mod size;
mod taps;
mod tensor;
mod trial;
mod window_size;

#[cfg(test)]
mod tests;

pub use file::{OnnxFile, OnnxOptions};
pub use input::ChannelPlace;
pub use metadata::{AskedScale, InputScale};
pub use network::{GraphValue, OnnxNetwork};
pub use taps::TapChoice;
