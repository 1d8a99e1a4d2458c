//! Handle of a measurement or a training.

use std::cell::{Cell, RefCell};

use super::sender::Sender;
use crate::state::action::{Action, Report};
use crate::state::glance::Pace;
use crate::worker::client::Worker;

/// The current or most recent job.
pub struct Job {
    /// Number of the job, which its reports carry.
    id: u32,
    sender: Sender,
    cancelled: Cell<bool>,
    worker: RefCell<Option<Worker>>,
}

impl Job {
    /// Creates a job of this number, which reports to the app.
    pub fn new(id: u32, sender: &Sender) -> Self {
        Self { id, sender: sender.clone(), cancelled: Cell::default(), worker: RefCell::default() }
    }

    /// Sends a report to the app.
    pub fn report(&self, report: Report) {
        self.sender.send(Action::Report(self.id, report));
    }

    /// Shows a warning to the user.
    pub fn alert(&self, words: &str) {
        self.sender.send(Action::Alert(words.into()));
    }

    /// Assigns a worker, which ends at once if the job is already cancelled.
    pub fn hire(&self, worker: Worker) {
        if !self.cancelled.get() {
            self.worker.replace(Some(worker));
        }
    }

    /// Ends the worker.
    pub fn dismiss(&self) {
        self.worker.take();
    }

    /// Cancels the job: a worker at once, the page's own thread after its time slice.
    pub fn cancel(&self) {
        self.cancelled.set(true);
        self.dismiss();
    }

    /// Returns whether the job was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.get()
    }

    /// Sends a pace to the worker, if there is one.
    pub fn tell(&self, pace: Pace) {
        if let Some(worker) = self.worker.borrow().as_ref() {
            worker.tell(pace);
        }
    }
}
