//! The state of the page.

use std::rc::Rc;

use prediction_depth::data::Images;
use prediction_depth::study::Study;

use super::action::{Accuracy, ProbedImage, UrlEdits};
use super::change::Change;
use super::desk::Shown;
use super::edit::Edits;
use super::job::Job;
use super::opened::Opened;
use super::probe_image::ProbeImage;
use super::selection::Selection;
use super::tools::Tool;
use super::view::View;

/// The state of the page. Methods that change it return the change.
#[derive(Default)]
pub struct State {
    /// The open study; `None` until the first is open.
    pub opened: Option<Opened>,
    /// The current view.
    pub view: View,
    /// The kind of accuracies shown.
    pub accuracy: Accuracy,
    /// The current or most recent measurement or training.
    pub job: Job,
    /// The latest error message; empty without an error.
    pub alert: String,
    /// The training of the user's own network.
    pub training: Training,
    /// Data that were read for a training, with their name, until a study is shown.
    pub offered: Option<(String, Rc<Study>)>,
    /// What to know about the user's own data, a sentence each.
    pub told: Vec<String>,
}

/// The state of the training of the user's own network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Training {
    /// Classes to choose from: those of the study whose examples would be used.
    pub classes: Vec<String>,
    /// Steps so far, steps in total, and the mean loss; `None` before a training.
    pub steps: Option<(usize, usize, Option<f64>)>,
    /// Why the latest training failed; empty if it did not.
    pub problem: String,
    /// The step since which the network's class of each example is the current one, `[examples]`.
    pub learned: Vec<u32>,
}

impl State {
    /// Changes the view.
    pub fn look(&mut self, view: View) -> Change {
        let change = self.view.change(&view);
        self.view = view;
        if change.touches(Change::EXAMPLE) {
            self.put_on_desk();
        }
        change
    }

    /// Applies the view of a URL, without the parts that the study lacks.
    pub fn follow(&mut self, view: View) -> Change {
        let view = self.opened.as_ref().map_or(view, |opened| view.filled(&opened.shown));
        self.look(view)
    }

    /// Changes the kind of accuracies.
    pub fn show_accuracy(&mut self, accuracy: Accuracy) -> Change {
        self.accuracy = accuracy;
        Change::ACCURACY
    }

    /// Shows an error message; an empty text removes it.
    pub fn alert(&mut self, words: &str) -> Change {
        self.alert = words.into();
        Change::ALERT
    }

    /// Shows why nothing can be opened; the open study stays.
    pub fn fail_to_open(&mut self, words: &str) -> Change {
        if self.opened.is_some() {
            return self.alert(words);
        }
        self.job.line.clear();
        self.alert(words) | Change::STATUS | Change::STUDY
    }

    /// Displays a study instead of the current one. Always selects an example, so that its details are shown.
    pub fn open(&mut self, mut opened: Opened) -> Change {
        opened.origin_of_url = self
            .opened
            .as_ref()
            .filter(|_| opened.origin.is_some())
            .is_some_and(|before| if before.origin.is_some() { before.origin_of_url } else { before.of_url });
        if self.opened.is_some() {
            // Selection and example of the previous study have no meaning in this one.
            self.view = View { picked: Selection::default(), example: None, ..self.view };
        }
        self.view = self.view.filled(&opened.shown);
        self.offered = None;
        let classes = if opened.origin.is_some() {
            self.training = Training { classes: std::mem::take(&mut self.training.classes), ..Training::default() };
            Change::NOTHING // keeps the chosen classes
        } else {
            self.told.clear();
            self.offer_classes(&opened.stored)
        };
        self.opened = Some(opened);
        self.put_on_desk();
        Change::STUDY | Change::TRAINING | classes
    }

    /// Offers these examples for a training, and keeps what was told while reading them. The open study stays until the
    /// training has begun.
    pub fn offer(&mut self, study: Rc<Study>, told: Vec<String>) -> Change {
        let change = self.offer_classes(&study);
        self.told = told;
        self.offered = Some((study.title.clone(), study));
        change
    }

    /// Returns the study whose examples a new training uses, with its name: that of the offered classes.
    pub fn examples(&self) -> Option<(String, Rc<Study>)> {
        self.offered.clone().or_else(|| self.opened.as_ref().map(Opened::examples))
    }

    fn offer_classes(&mut self, study: &Study) -> Change {
        self.training = Training { classes: study.classes.clone(), ..Training::default() };
        Change::CLASSES | Change::TRAINING
    }

    pub(super) fn put_on_desk(&mut self) {
        if let (Some(opened), Some(example)) = (&mut self.opened, self.view.example) {
            opened.put_on_desk(example);
        }
    }

    /// Applies a tool of the editor, if the image can be edited.
    pub fn edit(&mut self, tool: Tool) -> Change {
        let Some(opened) = &mut self.opened else { return Change::NOTHING };
        if matches!(tool, Tool::Other(other) if other >= opened.shown.labels.len()) {
            return Change::NOTHING; // an incomplete number may name no example
        }
        let Some(shape) = opened.shown.images().map(Images::shape) else { return Change::NOTHING };
        opened.desk.apply(tool, shape)
    }

    /// Applies the edits of the URL to the current example; without edits, removes all.
    pub fn load_edits(&mut self, edits: UrlEdits) -> Change {
        let Some(opened) = self.opened.as_mut().filter(|opened| opened.probe.is_ok()) else { return Change::NOTHING };
        let (edits, other): (Edits, _) = edits.unwrap_or_default();
        opened.desk.load(edits, other.filter(|&other| other < opened.shown.labels.len()))
    }

    /// Returns the edits in the URL's format.
    pub fn edits_in_url(&self) -> Option<String> {
        self.opened.as_ref().and_then(|opened| opened.desk.to_url(self.view.example))
    }

    /// Returns the measurement to make for the edited image: network and support, example, and image; `None` without an
    /// editor. The image is `None` without edits.
    pub fn edited_image(&self) -> Option<(Rc<ProbeImage>, usize, Option<Vec<u8>>)> {
        let opened = self.opened.as_ref()?;
        let (probe, example) = (opened.probe.as_ref().ok()?, opened.desk.example?);
        let image = opened.desk.image(&opened.shown);
        let differs = image != opened.shown.images()?.image(example);
        Some((probe.clone(), example, differs.then_some(image)))
    }

    /// Shows the measurement of an edited image, unless it is outdated.
    pub fn probed(&mut self, ProbedImage { by, example, probed, .. }: ProbedImage) -> Change {
        let opened = self.opened.as_mut();
        let current = |opened: &&mut Opened| opened.probe.as_ref().is_ok_and(|probe| Rc::ptr_eq(probe, &by));
        let Some(opened) = opened.filter(current).filter(|opened| opened.desk.example == Some(example)) else {
            return Change::NOTHING;
        };
        match probed {
            Ok(found) => {
                opened.desk.shown = found.map(|(image, probed)| Shown { image, probed, ms: 0.0 });
                Change::EDITED
            }
            Err(error) => self.alert(&format!("The edited image cannot be measured: {error}")),
        }
    }

    /// Notes the milliseconds from the edit until the page showed it.
    pub fn note_time(&mut self, ms: f64) {
        if let Some(shown) = self.opened.as_mut().and_then(|opened| opened.desk.shown.as_mut()) {
            shown.ms = ms;
        }
    }
}
