//! Messages between the page and its worker, as bytes.

use serde::{Deserialize, Serialize};

use crate::state::glance::Glance;
use crate::state::job::Place;
use crate::state::measured::Measured;
use crate::state::training::TrainingPlan;

/// A request of the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Content of the study file.
    pub study: Vec<u8>,
    /// The device of the page's URL, if it names one.
    pub device: Option<String>,
    /// Trains a network on the study's examples; without a plan, the study itself is measured.
    pub plan: Option<TrainingPlan>,
}

/// Messages of the worker: device, progress (many times), result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// The device that will compute.
    Place(Place),
    /// Progress of a measurement.
    Counts {
        /// Probes that are done.
        done: usize,
        /// All probes.
        total: usize,
    },
    /// The study of a network that will be trained: the content of its file.
    Begun(Vec<u8>),
    /// State of a training: first before the first step, last after the last step.
    Glance(Glance),
    /// The result of a measurement.
    Measurement {
        /// Depths, margins and voters.
        measured: Measured,
        /// The error of the GPU, if it failed and the processor continued.
        failure: Option<String>,
    },
    /// The request failed, for this reason.
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
