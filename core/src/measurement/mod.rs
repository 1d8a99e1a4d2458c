//! The measurement: probes the training split and the held-out examples, layer by layer.

mod asked;
mod backwards;
mod blocking;
mod probing;
mod some;
mod splits;
mod support;
mod voters;

pub use backwards::{Work, measure_depths};
pub use blocking::measure_blocking;
pub use probing::Probing;
pub use some::{Chosen, measure_some, measure_some_depths};
use splits::Splits;
pub use support::Support;

use crate::class::Class;
use crate::depth::PredictionDepth;
use crate::error::Result;
use crate::matrix::Rows;
use crate::probe::{Decision, KnnProbe};
use crate::representations::Representations;
use crate::search::{Exclude, NeighborSearch, Neighbors, Progress};

/// Measures the training split, then each held-out split: the classes of all probes. The search may stop early once a
/// vote is certain; to get the voters too, call [`measure_with_neighbors`].
///
/// `labels` are the training split's given labels. `progress` counts queries over all layers.
///
/// # Errors
/// Those of the representations and of the search; [`Error::Mismatch`](crate::Error::Mismatch) where layers
/// differ between splits, [`Error::Empty`](crate::Error::Empty) where a split has no examples.
pub async fn measure<R: Representations>(
    training: &R,
    labels: &[Class],
    held_out: &[&R],
    probing: Probing,
    search: &impl NeighborSearch,
    progress: &impl Progress,
) -> Result<Vec<PredictionDepth>> {
    walk(&Splits::new(training, labels, held_out, probing)?, search, progress, None).await
}

/// Measures as [`measure`] does, and calls `on_neighbors` with the voters of each (split, layer) once they are known.
/// Split 0 is the training split.
///
/// # Errors
/// Those of [`measure`].
pub async fn measure_with_neighbors<R: Representations>(
    training: &R,
    labels: &[Class],
    held_out: &[&R],
    probing: Probing,
    search: &impl NeighborSearch,
    progress: &impl Progress,
    mut on_neighbors: impl FnMut(usize, usize, Neighbors),
) -> Result<Vec<PredictionDepth>> {
    walk(&Splits::new(training, labels, held_out, probing)?, search, progress, Some(&mut on_neighbors)).await
}

type Hear<'a> = &'a mut dyn FnMut(usize, usize, Neighbors);

async fn walk<R: Representations>(
    splits: &Splits<'_, R>,
    search: &impl NeighborSearch,
    progress: &impl Progress,
    mut on_neighbors: Option<Hear<'_>>,
) -> Result<Vec<PredictionDepth>> {
    let (mut measured, sizes) = (splits.unprobed(), splits.sizes());
    for layer in 0..splits.layers() {
        let training = splits.layer(0, layer)?;
        let probe = splits.probe(&training);
        for (split, depth) in measured.iter_mut().enumerate() {
            let (stretch, left_out) = (splits.stretch(progress, layer, split, &sizes), splits.left_out(split));
            let on_neighbors = on_neighbors.as_mut().map(|on_neighbors| {
                |mut neighbors: Neighbors| {
                    neighbors.indices.iter_mut().for_each(|voter| *voter = splits.training_row(*voter));
                    on_neighbors(split, layer, neighbors);
                }
            });
            let decisions = if split == 0 {
                decide(&probe, &training, left_out, search, &stretch, on_neighbors).await
            } else {
                decide(&probe, &splits.layer(split, layer)?, left_out, search, &stretch, on_neighbors).await
            };
            let decisions = decisions.map_err(|error| splits.located(error, split, layer))?;
            for (example, decision) in decisions.into_iter().enumerate() {
                depth.note(layer, example, decision);
            }
        }
    }
    Ok(measured)
}

/// Returns the probe's decision for each query, `[queries]`. Searches for all neighbours only if there is a listener.
async fn decide(
    probe: &KnnProbe<'_, impl Rows>,
    queries: &impl Rows,
    exclude: Exclude<'_>,
    search: &impl NeighborSearch,
    progress: &impl Progress,
    on_neighbors: Option<impl FnOnce(Neighbors)>,
) -> Result<Vec<Decision>> {
    let Some(on_neighbors) = on_neighbors else {
        return probe.classify(queries, exclude, search, progress).await;
    };
    let votes = probe.predict(queries, exclude, search, progress).await?;
    on_neighbors(votes.neighbors);
    Ok(votes.classes.into_iter().zip(votes.tied).map(|(class, tied)| Decision { class, tied }).collect())
}
