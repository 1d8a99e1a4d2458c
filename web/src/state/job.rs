//! The measurement or training that runs, or ran last: how far it is, and what the page says of it.

use serde::{Deserialize, Serialize};

use super::glance::Pace;

/// How it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// No study is open yet.
    #[default]
    Opening,
    /// The open study is being measured.
    Measuring,
    /// A network is being trained.
    Training,
    /// Its training waits: what is shown is all that it did.
    Paused,
    /// It ended with a measurement.
    Measured,
    /// It was stopped.
    Cancelled,
    /// It went wrong.
    Failed,
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

/// One measurement or training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Job {
    /// Its number. Messages of other jobs are late, and are not heard.
    pub id: u32,
    /// How it stands.
    pub stage: Stage,
    /// What computed, in words; empty until something did.
    pub device: String,
    /// The line under the title.
    pub line: String,
    /// How far a measurement is, from 0 to 1 and in words; none where none runs.
    pub counts: Option<(f64, String)>,
    /// Whether the reader may ask for a measurement.
    pub offers_measurement: bool,
    /// The pace that a training was told; none before it was told one.
    pace: Option<Pace>,
    /// Whether a training waits only because nobody sees it.
    out_of_sight: bool,
}

impl Job {
    /// Begins another job.
    pub fn begin(&mut self, stage: Stage, line: &str) {
        *self = Self { id: self.id + 1, stage, line: line.into(), ..Self::default() };
        self.counts = (stage == Stage::Measuring).then(|| (0.0, String::new()));
    }

    /// Ends it, and says so in a line.
    pub fn end(&mut self, stage: Stage, line: &str) {
        (self.stage, self.line, self.counts) = (stage, line.into(), None);
        self.offers_measurement = false;
    }

    /// Whether a network is in training.
    pub fn trains(&self) -> bool {
        matches!(self.stage, Stage::Training | Stage::Paused)
    }

    /// Whether the training runs until the reader stops it.
    pub fn runs_on(&self) -> bool {
        self.pace.is_none_or(|pace| pace == Pace::Run)
    }

    /// Notes the pace that the training was told. It waits only once a glance says so.
    pub fn tell(&mut self, pace: Pace) {
        self.pace = Some(pace);
        self.stage = if self.stage == Stage::Paused && pace == Pace::Pause { Stage::Paused } else { Stage::Training };
    }

    /// Takes over whether a glance says that the training waits. One that was told to go on meanwhile does.
    pub fn glance(&mut self, waits: bool) {
        self.stage = if waits && !self.runs_on() { Stage::Paused } else { Stage::Training };
    }

    /// The pace that a training takes once the page is or is not in sight; what the reader paused stays so.
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
        job.glance(true); // it was on its way
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
