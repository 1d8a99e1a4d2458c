//! The measurement: layer by layer, the probes of the training split and of the examples held out from it.

use crate::data::Class;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result, same_length};

use crate::probe::{KnnProbe, Ties, Votes};
use crate::representations::Representations;
use crate::search::{Exclude, NeighborSearch, Progress, Stretch};

/// The options of the definition (method, "Prediction depth").
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Probing {
    /// Neighbours that vote: 30 in the paper.
    pub k: usize,
    /// Who wins a tie.
    pub ties: Ties,
    /// Whether a training example may be its own neighbour. Our default is leave-one-out.
    pub include_self: bool,
}

impl Default for Probing {
    fn default() -> Self {
        Self { k: 30, ties: Ties::Lowest, include_self: false }
    }
}

impl Probing {
    /// Refuses what the search would refuse later, after a long training.
    ///
    /// # Errors
    /// [`Error::BadK`] where a training split of this size has not enough neighbours.
    pub fn check(&self, training_examples: usize) -> Result<()> {
        let candidates = training_examples.saturating_sub(usize::from(!self.include_self));
        if self.k == 0 || self.k > candidates {
            return Err(Error::BadK { k: self.k, candidates });
        }
        Ok(())
    }
}

/// The prediction depth of the training split, then of each held-out split.
///
/// `labels` are the training split's given labels. `hear` is told each (split, layer, votes) as it is known: 0 is the
/// training split. `progress` counts queries over all layers.
///
/// # Errors
/// Those of the representations and of the search; [`Error::Mismatch`] where layers differ between splits.
pub async fn measure<R: Representations>(
    training: &R,
    labels: &[Class],
    held_out: &[&R],
    probing: Probing,
    search: &impl NeighborSearch,
    progress: &impl Progress,
    mut hear: impl FnMut(usize, usize, Votes),
) -> Result<Vec<PredictionDepth>> {
    let splits: Vec<&R> = [training].into_iter().chain(held_out.iter().copied()).collect();
    let sizes: Vec<usize> = splits.iter().map(|split| split.predictions().len()).collect();
    if let Some(empty) = sizes.iter().position(|&size| size == 0) {
        let what = if empty == 0 { "the training split".into() } else { format!("held-out split {empty}") };
        return Err(Error::Empty { what });
    }
    let layers = training.layers().len();
    let mut measured: Vec<PredictionDepth> = splits.iter().map(|split| depth_of(split.predictions())).collect();
    let (mut start, total) = (0, layers * sizes.iter().sum::<usize>());
    for layer in 0..layers {
        let probe = KnnProbe { support: training.layer(layer)?, labels, k: probing.k, ties: probing.ties };
        for (split, source) in splits.iter().enumerate() {
            same_length("layers of a held-out split", layers, source.layers().len())?;
            let stretch = Stretch { whole: progress, start, length: sizes[split], total };
            let votes = if split == 0 {
                let exclude = if probing.include_self { Exclude::Nothing } else { Exclude::Itself };
                probe.predict(&probe.support, exclude, search, &stretch).await?
            } else {
                probe.predict(&source.layer(layer)?, Exclude::Nothing, search, &stretch).await?
            };
            measured[split].probes.push(votes.classes.clone());
            measured[split].tied.push(votes.tied.clone());
            hear(split, layer, votes);
            start += sizes[split];
        }
    }
    Ok(measured)
}

fn depth_of(predictions: &[Class]) -> PredictionDepth {
    PredictionDepth { predictions: predictions.to_vec(), ..PredictionDepth::default() }
}
