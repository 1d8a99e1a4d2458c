//! Changes of the state when jobs start, report and end.

use std::rc::Rc;

use prediction_depth::study::Study;

use super::action::{MeasuredHere, Report};
use super::change::Change;
use super::glance::{Glance, Pace};
use super::job::Stage;
use super::measured::Measured;
use super::opened::MOST_BYTES;
use super::page::State;
use crate::text;

impl State {
    /// Starts a measurement of the open study. Returns the study; `None` if none is open, if it holds neither network nor
    /// representations, or if its layers need too much memory.
    pub fn measure(&mut self) -> (Change, Option<Rc<Study>>) {
        let Some(opened) = &self.opened else { return (Change::NOTHING, None) };
        let line = "The figures are those in the file; the neighbours are being computed here.";
        self.job.begin(Stage::Measuring, line);
        let widest = opened.widest();
        let (known, fits) = (opened.can_be_measured(), widest <= MOST_BYTES);
        if opened.stored.k().is_none() {
            let line =
                "The figures are those in the file. What each layer predicts was given: there are no neighbours.";
            self.job.end(Stage::Cancelled, line);
        } else if !known {
            let line = "The figures are those in the file. Its network was measured elsewhere, without representations \
                        (--representations, in Python representations=True): the neighbours are not known here.";
            self.job.end(Stage::Cancelled, line);
        } else if !fits {
            let line = format!(
                "The figures are those in the file: to measure it here would take layers of {:.1} GB, more than a tab \
                 can hold.",
                widest / 1e9
            );
            self.job.end(Stage::Cancelled, &line);
        }
        (Change::STATUS | Change::TRAINING, (known && fits).then(|| opened.stored.clone()))
    }

    /// Starts a training.
    pub fn train(&mut self) -> Change {
        self.job.begin(Stage::Training, "A network is being trained here, in your browser.");
        self.training.problem.clear();
        self.alert("") | Change::STATUS | Change::TRAINING
    }

    /// Changes the pace of the training.
    pub fn pace(&mut self, pace: Pace) -> Change {
        self.job.tell(pace);
        Change::TRAINING
    }

    /// Applies a report of a job.
    pub fn report(&mut self, report: Report) -> Change {
        match report {
            Report::Device(words) => self.job.device = words,
            Report::Counts { done, total } => {
                let Some(opened) = &self.opened else { return Change::NOTHING };
                let words = text::progress(done, opened.stored.layers.len(), opened.stored.labels.len());
                self.job.counts = Some((done as f64 / total.max(1) as f64, words));
                return Change::STATUS;
            }
            Report::Measured(measured) => return self.measured(*measured),
            Report::Begun(opened) => return self.open(*opened),
            Report::Glance(glance) => return self.glance(*glance),
            Report::Trained => {
                self.job.end(Stage::Measured, "Trained and measured here, in your browser.");
                return Change::STATUS | Change::TRAINING;
            }
            Report::Stopped => {
                self.job.end(Stage::Measured, "Stopped: the figures are those of the network as it was then.");
                self.retitle("stopped");
                return Change::STATUS | Change::STUDY | Change::TRAINING;
            }
            Report::Cancelled => {
                let line = "Cancelled: the figures are those in the file; neighbours are not known.";
                self.job.end(Stage::Cancelled, line);
                self.job.offers_measurement = true;
                return Change::STATUS;
            }
            Report::Failed(problem) => return self.failed(&problem),
        }
        Change::NOTHING
    }

    fn measured(&mut self, MeasuredHere { measured, place, failure, seconds }: MeasuredHere) -> Change {
        let Some(opened) = &mut self.opened else { return Change::NOTHING };
        let line = format!("Computed {place}, in {seconds:.1} s. {}", compare(&opened.stored, &measured));
        let figures = if opened.take(measured) { Change::FIGURES } else { Change::NEIGHBORS };
        self.job.end(Stage::Measured, &line);
        self.job.device = place;
        self.put_on_desk();
        let failed = failure.map_or(Change::NOTHING, |problem| {
            self.alert(&format!("The GPU failed; the CPU went on. The results are the same. ({problem})"))
        });
        figures | failed | Change::STATUS
    }

    fn glance(&mut self, glance: Glance) -> Change {
        let Some(opened) = &mut self.opened else { return Change::NOTHING };
        self.job.glance(glance.waits);
        self.training.steps = Some((glance.step, glance.steps, glance.loss));
        self.training.learned.clone_from(&glance.learned);
        if glance.failure.is_some() {
            self.job.device = "on the CPU, since the GPU failed, in a worker".into();
        }
        let figures = if opened.train(glance) { Change::FIGURES } else { Change::NEIGHBORS };
        self.put_on_desk();
        figures | Change::TRAINING
    }

    /// Says in the title of a network that was trained here that its training ended early.
    fn retitle(&mut self, how: &str) {
        let Some((step, steps, _)) = self.training.steps.filter(|(step, steps, _)| step < steps) else { return };
        let Some(opened) = self.opened.as_mut().filter(|opened| opened.origin.is_some()) else { return };
        let title = format!("{}, {how} at step {} of {}", opened.stored.title, text::count(step), text::count(steps));
        opened.stored = Rc::new(Study { title: title.clone(), ..Study::clone(&opened.stored) });
        opened.shown.title = title;
    }

    fn failed(&mut self, problem: &str) -> Change {
        if self.job.trains() {
            self.job.end(Stage::Failed, "");
            self.training.problem = format!("The training ended: {problem}");
            self.retitle("failed");
            let words = self.training.problem.clone();
            return self.alert(&words) | Change::STATUS | Change::STUDY | Change::TRAINING;
        }
        let name = self.opened.as_ref().map(|opened| opened.name.as_str()).unwrap_or_default();
        let words = format!("{name}: {problem}");
        self.job.end(Stage::Failed, "Not measured here: the figures are those in the file.");
        self.job.offers_measurement = true;
        self.alert(&words) | Change::STATUS
    }
}

/// Compares this measurement with that of the file, as text.
fn compare(study: &Study, measured: &Measured) -> String {
    let (here, there) = (measured.depth.depths(), study.measured.depths());
    let differ = here.iter().zip(&there).filter(|(here, there)| here != there).count();
    match differ {
        0 => "Every depth equals the one in the file.".into(),
        _ => format!("{} of {} depths differ from those in the file.", text::count(differ), text::count(here.len())),
    }
}
