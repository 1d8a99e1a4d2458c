//! Depths alone, with less work: probes layers from last to first, and drops an example once its depth is known.

use super::asked::takes_all;
use super::probing::Probing;
use super::splits::Splits;
use crate::class::{Class, UNPROBED};
use crate::depth::PredictionDepth;
use crate::error::Result;
use crate::matrix::Rows;
use crate::representations::Representations;
use crate::search::{NeighborSearch, Progress};

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

    /// Returns the work of [`measure_depths`]: that of the probes which its result has. `measured` are the splits, the
    /// training split first, and `supports` the shape of the support at each layer, `[layers]`.
    pub(crate) fn new(measured: &[PredictionDepth], supports: &[[usize; 2]], probing: Probing) -> Self {
        let mut work = Self::default();
        for (layer, &support) in supports.iter().enumerate() {
            for (split, depth) in measured.iter().enumerate() {
                let probes = &depth.probes[layer];
                let open = probes.iter().filter(|&&probe| probe != UNPROBED).count();
                work.count([open, probes.len()], probing.is_leave_one_out(split), support);
            }
        }
        work
    }

    /// Adds the probes of one layer and one split: `open` of `of` examples. `leave_one_out`: the queries are the support.
    fn count(&mut self, [open, of]: [usize; 2], leave_one_out: bool, [support, dims]: [usize; 2]) {
        let whole = takes_all(open, of, leave_one_out);
        let [open, of, support, dims] = [open, of, support, dims].map(|count| count as u64);
        let all = if leave_one_out { of * of.saturating_sub(1) / 2 } else { of * support };
        let done = match leave_one_out {
            _ if whole => all,
            true => open * support.saturating_sub(1),
            false => open * support,
        };
        self.probes += open;
        self.probes_of_all += of;
        self.multiply_adds += done * dims;
        self.multiply_adds_of_all += all * dims;
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
    let every = splits.sizes().into_iter().map(|size| (0..size as u32).collect()).collect();
    let (measured, supports) = backwards(&splits, every, search, progress).await?;
    let work = Work::new(&measured, &supports, probing);
    Ok((measured, work))
}

/// Probes the rows of each split that are `open`, `[splits]`. Returns the splits as wholes, in which other rows have no
/// probe, and the shape of the support at each layer, `[layers]`.
pub(super) async fn backwards<R: Representations>(
    splits: &Splits<'_, R>,
    mut open: Vec<Vec<u32>>,
    search: &impl NeighborSearch,
    progress: &impl Progress,
) -> Result<(Vec<PredictionDepth>, Vec<[usize; 2]>)> {
    let (mut measured, mut supports) = (splits.unprobed(), vec![[0; 2]; splits.layers()]);
    let counts: Vec<usize> = open.iter().map(Vec::len).collect();
    for (passed, layer) in (0..splits.layers()).rev().enumerate() {
        let training = splits.layer(0, layer)?;
        let probe = splits.probe(&training);
        supports[layer] = probe.support.shape();
        for (split, (depth, open)) in measured.iter_mut().zip(&mut open).enumerate() {
            let stretch = splits.stretch(progress, passed, split, &counts);
            let asked = splits.asked(split, open);
            let decisions = if open.is_empty() {
                Ok(Vec::new())
            } else if split == 0 {
                asked.decide(&probe, &training, search, &stretch).await
            } else {
                asked.decide(&probe, &splits.layer(split, layer)?, search, &stretch).await
            };
            let decisions = decisions.map_err(|error| splits.located(error, split, layer))?;
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
    Ok((measured, supports))
}
