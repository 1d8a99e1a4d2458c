//! A measurement or a training, as the app holds it.

use std::cell::{Cell, RefCell};

use super::sender::Sender;
use crate::state::action::{Action, Report};
use crate::state::glance::Pace;
use crate::worker::client::Worker;

/// What runs, or ran last.
pub struct Job {
    /// Its number, by which the state knows its reports.
    id: u32,
    sender: Sender,
    cancelled: Cell<bool>,
    worker: RefCell<Option<Worker>>,
}

impl Job {
    /// A job of this number, which reports to the app.
    pub fn new(id: u32, sender: &Sender) -> Self {
        Self { id, sender: sender.clone(), cancelled: Cell::default(), worker: RefCell::default() }
    }

    /// Tells the app what it found.
    pub fn report(&self, report: Report) {
        self.sender.send(Action::Report(self.id, report));
    }

    /// Tells the reader what went wrong on the way.
    pub fn alert(&self, words: &str) {
        self.sender.send(Action::Alert(words.into()));
    }

    /// Gives it a worker, which ends at once where the job was stopped before.
    pub fn hire(&self, worker: Worker) {
        if !self.cancelled.get() {
            self.worker.replace(Some(worker));
        }
    }

    /// Ends its worker.
    pub fn dismiss(&self) {
        self.worker.take();
    }

    /// Stops it: a worker at once, the page's own thread after its slice.
    pub fn cancel(&self) {
        self.cancelled.set(true);
        self.dismiss();
    }

    /// Whether it was stopped.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.get()
    }

    /// Tells its worker how to go on; whether there is one.
    pub fn tell(&self, pace: Pace) -> bool {
        self.worker.borrow().as_ref().map(|worker| worker.tell(pace)).is_some()
    }
}
