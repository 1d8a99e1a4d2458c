//! What the page and its worker say to each other, as bytes.

use prediction_depth::study::Weight;
use serde::{Deserialize, Serialize};

use crate::measurement::Measurement;
use crate::training::TrainingPlan;

/// What the page wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The bytes of the study's file.
    pub study: Vec<u8>,
    /// What computes, in the word of the page's address, if it has one.
    pub device: Option<String>,
    /// To train a network on its examples; else the study itself is measured.
    pub plan: Option<TrainingPlan>,
}

/// What the page says to a worker that trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pace {
    /// Go on.
    Run,
    /// Wait.
    Pause,
    /// One epoch, then wait.
    Epoch,
}

/// What the worker tells: where, how far (many times), and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// What will compute.
    Place(Place),
    /// Of so many probes so many are done.
    Counts {
        /// Done.
        done: usize,
        /// All there are.
        total: usize,
    },
    /// The study of a network that will be trained: the bytes of its file.
    Begun(Vec<u8>),
    /// How the training stands: the first time before the first step, the last after the last.
    Glance(Glance),
    /// The end of a measurement.
    Measurement {
        /// What came out.
        measured: Measurement,
        /// How the GPU failed on the way, if it did: the processor went on.
        failure: Option<String>,
    },
    /// The other end: what went wrong.
    Failed(String),
}

/// A network in training, measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Glance {
    /// Steps that were taken.
    pub step: usize,
    /// All there will be.
    pub steps: usize,
    /// Mean loss of the steps since the last glance; none before the first step.
    pub loss: Option<f64>,
    /// The weights.
    pub weights: Vec<Weight>,
    /// Depths and neighbours.
    pub measured: Measurement,
    /// Since which step the network says of each example what it says now, `[examples]`.
    pub learned: Vec<u32>,
    /// How the GPU failed on the way, if it did: the processor went on.
    pub failure: Option<String>,
}

/// What computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// What it is, and why it was taken.
    pub words: String,
    /// Whether it is a GPU.
    pub gpu: bool,
    /// What to tell the reader, where a GPU was asked for and cannot be had.
    pub complaint: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_from_their_bytes() {
        let request = Request { study: vec![1, 2, 255], device: Some("gpu".into()), plan: None };
        let bytes = postcard::to_allocvec(&request).expect("bytes");
        assert_eq!(postcard::from_bytes::<Request>(&bytes).expect("a request"), request);
        for reply in [Reply::Counts { done: 3, total: 1 << 20 }, Reply::Failed("no".into())] {
            let bytes = postcard::to_allocvec(&reply).expect("bytes");
            assert_eq!(postcard::from_bytes::<Reply>(&bytes).expect("a reply"), reply);
        }
    }
}
