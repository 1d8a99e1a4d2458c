//! What the page and its worker say to each other, as bytes.

use serde::{Deserialize, Serialize};

use crate::state::glance::Glance;
use crate::state::job::Place;
use crate::state::measured::Measured;
use crate::state::training::TrainingPlan;

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
        measured: Measured,
        /// How the GPU failed on the way, if it did: the processor went on.
        failure: Option<String>,
    },
    /// The other end: what went wrong.
    Failed(String),
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
