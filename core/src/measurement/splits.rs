//! The splits that are measured: the training split and the held-out splits.

use std::borrow::Cow;

use super::asked::Asked;
use super::probing::Probing;
use super::voters::Voters;
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
    /// The rows of the training split that may vote; `None`: all.
    support: Option<Vec<u32>>,
    /// The place of each training row among those that may vote, `[training]`; empty if each pair of rows is computed once.
    places: Vec<Option<u32>>,
    /// Given labels of the rows that may vote.
    labels: Cow<'a, [Class]>,
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
        let support = probing.support.rows(labels)?;
        let mut places = Vec::new();
        if let Some(rows) = &support {
            same_length("labels of the training split", training.predictions().len(), labels.len())?;
            places.resize(labels.len(), None);
            (0..).zip(rows).for_each(|(place, &row)| places[row as usize] = Some(place));
        } else if !probing.is_leave_one_out(0) {
            places.extend((0..training.predictions().len() as u32).map(Some));
        }
        let labels = match &support {
            None => Cow::Borrowed(labels),
            Some(rows) => rows.iter().map(|&row| labels[row as usize]).collect(),
        };
        Ok(Self { all, support, places, labels, probing })
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

    /// Returns the probe of a layer; its support are rows of the training split's layer.
    pub fn probe<'s, T: Rows>(&'s self, training: &'s T) -> KnnProbe<'s, Voters<'s, T>> {
        let Probing { k, ties, metric, .. } = self.probing;
        KnnProbe { support: Voters::new(training, self.support.as_deref()), labels: &self.labels, k, ties, metric }
    }

    /// Returns the training row of a row of the support.
    pub fn training_row(&self, voter: u32) -> u32 {
        self.support.as_ref().map_or(voter, |rows| rows[voter as usize])
    }

    /// Returns the exclusions for the queries of a split.
    pub fn left_out(&self, split: usize) -> Exclude<'_> {
        match self.support {
            _ if split > 0 || self.probing.include_self => Exclude::Nothing,
            None if self.probing.is_leave_one_out(split) => Exclude::Itself,
            _ => Exclude::Rows(&self.places),
        }
    }

    /// Adds split and layer to the place of a row without direction; does not change other errors.
    pub fn located(&self, error: Error, split: usize, layer: usize) -> Error {
        let Error::NoDirection { what, row } = error else { return error };
        let split = match (what.as_str(), split) {
            ("the support", _) | (_, 0) => "the training split".to_owned(),
            (_, held_out) => format!("held-out split {held_out}"),
        };
        Error::NoDirection { what: format!("layer {} of {split}", self.all[0].layers()[layer]), row }
    }

    /// Returns what is asked of a split: the probes of these of its rows.
    pub fn asked<'s>(&'s self, split: usize, open: &'s [u32]) -> Asked<'s> {
        Asked { open, of: self.all[split].predictions().len(), left_out: self.left_out(split) }
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
