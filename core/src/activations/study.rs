//! From recorded activations to a study.

use super::mask::Mask;
use super::recordings::Recordings;
use super::scratch::Scratch;
use crate::data::Inputs;
use crate::error::{Error, Result};
use crate::experiment::{MeasureOptions, Measurement, measure_splits};
use crate::search::{NeighborSearch, Progress};
use crate::study::{Study, StudyExamples};

impl Recordings {
    /// Measures every example. A layer is read into memory if it fits into `bytes`, all splits together.
    ///
    /// # Errors
    /// [`Error::Activations`] for a value that is not finite, with its place; [`Error::BadK`]; those of the search and
    /// of `progress`.
    pub async fn measure(
        &self,
        options: MeasureOptions,
        bytes: u64,
        scratch: &dyn Scratch,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Measurement> {
        let (splits, labels, fits) = (self.splits(), self.labels(), self.fits(bytes));
        self.check_probing(&options.probing)?;
        let source = |examples: &[usize]| {
            let first = examples.first().ok_or_else(|| Error::Empty { what: "a split".into() })?;
            self.source(splits[*first], &fits, scratch)
        };
        measure_splits(&splits, &labels, source, options, None, search, progress).await
    }

    /// Returns the study of a measurement.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the measurement is of other examples.
    pub fn into_study(self, title: String, measurement: Measurement) -> Result<Study> {
        let pooling = self.pooling();
        measurement.complete(Study { pooling, ..Study::unmeasured(self.into_examples(title)?) })
    }

    /// Returns the mask of each split, and the examples of all splits.
    pub(super) fn into_masks_and_examples(mut self, title: String) -> Result<(Vec<Option<Mask>>, StudyExamples)> {
        let masks = self.recordings.iter_mut().map(|recording| recording.mask.take()).collect();
        Ok((masks, self.into_examples(title)?))
    }

    /// Returns the examples of all splits, without a measurement.
    pub(super) fn into_examples(self, title: String) -> Result<StudyExamples> {
        let (labels, splits, names) = (self.labels(), self.splits(), self.names());
        let source = self.recordings.iter().map(|recording| recording.place.as_str()).collect::<Vec<_>>().join(", ");
        let Self { recordings, held_out, classes, .. } = self;
        let shown: Vec<Inputs> = recordings.into_iter().map(|recording| recording.shown.inputs).collect();
        let inputs = Inputs::together(&shown)?;
        let source = format!("activations recorded elsewhere: {source}");
        let classes = classes.classes;
        Ok(StudyExamples { title, source, classes, inputs, names, labels, splits, held_out })
    }
}
