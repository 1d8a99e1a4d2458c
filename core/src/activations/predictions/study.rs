//! From depths to a study.

use super::LayerPredictions;
use crate::class::UNLABELED;
use crate::data::Split;
use crate::depth::PredictionDepth;
use crate::error::Result;
use crate::study::{ProbeSource, Study, StudyExamples};

impl LayerPredictions {
    /// Returns the study of these depths. All examples are of the split `test`, since no layer was fitted here.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the depths are of other examples or layers.
    pub fn into_study(self, title: String, depth: PredictionDepth) -> Result<Study> {
        let (count, output_margins) = (self.examples(), self.output_margins());
        let layers = self.layers.into_iter().map(|layer| layer.name).collect();
        let examples = StudyExamples {
            title,
            source: format!("predictions of layers, recorded elsewhere: {}", self.place),
            classes: self.classes,
            inputs: self.shown.inputs,
            names: self.ids.map(|ids| ids.texts).unwrap_or_default(),
            labels: self.labels.unwrap_or_else(|| vec![UNLABELED; count]),
            splits: vec![Split::Test; count],
            held_out: Vec::new(),
        };
        let probe_source = ProbeSource::Given;
        let study = Study { layers, probe_source, measured: depth, output_margins, ..Study::unmeasured(examples) };
        study.check()?;
        Ok(study)
    }
}
