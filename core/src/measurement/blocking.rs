//! The measurement for synchronous callers.

use super::{Probing, measure};
use crate::class::Class;
use crate::depth::PredictionDepth;
use crate::error::Result;
use crate::representations::Representations;
use crate::search::NeighborSearch;

/// Measures as [`measure`] does, and blocks the thread until it is done.
///
/// The other functions are async because of the web: there a search on the GPU ends only after the thread has returned
/// to the browser, so that nothing may block, and nothing is `Send`. Elsewhere this function is simpler. With
/// [`Cpu`](crate::search::Cpu), which never waits, it works on the web too.
///
/// # Errors
/// Those of [`measure`].
pub fn measure_blocking<R: Representations>(
    training: &R,
    labels: &[Class],
    held_out: &[&R],
    probing: Probing,
    search: &impl NeighborSearch,
) -> Result<Vec<PredictionDepth>> {
    pollster::block_on(measure(training, labels, held_out, probing, search, &()))
}
