//! The study that is open.

use std::rc::Rc;

use prediction_depth::Error;
use prediction_depth::checkpoints::SplitOverTraining;
use prediction_depth::data::Images;
use prediction_depth::depth::PredictionDepth;
use prediction_depth::study::Study;

use super::desk::Desk;
use super::glance::Glance;
use super::measured::{Measured, layer_bytes};
use super::probe_image::ProbeImage;

/// Maximum bytes of files and of layers in memory: a tab holds little more.
pub const MOST_BYTES: f64 = 1e9;

/// A study, and the results of the page for it.
pub struct Opened {
    /// Name of the file.
    pub name: String,
    /// Whether the page's URL leads to this study: it was not opened from a disk, nor trained here.
    pub of_url: bool,
    /// The study of the file, or of a training in this page.
    pub stored: Rc<Study>,
    /// The study whose examples were used for a training in this page, with its name.
    pub origin: Option<(String, Rc<Study>)>,
    /// Whether the page's URL leads to that study.
    pub origin_of_url: bool,
    /// The displayed study: first that of the file, then with the measurement of this page.
    pub shown: Study,
    /// Bytes of each layer, `[layers]`; empty without a usable network.
    pub layer_bytes: Vec<f64>,
    /// The measurement of this page, once it is done.
    pub measured: Option<Measured>,
    /// Measures edited images; or a text that explains why that is impossible.
    pub probe: Result<Rc<ProbeImage>, String>,
    /// State of the editor.
    pub desk: Desk,
    /// Depths at the checkpoints of its run, for each split that was measured there; empty if unknown.
    pub over_training: Vec<SplitOverTraining>,
}

impl Opened {
    /// Opens a study of this name, without a measurement.
    pub fn new(name: &str, study: Study) -> Self {
        let shown = Study { representations: Vec::new(), ..study.clone() };
        let stored = Rc::new(study);
        let layer_bytes = layer_bytes(&stored).unwrap_or_default();
        Self {
            name: name.into(),
            of_url: false,
            origin: None,
            origin_of_url: false,
            shown,
            probe: probe(&stored, &layer_bytes),
            layer_bytes,
            measured: None,
            desk: Desk::default(),
            over_training: Vec::new(),
            stored,
        }
    }

    /// Returns the name that the URL gives to this study; `None` if the URL leads to it.
    pub fn name_in_url(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|_| !self.of_url)
    }

    /// Returns the study for a new training: this one, or the one whose examples this one was trained on.
    pub fn examples(&self) -> (String, Rc<Study>) {
        self.origin.clone().unwrap_or_else(|| (self.name.clone(), self.stored.clone()))
    }

    /// Returns the study that was open before a training in this page; `None` if there was only data.
    pub fn before(&self) -> Option<&(String, Rc<Study>)> {
        self.origin.as_ref().filter(|(_, study)| !study.layers.is_empty())
    }

    /// Returns the bytes of the largest layer, which a measurement needs; 0 if the study contains its representations.
    pub fn widest(&self) -> f64 {
        let bytes = if self.stored.representations.is_empty() { &self.layer_bytes[..] } else { &[] };
        bytes.iter().copied().fold(0.0, f64::max)
    }

    /// Returns whether the page can measure the study: it holds its network, or its representations.
    pub fn can_be_measured(&self) -> bool {
        self.stored.architecture.is_some() || !self.stored.representations.is_empty()
    }

    /// Displays a measurement; returns whether a figure changes.
    pub fn take(&mut self, measured: Measured) -> bool {
        let differs = measured.depth != self.shown.measured;
        if differs {
            self.shown.measured = PredictionDepth::clone(&measured.depth);
            self.shown.output_margins.clone_from(&measured.output_margins);
        }
        self.measured = Some(measured);
        differs
    }

    /// Applies the state of a training; returns whether a figure changes. Removes the edits, which belong to the
    /// network before.
    pub fn train(&mut self, glance: Glance) -> bool {
        let Glance { weights, measured, .. } = glance;
        let stored = Study::clone(&self.stored);
        let (depth, output_margins) = (measured.depth.clone(), measured.output_margins.clone());
        self.stored = Rc::new(Study { weights, measured: depth, output_margins, ..stored });
        self.probe = probe(&self.stored, &self.layer_bytes);
        self.desk = Desk::default();
        self.take(measured)
    }

    /// Starts to edit an example; its nearest neighbour at the input, if known, is the one to blend with.
    pub fn put_on_desk(&mut self, example: usize) {
        let nearest = self.measured.as_ref().and_then(|measured| measured.voters.of(0, example).first().copied());
        let other = nearest.map_or((example + 1) % self.shown.labels.len(), |voter| voter.example);
        self.desk.put(example, other, self.shown.images().map_or([1; 3], Images::shape));
    }
}

fn probe(study: &Rc<Study>, layer_bytes: &[f64]) -> Result<Rc<ProbeImage>, String> {
    match layer_bytes.iter().sum::<f64>() {
        size if size > MOST_BYTES => Err(format!("layers of {:.1} GB are more than a tab can hold", size / 1e9)),
        _ => ProbeImage::new(study).map(Rc::new).map_err(|error| match error {
            Error::NoNetwork => "the network is not in the study: its layers were recorded elsewhere".into(),
            error => format!("this study does not hold its network ({error})"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use prediction_depth::UNLABELED;
    use prediction_depth::data::{Inputs, Split};
    use prediction_depth::depth::Distances;
    use prediction_depth::study::{ProbeSource, StudyExamples};

    use super::*;
    use crate::state::change::Change;
    use crate::state::derived::Derived;
    use crate::state::probe_image::Probed;
    use crate::state::selection::Selection;
    use crate::state::view::View;
    use crate::text;

    /// A study as `pdepth settle` writes it: two layers, two examples, distances instead of votes, and no labels.
    fn settled() -> Study {
        let examples = StudyExamples {
            title: "lens".into(),
            source: "made up".into(),
            classes: vec!["no".into(), "yes".into()],
            inputs: Inputs::Nothing,
            names: Vec::new(),
            labels: vec![UNLABELED; 2],
            splits: vec![Split::Test; 2],
            held_out: Vec::new(),
        };
        Study {
            layers: vec!["one".into(), "two".into()],
            probe_source: ProbeSource::Given,
            measured: PredictionDepth {
                probes: vec![vec![1, 1], vec![0, 0]],
                tied: vec![vec![false; 2]; 2],
                predictions: vec![1, 0],
                distances: Some(Distances { until: 0.5, values: vec![vec![0.1, 0.9], vec![0.2, 0.5]] }),
            },
            output_margins: vec![f32::NAN; 2],
            ..Study::unmeasured(examples)
        }
    }

    #[test]
    fn a_study_without_neighbors_and_labels_is_shown() {
        let read = Study::from_bytes(&settled().to_bytes().expect("a study")).expect("what was written");
        let opened = Opened::new("lens", read);
        assert!(!opened.can_be_measured() && opened.probe.is_err());
        let picked = Selection { class: Some(0), ..Selection::default() };
        let view = View { picked, ..View::default() }.filled(&opened.shown);
        assert_eq!((view.split, view.example), (Split::Test, Some(1)), "there is no training split");
        assert!(view.picked.is_all(), "no label is known that could be picked");
        let mut derived = Derived::default();
        derived.update(&opened, view, Change::STUDY);
        assert_eq!((&derived.depths[..], derived.columns.len()), (&[0, 1][..], 2));
        let summary = derived.summary(Split::Test).expect("test examples");
        assert!(summary.accuracy.is_none() && summary.tied_votes.is_none());
        for example in 0..2 {
            let probed = Probed::measured(&opened.shown, None, example);
            assert_eq!(probed.depth(), derived.depths[example], "by distances, not by classes");
            assert_eq!(probed.votes[1].distance, Some([0.2, 0.5][example]));
            assert!(!text::example(&opened.shown, &derived.depths, example).contains("labelled"));
        }
    }
}
