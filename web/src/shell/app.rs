//! The app, which alone changes the state: it applies actions, draws the changes, and starts and stops jobs.

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use prediction_depth::study::Study;
use wasm_bindgen_futures::spawn_local;

use super::address::Trail;
use super::editing::{self, Editing};
use super::job::Job;
use super::sender::Sender;
use super::views::Views;
use super::{address, host, measuring, opening, saving, training, url_params};
use crate::dom::now;
use crate::state::action::{Action, ProbedImage, Report, Step};
use crate::state::change::Change;
use crate::state::derived::Derived;
use crate::state::glance::Pace;
use crate::state::opened::Opened;
use crate::state::page::State;
use crate::state::tools::Tool;
use crate::state::training::TrainingPlan;
use crate::view;

/// The page.
pub struct App {
    state: RefCell<State>,
    derived: RefCell<Derived>,
    views: Views,
    trail: Rc<Trail>,
    editing: Editing,
    /// The current or most recent job.
    job: RefCell<Rc<Job>>,
    sender: Sender,
}

impl App {
    /// Creates the app with the view of the URL; no study is open yet.
    pub fn new() -> Rc<Self> {
        let sender = Sender::default();
        let app = Rc::new(Self {
            state: RefCell::new(State { view: address::view(), ..State::default() }),
            derived: RefCell::default(),
            views: Views::default(),
            trail: Rc::default(),
            editing: Editing::default(),
            job: RefCell::new(Rc::new(Job::new(0, &sender))),
            sender,
        });
        let applied = app.clone();
        app.sender.connect(move |action| applied.apply(action));
        address::start(&app.trail, &app.sender);
        app
    }

    /// Returns the sender of actions.
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Returns the state, for reading.
    pub fn state(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    /// Returns the values derived from the state, for reading.
    pub fn derived(&self) -> Ref<'_, Derived> {
        self.derived.borrow()
    }

    /// Returns the views, for scrolling and focus.
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// Returns whether the page shows the result of the latest edit.
    pub fn is_settled(&self) -> bool {
        self.editing.is_settled()
    }

    /// Changes the state, computes derived values, and draws the changes.
    fn change(&self, change: impl FnOnce(&mut State) -> Change) -> Change {
        let change = change(&mut self.state.borrow_mut());
        let (state, mut derived) = (self.state.borrow(), self.derived.borrow_mut());
        if let Some(opened) = &state.opened {
            derived.update(opened, state.view, change);
        }
        drop(derived);
        self.views.draw(&state, &self.derived.borrow(), change);
        if change.touches(Change::EDITS) {
            self.editing.request(&self.sender);
        }
        change
    }

    fn apply(&self, action: Action) {
        match action {
            Action::Look(view, step) => {
                if self.change(|state| state.look(view)) != Change::NOTHING {
                    self.trail.remember(&self.state(), step);
                    host::selected(&self.state(), &self.derived());
                }
            }
            Action::Follow(file, view, edits) => {
                let open = self.state().opened.as_ref().and_then(Opened::name_in_url).map(str::to_owned);
                if open != file {
                    return self.trail.remember(&self.state(), Step::Same); // a step to the study before
                }
                self.change(|state| state.follow(view));
                host::selected(&self.state(), &self.derived());
                self.change(|state| state.load_edits(edits));
            }
            Action::Accuracy(accuracy) => drop(self.change(|state| state.show_accuracy(accuracy))),
            Action::Resize => drop(self.change(|_| Change::WIDTH)),
            Action::Save(what) => {
                if let Some(opened) = &self.state().opened {
                    saving::save(opened, &self.derived(), &what, &self.sender);
                }
            }
            Action::Alert(words) => drop(self.change(|state| state.alert(&words))),
            Action::Edit(tool) => self.edit(tool),
            Action::LoadEdits(edits) => drop(self.change(|state| state.load_edits(edits))),
            Action::Frame => self.begin_frame(),
            Action::Probed(image) => self.end_frame(image),
            Action::ReadOut => {
                self.trail.remember(&self.state(), Step::New);
                view::inspector::read_out(&self.state(), &self.derived());
            }
            Action::Open(file) => {
                let first = self.state().opened.is_none();
                spawn_local(opening::open(self.sender.clone(), file, first));
            }
            Action::OpenFailed(words) => drop(self.change(|state| state.fail_to_open(&words))),
            Action::Show(opened) => {
                let other = self.state().opened.is_some();
                self.change(|state| state.open(*opened));
                if other {
                    self.trail.remember(&self.state(), Step::Same);
                }
                host::opened(&self.state());
            }
            Action::Measure => self.measure(),
            Action::Train(plan) => {
                let origin = self.state().examples();
                origin.into_iter().for_each(|origin| self.train(origin, plan.clone()));
            }
            Action::TrainOn(study, told) => {
                self.change(|state| state.offer(study, told));
                let origin = self.state().examples();
                origin.into_iter().for_each(|origin| self.train(origin, view::training::plan_for_own_data()));
            }
            Action::Back => self.go_back(),
            Action::Stop => self.job.borrow().cancel(),
            Action::Pace(pace) => self.pace(pace),
            Action::Seen(visible) => {
                let pace = self.state.borrow_mut().job.seen(visible);
                pace.into_iter().for_each(|pace| self.pace(pace));
            }
            Action::Report(id, report) => self.report(id, report),
        }
    }

    fn edit(&self, tool: Tool) {
        let toggled = matches!(tool, Tool::Toggle);
        self.change(|state| state.edit(tool));
        let state = self.state();
        let opened = state.opened.as_ref().filter(|opened| toggled && opened.desk.open);
        opened.and_then(|opened| opened.probe.clone().ok()).into_iter().for_each(editing::prepare);
    }

    fn begin_frame(&self) {
        let state = self.state();
        state.opened.as_ref().into_iter().for_each(view::inspector::paint);
        self.editing.begin(&self.sender, state.edited_image());
    }

    fn end_frame(&self, image: ProbedImage) {
        let started = image.started;
        if self.change(|state| state.probed(image)).touches(Change::EDITED) {
            self.state.borrow_mut().note_time(now() - started);
            self.editing.read_out(&self.sender);
        }
        self.editing.end(&self.sender);
    }

    /// Starts another job, which replaces the current one.
    fn begin(&self) -> Rc<Job> {
        let job = Rc::new(Job::new(self.state().job.id, &self.sender));
        self.job.replace(job.clone()).cancel();
        job
    }

    fn measure(&self) {
        let mut study = None;
        let change = self.change(|state| {
            let (change, found) = state.measure();
            study = found;
            change
        });
        if change == Change::NOTHING {
            return; // nothing is open
        }
        let job = self.begin();
        match study {
            Some(study) => spawn_local(measuring::measure(job, study, url_params::device())),
            None => host::ended(),
        }
    }

    fn train(&self, origin: (String, Rc<Study>), plan: TrainingPlan) {
        self.change(State::train);
        spawn_local(training::train(self.begin(), origin, plan, url_params::device()));
    }

    fn go_back(&self) {
        let before = |opened: &Opened| Some((opened.before()?.clone(), opened.origin_of_url));
        let before = self.state().opened.as_ref().and_then(before);
        if let Some(((name, study), of_url)) = before {
            self.job.borrow().cancel();
            self.apply(Action::Show(Box::new(Opened { of_url, ..Opened::new(&name, Study::clone(&study)) })));
            self.measure();
        }
    }

    fn pace(&self, pace: Pace) {
        if self.state().job.trains() {
            self.job.borrow().tell(pace);
            self.change(|state| state.pace(pace));
        }
    }

    fn report(&self, id: u32, report: Report) {
        if id != self.state().job.id {
            return; // another job has replaced it
        }
        let begun = matches!(report, Report::Begun(_));
        let trained = matches!(report, Report::Trained | Report::Stopped);
        let over = !matches!(report, Report::Device(_) | Report::Counts { .. } | Report::Begun(_) | Report::Glance(_));
        self.change(|state| state.report(report));
        if begun {
            // Only now does the worker surely listen: an earlier pace may be lost.
            let pace = self.state().job.pace();
            pace.into_iter().for_each(|pace| self.job.borrow().tell(pace));
            self.trail.remember(&self.state(), Step::Same);
            host::opened(&self.state());
        }
        if trained {
            host::trained(&self.state(), &self.derived());
        }
        if over {
            self.job.borrow().dismiss();
            host::ended();
        }
    }
}
