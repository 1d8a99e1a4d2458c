//! The current or most recent measurement or training: its progress, and the texts about it.

use serde::{Deserialize, Serialize};

use super::glance::Pace;

/// Stage of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// No study is open yet.
    #[default]
    Opening,
    /// The open study is being measured.
    Measuring,
    /// A network is being trained.
    Training,
    /// The training is paused: the figures show its latest state.
    Paused,
    /// The measurement is done.
    Measured,
    /// The user stopped it.
    Cancelled,
    /// It went wrong.
    Failed,
}

/// The device that computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Description of the device, and the reason for its choice.
    pub words: String,
    /// Whether it is a GPU.
    pub gpu: bool,
    /// Message for the user if a GPU was requested but is not available.
    pub complaint: Option<String>,
}

/// One measurement or training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Job {
    /// Number of the job. Messages of other jobs are late, and are ignored.
    pub id: u32,
    /// Stage of the job.
    pub stage: Stage,
    /// Description of the device that computed; empty before a computation.
    pub device: String,
    /// Text under the title.
    pub line: String,
    /// Progress of a measurement, from 0 to 1 and as text; `None` without a measurement in progress.
    pub counts: Option<(f64, String)>,
    /// Whether the user can start a measurement.
    pub offers_measurement: bool,
    /// The pace that was sent to a training; `None` before one was sent.
    pace: Option<Pace>,
    /// Whether a training is paused only because the page is out of sight.
    out_of_sight: bool,
}

impl Job {
    /// Starts another job.
    pub fn begin(&mut self, stage: Stage, line: &str) {
        *self = Self { id: self.id + 1, stage, line: line.into(), ..Self::default() };
        self.counts = (stage == Stage::Measuring).then(|| (0.0, String::new()));
    }

    /// Ends the job, with a text.
    pub fn end(&mut self, stage: Stage, line: &str) {
        (self.stage, self.line, self.counts) = (stage, line.into(), None);
        self.offers_measurement = false;
    }

    /// Returns whether a network is in training.
    pub fn trains(&self) -> bool {
        matches!(self.stage, Stage::Training | Stage::Paused)
    }

    /// Returns the pace that was set for the training; `None` before one was set.
    pub fn pace(&self) -> Option<Pace> {
        self.pace
    }

    /// Returns whether the training runs until the user stops it.
    pub fn runs_on(&self) -> bool {
        self.pace.is_none_or(|pace| pace == Pace::Run)
    }

    /// Notes the pace that was sent to the training. It counts as paused only once a report confirms it.
    pub fn tell(&mut self, pace: Pace) {
        self.pace = Some(pace);
        self.stage = if self.stage == Stage::Paused && pace == Pace::Pause { Stage::Paused } else { Stage::Training };
    }

    /// Applies a report's statement whether the training pauses, unless it was told to continue meanwhile.
    pub fn glance(&mut self, waits: bool) {
        self.stage = if waits && !self.runs_on() { Stage::Paused } else { Stage::Training };
    }

    /// Returns the new pace of a training when the page becomes visible or hidden. A training that the user paused
    /// stays paused.
    pub fn seen(&mut self, visible: bool) -> Option<Pace> {
        if !self.trains() {
            return None;
        }
        match (visible, self.runs_on()) {
            (false, true) => {
                self.out_of_sight = true;
                Some(Pace::Pause)
            }
            (true, false) if std::mem::take(&mut self.out_of_sight) => Some(Pace::Run),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_waits_while_nobody_sees_it() {
        let mut job = Job::default();
        job.begin(Stage::Training, "");
        assert_eq!(job.seen(true), None);
        assert_eq!(job.seen(false), Some(Pace::Pause));
        job.tell(Pace::Pause);
        assert_eq!(job.seen(true), Some(Pace::Run));
        job.tell(Pace::Run);
        job.tell(Pace::Pause); // by the reader
        assert_eq!([job.seen(false), job.seen(true)], [None, None]);
    }

    #[test]
    fn a_training_is_paused_once_it_says_so() {
        let mut job = Job::default();
        job.begin(Stage::Training, "");
        job.glance(false);
        job.tell(Pace::Pause);
        assert_eq!((job.stage, job.runs_on()), (Stage::Training, false));
        job.glance(true);
        assert_eq!(job.stage, Stage::Paused);
        job.tell(Pace::Epoch);
        assert_eq!((job.stage, job.runs_on()), (Stage::Training, false));
        job.glance(true);
        job.tell(Pace::Run);
        job.glance(true); // sent before the request
        assert_eq!((job.stage, job.runs_on()), (Stage::Training, true));
    }

    #[test]
    fn jobs_have_numbers_of_their_own() {
        let mut job = Job::default();
        job.begin(Stage::Measuring, "measures");
        assert_eq!((job.id, job.counts.clone()), (1, Some((0.0, String::new()))));
        job.end(Stage::Cancelled, "stopped");
        assert_eq!((job.id, job.stage, job.counts.clone()), (1, Stage::Cancelled, None));
        job.begin(Stage::Training, "");
        assert!(job.id == 2 && job.trains() && job.counts.is_none());
    }
}
