//! The splits that are measured: the training split and the held-out splits.

use super::probing::Probing;
use crate::class::Class;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result, same_length};
use crate::matrix::Rows;
use crate::probe::KnnProbe;
use crate::representations::Representations;
use crate::search::{Exclude, Progress, SubProgress};

pub(super) struct Splits<'a, R> {
    /// All splits, the training split first.
    all: Vec<&'a R>,
    /// Given labels of the training split.
    labels: &'a [Class],
    probing: Probing,
}

impl<'a, R: Representations> Splits<'a, R> {
    pub fn new(training: &'a R, labels: &'a [Class], held_out: &[&'a R], probing: Probing) -> Result<Self> {
        let all: Vec<&R> = [training].into_iter().chain(held_out.iter().copied()).collect();
        if let Some(empty) = all.iter().position(|split| split.predictions().is_empty()) {
            let what = if empty == 0 { "the training split".into() } else { format!("held-out split {empty}") };
            return Err(Error::Empty { what });
        }
        for split in held_out {
            same_length("layers of a held-out split", training.layers().len(), split.layers().len())?;
        }
        Ok(Self { all, labels, probing })
    }

    pub fn layers(&self) -> usize {
        self.all[0].layers().len()
    }

    /// Returns the number of examples of each split, `[splits]`.
    pub fn sizes(&self) -> Vec<usize> {
        self.all.iter().map(|split| split.predictions().len()).collect()
    }

    /// Returns the state before any probe, `[splits]`.
    pub fn unprobed(&self) -> Vec<PredictionDepth> {
        self.all.iter().map(|split| PredictionDepth::unprobed(split.predictions(), self.layers())).collect()
    }

    /// Frees the layers of a split that are kept in memory: no further layer is needed.
    pub fn finish(&self, split: usize) {
        self.all[split].finish();
    }

    pub fn layer(&self, split: usize, layer: usize) -> Result<impl Rows> {
        self.all[split].layer(layer)
    }

    /// Returns the probe of a layer; its support is the training split.
    pub fn probe(&self, layer: usize) -> Result<KnnProbe<'a, impl Rows>> {
        let Probing { k, ties, .. } = self.probing;
        Ok(KnnProbe { support: self.all[0].layer(layer)?, labels: self.labels, k, ties })
    }

    /// Returns the exclusions for the queries of the training split.
    pub fn left_out(&self) -> Exclude<'static> {
        self.probing.left_out(0)
    }

    /// Returns the progress of one split at one layer, after `passed` layers. `counts` says how many examples of each
    /// split are measured, `[splits]`.
    pub fn stretch<'p, P: Progress>(
        &self,
        progress: &'p P,
        passed: usize,
        split: usize,
        counts: &[usize],
    ) -> SubProgress<'p, P> {
        let examples: usize = counts.iter().sum();
        let start = passed * examples + counts[..split].iter().sum::<usize>();
        SubProgress { whole: progress, start, length: counts[split], total: self.layers() * examples }
    }
}
