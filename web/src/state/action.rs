//! Actions of the user and reports of jobs: everything that changes the state.

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

/// Whether a view gets its own entry in the browser's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It gets a new entry.
    New,
    /// It replaces the current entry: one of many small steps.
    Same,
}

/// The file of a study, and what its run folder has beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyFile {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Content of the run's `checkpoints.csv`.
    pub checkpoints: Option<Vec<u8>>,
}

/// The kind of accuracies shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accuracy {
    /// Accuracy of each layer's probe.
    #[default]
    OfProbes,
    /// Accuracy of the network on the examples of each depth.
    AtDepths,
}

/// The edits in a URL, and the example to blend with if it names one.
pub type UrlEdits = Option<(Edits, Option<usize>)>;

/// An action, sent to the app. The state changes only by actions.
pub enum Action {
    /// Change the view.
    Look(View, Step),
    /// Apply the view and edits of the URL after a step through the browser's history, if they are for the open study:
    /// the one of this file, or else the one that the URL leads to.
    Follow(Option<String>, View, UrlEdits),
    /// Show other accuracies.
    Accuracy(Accuracy),
    /// Redraw, since the page's width changed.
    Resize,
    /// Save the selection, the study or a figure, by its name in the list.
    Save(String),
    /// Use a tool of the editor.
    Edit(Tool),
    /// Measure the image as it is edited now, at the start of a frame.
    Frame,
    /// Show the measurement of an edited image.
    Probed(ProbedImage),
    /// Write the edits to the URL, and announce the depth to screen readers.
    ReadOut,
    /// Open this study.
    Open(StudyFile),
    /// Show this study instead of the current one.
    Show(Box<Opened>),
    /// Edit the selected example as the URL says.
    LoadEdits(UrlEdits),
    /// Report that nothing can be opened, with the reason.
    OpenFailed(String),
    /// Measure the open study.
    Measure,
    /// Train a network on the examples of the open study.
    Train(TrainingPlan),
    /// Train a network on data that were just read; the sentences tell what to know about them.
    TrainOn(Rc<Study>, Vec<String>),
    /// Go back to the study that was open before a training.
    Back,
    /// Stop the job.
    Stop,
    /// Train at another pace.
    Pace(Pace),
    /// Note whether the page is visible to the user.
    Seen(bool),
    /// Apply a report of the job of this number.
    Report(u32, Report),
    /// Show an error; the page continues.
    Alert(String),
}

/// The measurement of an edited image.
pub struct ProbedImage {
    /// The network and support that measured it.
    pub by: Rc<ProbeImage>,
    /// The example that was edited.
    pub example: usize,
    /// The image, `[channels, height, width]`, with the classes of network and probes, or the error; `None` if the
    /// image is the example without edits.
    pub probed: Result<Option<(Vec<u8>, Probed)>, String>,
    /// Start of the measurement, in milliseconds since the page began to load.
    pub started: f64,
}

/// A report of a measurement or a training.
pub enum Report {
    /// Description of the device that computes.
    Device(String),
    /// The user stopped the training.
    Stopped,
    /// Progress of a measurement.
    Counts {
        /// Probes that are done.
        done: usize,
        /// All probes.
        total: usize,
    },
    /// Result of the measurement of the open study.
    Measured(Box<MeasuredHere>),
    /// Start of a training: the study that will contain the network, with the study whose examples are used.
    Begun(Box<Opened>),
    /// State of a training.
    Glance(Box<Glance>),
    /// End of a training, also if the user stopped it.
    Trained,
    /// The user stopped the measurement.
    Cancelled,
    /// The job failed, for this reason.
    Failed(String),
}

/// A measurement of the open study.
pub struct MeasuredHere {
    /// Depths, margins and voters.
    pub measured: Measured,
    /// Description of the device that computed.
    pub place: String,
    /// The error of the GPU, if it failed and the processor continued.
    pub failure: Option<String>,
    /// Duration, in seconds.
    pub seconds: f64,
}
