//! How a training stands, and the pace that the reader gives it.

use prediction_depth::study::Weight;
use serde::{Deserialize, Serialize};

use super::measured::Measured;

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
    pub measured: Measured,
    /// Since which step the network says of each example what it says now, `[examples]`.
    pub learned: Vec<u32>,
    /// Whether the training waits from here on, as the page told it to.
    pub waits: bool,
    /// How the GPU failed on the way, if it did: the processor went on.
    pub failure: Option<String>,
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
