//! The whole state of the page.

use std::rc::Rc;

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

/// What the page shows. Every method that changes it returns what changed.
#[derive(Default)]
pub struct State {
    /// None until the first study is open.
    pub opened: Option<Opened>,
    /// What is looked at.
    pub view: View,
    /// Which accuracies are shown.
    pub accuracy: Accuracy,
    /// The measurement or training that runs, or ran last.
    pub job: Job,
    /// What went wrong last; empty where nothing did.
    pub alert: String,
    /// The training of the reader's own network.
    pub training: Training,
}

/// How the training of the reader's own network stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Training {
    /// The classes to choose from: those of the study on whose examples a network would be trained.
    pub classes: Vec<String>,
    /// Steps that were taken, all there will be, and the mean loss; none before a training.
    pub steps: Option<(usize, usize, Option<f64>)>,
    /// Since which step the network says of each example what it says now, `[examples]`.
    pub learned: Vec<u32>,
}

impl State {
    /// Looks at something else.
    pub fn look(&mut self, view: View) -> Change {
        let change = self.view.change(&view);
        self.view = view;
        if change.touches(Change::EXAMPLE) {
            self.put_on_desk();
        }
        change
    }

    /// Looks at what an address says, as far as the study has it.
    pub fn follow(&mut self, view: View) -> Change {
        let view = self.opened.as_ref().map_or(view, |opened| view.filled(&opened.shown));
        self.look(view)
    }

    /// Shows other accuracies.
    pub fn show_accuracy(&mut self, accuracy: Accuracy) -> Change {
        self.accuracy = accuracy;
        Change::ACCURACY
    }

    /// Says what went wrong; an empty text takes it back.
    pub fn alert(&mut self, words: &str) -> Change {
        self.alert = words.into();
        Change::ALERT
    }

    /// Says why nothing can be opened; the study that is open stays.
    pub fn fail_to_open(&mut self, words: &str) -> Change {
        if self.opened.is_some() {
            return self.alert(words);
        }
        self.job.line.clear();
        self.alert(words) | Change::STATUS | Change::STUDY
    }

    /// Shows a study instead of the one before. An example is always selected, so that there is something to read.
    pub fn open(&mut self, opened: Opened) -> Change {
        if self.opened.is_some() {
            // A selection or an example of the study before would mean nothing in this one.
            self.view = View { picked: Selection::default(), example: None, ..self.view };
        }
        self.view = self.view.filled(&opened.shown);
        let classes = if opened.origin.is_some() {
            self.training = Training { classes: std::mem::take(&mut self.training.classes), ..Training::default() };
            Change::NOTHING // the choice stands
        } else {
            self.offer_classes(&opened.stored)
        };
        self.opened = Some(opened);
        self.put_on_desk();
        Change::STUDY | Change::TRAINING | classes
    }

    /// Offers the classes of this study to a training that has not begun.
    pub fn offer_classes(&mut self, study: &Study) -> Change {
        self.training = Training { classes: study.classes.clone(), ..Training::default() };
        Change::CLASSES | Change::TRAINING
    }

    pub(super) fn put_on_desk(&mut self) {
        if let (Some(opened), Some(example)) = (&mut self.opened, self.view.example) {
            opened.put_on_desk(example);
        }
    }

    /// Uses a tool of the editor, where an image can be edited.
    pub fn edit(&mut self, tool: Tool) -> Change {
        let Some(opened) = &mut self.opened else { return Change::NOTHING };
        if matches!(tool, Tool::Other(other) if other >= opened.shown.labels.len()) {
            return Change::NOTHING; // a number that is being typed may name no example yet
        }
        opened.desk.apply(tool, opened.shown.images.shape())
    }

    /// Edits the example that is looked at as an address says; without edits it takes all back.
    pub fn load_edits(&mut self, edits: UrlEdits) -> Change {
        let Some(opened) = self.opened.as_mut().filter(|opened| opened.probe.is_ok()) else { return Change::NOTHING };
        let (edits, other): (Edits, _) = edits.unwrap_or_default();
        opened.desk.load(edits, other.filter(|&other| other < opened.shown.labels.len()))
    }

    /// The edits as the address should say them.
    pub fn edits_in_url(&self) -> Option<String> {
        self.opened.as_ref().and_then(|opened| opened.desk.to_url(self.view.example))
    }

    /// What is to be measured of the image as it is edited now: by what, which example, and the image; none where there
    /// is no editor. The image is none where it is the example as it is.
    pub fn edited_image(&self) -> Option<(Rc<ProbeImage>, usize, Option<Vec<u8>>)> {
        let opened = self.opened.as_ref()?;
        let (probe, example) = (opened.probe.as_ref().ok()?, opened.desk.example?);
        let image = opened.desk.image(&opened.shown);
        let differs = image != opened.shown.images.image(example);
        Some((probe.clone(), example, differs.then_some(image)))
    }

    /// Takes over what is known of an edited image, unless it comes too late.
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

    /// Notes how many milliseconds it took from the edit to the page.
    pub fn note_time(&mut self, ms: f64) {
        if let Some(shown) = self.opened.as_mut().and_then(|opened| opened.desk.shown.as_mut()) {
            shown.ms = ms;
        }
    }
}
