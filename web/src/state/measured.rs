//! A measurement of a study in the page, with the voters of every example at every layer.

use prediction_depth::depth::PredictionDepth;
use prediction_depth::experiment::{Experiment, Measurement};
use prediction_depth::representations::Forward;
use prediction_depth::search::NeighborSearch;
use prediction_depth::study::Study;
use prediction_depth::{Class, Error, Progress, Result};
use serde::{Deserialize, Serialize};

use super::voters::Voters;

/// The parts of a measurement that the page keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Classes of the probes and of the network, in data set order.
    pub depth: PredictionDepth,
    /// Largest logit minus second largest, `[examples]`.
    pub output_margins: Vec<f32>,
    /// Voters of every example at every layer.
    pub voters: Voters,
}

/// Returns the bytes of each layer of the study, `[layers]`. A measurement needs memory for the largest.
///
/// # Errors
/// Those of the network.
pub fn layer_bytes(study: &Study) -> Result<Vec<f64>> {
    let network = study.network()?;
    let images = study.images().ok_or(Error::NoNetwork)?;
    let one = Forward::new(&network, &study.preprocessing, images.select(&[0])?)?;
    let bytes = |dims| (dims * size_of::<f32>()) as f64 * study.labels.len() as f64;
    Ok(one.dims()?.into_iter().map(bytes).collect())
}

impl Measured {
    /// Measures a study with its own options.
    ///
    /// # Errors
    /// Those of [`Experiment::measure_again`].
    pub async fn new(study: &Study, search: &impl NeighborSearch, progress: &impl Progress) -> Result<Self> {
        let mut voters = Voters::new(&study.splits);
        let listener = &mut |split, _, neighbors| voters.add(split, neighbors);
        let measurement = Experiment::measure_again(study, Some(listener), search, progress).await?;
        Ok(Self::from_parts(&measurement, voters))
    }

    /// Combines a measurement with its voters.
    pub fn from_parts(measurement: &Measurement, voters: Voters) -> Self {
        let Measurement { depth, output_margins, .. } = measurement;
        Self { depth: depth.clone(), output_margins: output_margins.clone(), voters }
    }
}

/// Counts the votes of each class: most votes first, the lower class if tied.
pub fn tally(votes: impl Iterator<Item = Class>) -> Vec<(Class, usize)> {
    let mut counts: Vec<(Class, usize)> = Vec::new();
    for vote in votes {
        match counts.iter_mut().find(|(class, _)| *class == vote) {
            Some((_, count)) => *count += 1,
            None => counts.push((vote, 1)),
        }
    }
    counts.sort_by_key(|&(class, count)| (std::cmp::Reverse(count), class));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_all_examples_in_float32() {
        let bytes = include_bytes!("../../../core/assets/study.safetensors.gz");
        let study = Study::from_bytes(bytes).expect("the embedded study");
        let [hidden, softmax] = [64.0, 10.0].map(|units| 2500.0 * units * 4.0);
        let bytes = layer_bytes(&study).expect("a network");
        assert_eq!(bytes, [2500.0 * 784.0 * 4.0, hidden, hidden, hidden, hidden, hidden, softmax]);
    }

    #[test]
    fn votes_are_counted_most_first() {
        assert_eq!(tally([3, 1, 3, 2, 1, 3].into_iter()), [(3, 3), (1, 2), (2, 1)]);
        assert_eq!(tally([2, 1].into_iter()), [(1, 1), (2, 1)]);
        assert!(tally(std::iter::empty()).is_empty());
    }
}
