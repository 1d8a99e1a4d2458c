//! Measures a sample of an experiment's examples.

use super::Experiment;
use crate::class::Class;
use crate::data::{Split, stratified};
use crate::depth::PredictionDepth;
use crate::error::Result;
use crate::measurement::{Chosen, Probing, measure_some};
use crate::representations::Representations;
use crate::search::{NeighborSearch, Progress};

/// Some examples of one split of an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub(crate) split: Split,
    /// Examples, in data set order.
    pub(crate) examples: Vec<usize>,
    /// Their rows among the examples of the split.
    rows: Vec<u32>,
    /// Number of examples of the split.
    of: usize,
}

impl Sample {
    /// Returns the split.
    pub fn split(&self) -> Split {
        self.split
    }

    /// Returns the examples, in data set order.
    pub fn examples(&self) -> &[usize] {
        &self.examples
    }

    /// Returns the number of examples of the whole split.
    pub fn of(&self) -> usize {
        self.of
    }

    /// Returns whether the sample is the whole split.
    pub fn is_whole(&self) -> bool {
        self.examples.len() == self.of
    }
}

impl Experiment {
    /// Returns `count` examples of each of these splits, drawn by `seed` so that every class of the data set keeps its
    /// share; the whole split without `count`, or if it has no more. The training split comes first; if it is not asked
    /// for, its sample is empty. Other splits that are not asked for, or have no examples, are left out.
    pub fn samples(&self, splits: &[Split], count: Option<usize>, seed: u64) -> Vec<Sample> {
        let sample = |split: Split| {
            let all = self.examples(split);
            let labels: Vec<Class> = all.iter().map(|&example| self.dataset.labels[example]).collect();
            let count = if splits.contains(&split) { count.unwrap_or(all.len()) } else { 0 };
            let rows = stratified(&labels, self.dataset.classes.len(), count, seed);
            let examples = rows.iter().map(|&row| all[row]).collect();
            Sample { split, examples, rows: rows.into_iter().map(|row| row as u32).collect(), of: all.len() }
        };
        let wanted = |sample: &Sample| sample.split == Split::Train || !sample.examples.is_empty();
        Split::ALL.into_iter().map(sample).filter(wanted).collect()
    }

    /// Measures the samples of [`samples`](Self::samples) against the whole training split: the same probes as
    /// [`Experiment::measure`] for these examples. `source` returns the representations of a whole split. `earlier` is a
    /// result for the same samples and other weights: the probe of the input is taken from it.
    ///
    /// Returns the samples in order, each `[examples]`. `progress` counts queries over all layers.
    ///
    /// # Errors
    /// Those of `source` and of [`measure_some`].
    pub async fn measure_some<R: Representations>(
        &self,
        source: impl Fn(&[usize]) -> Result<R>,
        samples: &[Sample],
        probing: Probing,
        earlier: Option<&[PredictionDepth]>,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Vec<PredictionDepth>> {
        let mut sources = Vec::new();
        for sample in samples {
            progress.step(0, samples.len()).await?;
            sources.push(source(&self.examples(sample.split))?);
        }
        let chosen = samples.iter().zip(&sources).map(|(sample, source)| Chosen { source, rows: &sample.rows });
        let labels = self.given(&self.examples(Split::Train));
        measure_some(&chosen.collect::<Vec<_>>(), &labels, probing, earlier, search, progress).await
    }
}
