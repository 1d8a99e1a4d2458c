//! The state of a training, and its pace.

use prediction_depth::study::Weight;
use serde::{Deserialize, Serialize};

use super::measured::Measured;

/// A measurement of a network during its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Glance {
    /// Number of steps so far.
    pub step: usize,
    /// Number of steps in total.
    pub steps: usize,
    /// Mean loss of the steps since the last measurement; `None` before the first step.
    pub loss: Option<f64>,
    /// Weights of the network.
    pub weights: Vec<Weight>,
    /// Depths, margins and voters.
    pub measured: Measured,
    /// The step since which the network's class of each example is the current one, `[examples]`.
    pub learned: Vec<u32>,
    /// Whether the training pauses after this report, as the page requested.
    pub waits: bool,
    /// The error of the GPU, if it failed and the processor continued.
    pub failure: Option<String>,
}

/// A request of the page to a worker that trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pace {
    /// Continue.
    Run,
    /// Pause.
    Pause,
    /// Train for one epoch, then pause.
    Epoch,
}
