//! What the reader did, or a job found: all that can change the state.

use std::rc::Rc;

use prediction_depth::study::Study;

use super::edit::Edits;
use super::glance::{Glance, Pace};
use super::measured::Measured;
use super::opened::Opened;
use super::probe_image::{ProbeImage, Probed};
use super::tools::Tool;
use super::training::TrainingPlan;
use super::view::View;

/// Whether the browser's back button should lead to where the view was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It should.
    New,
    /// It should not: one of many small moves.
    Same,
}

/// Which accuracies are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accuracy {
    /// The probe's, of each layer.
    #[default]
    OfProbes,
    /// The network's, on the examples of each depth.
    AtDepths,
}

/// The edits that an address names, and the example that is blended in if it names one.
pub type UrlEdits = Option<(Edits, Option<usize>)>;

/// What is sent to the page's program. Only it changes the state, and only by these.
pub enum Action {
    /// Look at something else.
    Look(View, Step),
    /// Look at what the address says after a step through the browser's history.
    Follow(View, UrlEdits),
    /// Show other accuracies.
    Accuracy(Accuracy),
    /// The page has another width.
    Resize,
    /// Save the selection, the study or a figure, by its name in the list.
    Save(String),
    /// Use a tool of the editor.
    Edit(Tool),
    /// A frame of the screen is due: measure the image as it is edited now.
    Frame,
    /// The edited image was measured.
    Probed(ProbedImage),
    /// Put the edits into the address, and say the depth to those who do not see it.
    ReadOut,
    /// Open the study in these bytes, of a file of this name.
    Open(String, Vec<u8>),
    /// Show this study instead of the one before.
    Show(Box<Opened>),
    /// Edit the example that is looked at as the address says.
    LoadEdits(UrlEdits),
    /// Nothing can be opened, for this reason.
    OpenFailed(String),
    /// Measure the open study.
    Measure,
    /// Train a network on the examples of the open study.
    Train(TrainingPlan),
    /// Train a network on data that were just read.
    TrainOn(Rc<Study>),
    /// Go back to the study that was open before a training.
    Back,
    /// Stop the job.
    Stop,
    /// Train at another pace.
    Pace(Pace),
    /// The page came into sight of the reader, or went out of it.
    Seen(bool),
    /// A job of this number reports.
    Report(u32, Report),
    /// Something went wrong; the page goes on.
    Alert(String),
}

/// An edited image with what is known of it.
pub struct ProbedImage {
    /// What measured it.
    pub by: Rc<ProbeImage>,
    /// The example that is edited.
    pub example: usize,
    /// The image, `[channels, height, width]`, with what network and probes say of it, or how they failed; none where
    /// the image is the example as it is.
    pub probed: Result<Option<(Vec<u8>, Probed)>, String>,
    /// When it began, in milliseconds since the page began to load.
    pub started: f64,
}

/// What a measurement or a training found.
pub enum Report {
    /// What computes, in words.
    Device(String),
    /// Of so many probes so many are done.
    Counts {
        /// Done.
        done: usize,
        /// All there are.
        total: usize,
    },
    /// The open study was measured.
    Measured(Box<MeasuredHere>),
    /// A network will be trained: the study that will hold it, with the one on whose examples.
    Begun(Box<Opened>),
    /// How a training stands.
    Glance(Box<Glance>),
    /// The training ended, or the reader stopped it.
    Trained,
    /// The reader stopped the measurement.
    Cancelled,
    /// What went wrong.
    Failed(String),
}

/// A measurement of the open study.
pub struct MeasuredHere {
    /// Depths and neighbours.
    pub measured: Measured,
    /// What computed, in words.
    pub place: String,
    /// How the GPU failed on the way, if it did: the processor went on.
    pub failure: Option<String>,
    /// What it took.
    pub seconds: f64,
}
