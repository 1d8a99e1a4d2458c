//! The examples of a study, before anything is measured.

use crate::class::Class;
use crate::data::{Dataset, Inputs, Split};
use crate::error::Result;

/// Examples with their labels and splits; all lists have one entry for each example.
#[derive(Clone, Debug)]
pub struct StudyExamples {
    /// Title for display.
    pub title: String,
    /// Origin of the examples.
    pub source: String,
    /// Names of the classes, `[classes]`.
    pub classes: Vec<String>,
    /// What is shown of the examples.
    pub inputs: Inputs,
    /// The user's names of the examples, `[examples]`: file names or keys. Empty if there are none.
    pub names: Vec<String>,
    /// Labels, `[examples]`; all [`UNLABELED`](crate::UNLABELED) if they are not known.
    pub labels: Vec<Class>,
    /// Splits, `[examples]`.
    pub splits: Vec<Split>,
    /// Names of the user's own held-out splits, by the number of [`Split::HeldOut`].
    pub held_out: Vec<String>,
}

impl StudyExamples {
    /// Returns these examples, in this order.
    ///
    /// # Errors
    /// Those of [`Inputs::select`].
    ///
    /// # Panics
    /// If there is no such example.
    pub fn select(self, examples: &[usize]) -> Result<Self> {
        let names = if self.names.is_empty() { Vec::new() } else { select(&self.names, examples) };
        let (labels, splits) = (select(&self.labels, examples), select(&self.splits, examples));
        Ok(Self { inputs: self.inputs.select(examples)?, names, labels, splits, ..self })
    }
}

fn select<T: Clone>(values: &[T], examples: &[usize]) -> Vec<T> {
    examples.iter().map(|&example| values[example].clone()).collect()
}

impl From<Dataset> for StudyExamples {
    fn from(dataset: Dataset) -> Self {
        let Dataset { name, source, images, labels, training, validation, classes, names, .. } = dataset;
        let mut splits = vec![Split::Train; training];
        splits.resize(training + validation, Split::Validation);
        splits.resize(labels.len(), Split::Test);
        let (title, inputs) = (name, Inputs::Images(images));
        Self { title, source, classes, inputs, names, labels, splits, held_out: Vec::new() }
    }
}
