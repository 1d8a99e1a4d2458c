//! The study that is open.

use std::rc::Rc;

use prediction_depth::depth::PredictionDepth;
use prediction_depth::study::Study;

use super::desk::Desk;
use super::glance::Glance;
use super::measured::{Measured, layer_bytes};
use super::probe_image::ProbeImage;

/// Bytes of files that are read, and of layers that are held, at most: a tab holds little more.
pub const MOST_BYTES: f64 = 1e9;

/// A study, and what the page found out about it.
pub struct Opened {
    /// The file's name.
    pub name: String,
    /// As it came, or as the training in this page made it.
    pub stored: Rc<Study>,
    /// The study on whose examples it was trained here, with its name.
    pub origin: Option<(String, Rc<Study>)>,
    /// What the figures show: first what the file says, then what was measured here.
    pub shown: Study,
    /// The bytes of each of its layers, `[layers]`; none where its network cannot be asked.
    pub layer_bytes: Vec<f64>,
    /// Once it is measured.
    pub measured: Option<Measured>,
    /// What measures edited images, or in words why nothing does.
    pub probe: Result<Rc<ProbeImage>, String>,
    /// The editor's desk.
    pub desk: Desk,
}

impl Opened {
    /// A study of this name, as its file has it.
    pub fn new(name: &str, study: Study) -> Self {
        let shown = Study { representations: Vec::new(), ..study.clone() };
        let stored = Rc::new(study);
        let layer_bytes = layer_bytes(&stored).unwrap_or_default();
        Self {
            name: name.into(),
            origin: None,
            shown,
            probe: probe(&stored, &layer_bytes),
            layer_bytes,
            measured: None,
            desk: Desk::default(),
            stored,
        }
    }

    /// The examples on which a network would be trained: those of this study, or of the one on whose examples this was.
    pub fn examples(&self) -> (String, Rc<Study>) {
        self.origin.clone().unwrap_or_else(|| (self.name.clone(), self.stored.clone()))
    }

    /// The study to go back to, where this one was trained here; none where there was only data before.
    pub fn before(&self) -> Option<&(String, Rc<Study>)> {
        self.origin.as_ref().filter(|(_, study)| !study.layers.is_empty())
    }

    /// The bytes of the widest layer, which whoever measures it must hold; 0 where the study carries its
    /// representations.
    pub fn widest(&self) -> f64 {
        let bytes = if self.stored.representations.is_empty() { &self.layer_bytes[..] } else { &[] };
        bytes.iter().copied().fold(0.0, f64::max)
    }

    /// Shows a measurement instead of what the file says; whether a figure changes by that.
    pub fn take(&mut self, measured: Measured) -> bool {
        let differs = measured.depth != self.shown.measured;
        if differs {
            self.shown.measured = PredictionDepth::clone(&measured.depth);
            self.shown.output_margins.clone_from(&measured.output_margins);
        }
        self.measured = Some(measured);
        differs
    }

    /// Takes over how the training of its network stands; whether a figure changes by that. Edits were of the network
    /// before: none are left.
    pub fn train(&mut self, glance: Glance) -> bool {
        let Glance { weights, measured, .. } = glance;
        let stored = Study::clone(&self.stored);
        let (depth, output_margins) = (measured.depth.clone(), measured.output_margins.clone());
        self.stored = Rc::new(Study { weights, measured: depth, output_margins, ..stored });
        self.probe = probe(&self.stored, &self.layer_bytes);
        self.desk = Desk::default();
        self.take(measured)
    }

    /// Puts an example onto the desk; its nearest neighbour at the input, if that is known, is the one to blend in.
    pub fn put_on_desk(&mut self, example: usize) {
        let nearest = self.measured.as_ref().and_then(|measured| measured.voters.of(0, example).first().copied());
        let other = nearest.map_or((example + 1) % self.shown.labels.len(), |voter| voter.example);
        self.desk.put(example, other, self.shown.images.shape());
    }
}

fn probe(study: &Rc<Study>, layer_bytes: &[f64]) -> Result<Rc<ProbeImage>, String> {
    match layer_bytes.iter().sum::<f64>() {
        size if size > MOST_BYTES => Err(format!("layers of {:.1} GB are more than a tab can hold", size / 1e9)),
        _ => ProbeImage::new(study)
            .map(Rc::new)
            .map_err(|error| format!("this study does not hold its network ({error})")),
    }
}
