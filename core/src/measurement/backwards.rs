//! Depths alone, with less work: probes layers from last to first, and drops an example once its depth is known.

use super::probing::Probing;
use super::splits::Splits;
use crate::class::Class;
use crate::depth::PredictionDepth;
use crate::error::Result;
use crate::matrix::{Rows, Selected};
use crate::probe::{Decision, KnnProbe};
use crate::representations::Representations;
use crate::search::{Exclude, NeighborSearch, Progress};

/// The part of the work of [`measure`](super::measure) that was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Work {
    /// Number of (layer, example) pairs that were probed.
    pub probes: u64,
    /// Number of all (layer, example) pairs.
    pub probes_of_all: u64,
    /// Multiplications in the dot products of the probes: the layer's dims for each pair of rows. A leave-one-out of a
    /// whole layer computes each pair once.
    pub multiply_adds: u64,
    /// Multiplications of all probes.
    pub multiply_adds_of_all: u64,
}

impl Work {
    /// Returns the fraction of the multiply-adds that was done.
    pub fn share(&self) -> f64 {
        self.multiply_adds as f64 / self.multiply_adds_of_all.max(1) as f64
    }

    fn add(&mut self, asked: u64, all: u64, done: u64, whole: u64) {
        self.probes += asked;
        self.probes_of_all += all;
        self.multiply_adds += done;
        self.multiply_adds_of_all += whole;
    }
}

/// Computes the same depths as [`measure`](super::measure), with only the probes that they depend on: for each example
/// from the last layer back to the first probe that differs from the network. Other probes are
/// [`UNPROBED`](crate::UNPROBED).
///
/// # Errors
/// Those of [`measure`](super::measure). Errors in data that is not probed are not found.
pub async fn measure_depths<R: Representations>(
    training: &R,
    labels: &[Class],
    held_out: &[&R],
    probing: Probing,
    search: &impl NeighborSearch,
    progress: &impl Progress,
) -> Result<(Vec<PredictionDepth>, Work)> {
    let splits = Splits::new(training, labels, held_out, probing)?;
    let mut measured = splits.unprobed();
    let mut open: Vec<Vec<u32>> = splits.sizes().into_iter().map(|size| (0..size as u32).collect()).collect();
    let mut work = Work::default();
    for (passed, layer) in (0..splits.layers()).rev().enumerate() {
        let probe = splits.probe(layer)?;
        for (split, (depth, open)) in measured.iter_mut().zip(&mut open).enumerate() {
            let stretch = splits.stretch(progress, passed, split);
            let left_out = if split == 0 { splits.left_out() } else { Exclude::Nothing };
            let asked = Asked { open: open.as_slice(), of: depth.predictions.len(), left_out };
            asked.count(probe.support.shape(), &mut work);
            let decisions = if open.is_empty() {
                Vec::new()
            } else if split == 0 {
                asked.decide(&probe, &probe.support, search, &stretch).await?
            } else {
                asked.decide(&probe, &splits.layer(split, layer)?, search, &stretch).await?
            };
            stretch.step(1, 1).await?;
            for (&example, decision) in open.iter().zip(decisions) {
                depth.note(layer, example as usize, decision);
            }
            open.retain(|&example| depth.agrees(layer, example as usize));
            if open.is_empty() && split > 0 {
                splits.finish(split);
            }
        }
    }
    Ok((measured, work))
}

/// The examples of a split that are probed at a layer.
struct Asked<'a> {
    /// Examples whose depth is not known yet, in order.
    open: &'a [u32],
    /// Number of examples of the split.
    of: usize,
    left_out: Exclude<'static>,
}

impl Asked<'_> {
    /// Returns whether to search the whole split. Leave-one-out of all n examples computes each of the n(n - 1)/2 pairs
    /// once; of m examples it computes m(n - 1). If m is more than half of n, the whole split costs less. Without
    /// leave-one-out, searching more examples never costs less.
    fn whole(&self) -> bool {
        let enough = if self.left_out == Exclude::Itself { self.of.div_ceil(2) } else { self.of };
        self.open.len() >= enough
    }

    /// Returns the probe's decisions for the open examples, `[open]`; `rows` are those of the whole split.
    async fn decide(
        &self,
        probe: &KnnProbe<'_, impl Rows>,
        rows: &impl Rows,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Vec<Decision>> {
        if self.whole() {
            let all = probe.classify(rows, self.left_out, search, progress).await?;
            return Ok(self.open.iter().map(|&example| all[example as usize]).collect());
        }
        let exclude = if self.left_out == Exclude::Itself { Exclude::Rows(self.open) } else { Exclude::Nothing };
        probe.classify(&Selected { source: rows, ids: self.open }, exclude, search, progress).await
    }

    fn count(&self, [support, dims]: [usize; 2], work: &mut Work) {
        let [open, of, support, dims] = [self.open.len(), self.of, support, dims].map(|count| count as u64);
        let all = match self.left_out {
            Exclude::Itself => of * of.saturating_sub(1) / 2,
            _ => of * support,
        };
        let done = match self.left_out {
            _ if self.whole() => all,
            Exclude::Itself => open * support.saturating_sub(1),
            _ => open * support,
        };
        work.add(open, of, done * dims, all * dims);
    }
}
