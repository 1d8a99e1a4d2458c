//! Depths alone, with less work: probes layers from last to first, and drops an example once its depth is known.

use super::asked::Asked;
use super::probing::Probing;
use super::splits::Splits;
use crate::class::Class;
use crate::depth::PredictionDepth;
use crate::error::Result;
use crate::matrix::Rows;
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

    /// Adds the probes of one layer and one split.
    fn count(&mut self, asked: &Asked, [support, dims]: [usize; 2]) {
        let [open, of, support, dims] = [asked.open.len(), asked.of, support, dims].map(|count| count as u64);
        let all = match asked.left_out {
            Exclude::Itself => of * of.saturating_sub(1) / 2,
            _ => of * support,
        };
        let done = match asked.left_out {
            _ if asked.whole() => all,
            Exclude::Itself => open * support.saturating_sub(1),
            _ => open * support,
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
    let mut measured = splits.unprobed();
    let mut open: Vec<Vec<u32>> = splits.sizes().into_iter().map(|size| (0..size as u32).collect()).collect();
    let mut work = Work::default();
    for (passed, layer) in (0..splits.layers()).rev().enumerate() {
        let probe = splits.probe(layer)?;
        for (split, (depth, open)) in measured.iter_mut().zip(&mut open).enumerate() {
            let stretch = splits.stretch(progress, passed, split);
            let left_out = if split == 0 { splits.left_out() } else { Exclude::Nothing };
            let asked = Asked { open: open.as_slice(), of: depth.predictions.len(), left_out };
            work.count(&asked, probe.support.shape());
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
