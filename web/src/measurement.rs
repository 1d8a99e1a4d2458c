//! A study measured again, with the neighbours of every example at every layer.

use prediction_depth::data::Split;
use prediction_depth::depth::PredictionDepth;
use prediction_depth::measurement::measure_with_neighbors;
use prediction_depth::representations::{Forward, Recorded, Representations};
use prediction_depth::search::{NeighborSearch, Neighbors};
use prediction_depth::study::Study;
use prediction_depth::{Class, Error, Progress, Result};

/// What measuring a study gave.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Measurement {
    /// What probes and network said, in data set order.
    pub depth: PredictionDepth,
    /// Largest logit minus second largest, `[examples]`.
    pub output_margins: Vec<f32>,
    /// `[splits][layers]`; no layers where a split has no examples.
    neighbors: [Vec<Neighbors>; 3],
    /// The examples of the training split: what a neighbour's index counts.
    training: Vec<usize>,
    /// Each example's place in its split, `[examples]`.
    places: Vec<usize>,
    splits: Vec<Split>,
}

/// A training example that votes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voter {
    /// Which example of the study.
    pub example: usize,
    /// Squared Euclidean distance.
    pub distance: f64,
}

/// The bytes of each layer of the study, `[layers]`: whoever measures it must hold the widest.
///
/// # Errors
/// Those of the network.
pub fn layer_bytes(study: &Study) -> Result<Vec<f64>> {
    let network = study.network()?;
    let one = Forward::new(&network, &study.preprocessing, study.images.select(&[0])?)?;
    let bytes = |layer| Ok((one.dims(layer)? * size_of::<f32>()) as f64 * study.labels.len() as f64);
    (0..study.layers.len()).map(bytes).collect()
}

impl Measurement {
    /// Measures on the representations that the study carries, else on those of its network.
    ///
    /// # Errors
    /// Those of the network, of the measurement, and of `progress`.
    pub async fn new(study: &Study, search: &impl NeighborSearch, progress: &impl Progress) -> Result<Self> {
        let used = Split::ALL.map(|split| study.examples(split));
        if used[0].is_empty() {
            return Err(Error::Empty { what: "the training split".into() });
        }
        let total = study.layers.len() * study.labels.len();
        progress.step(0, total).await?;
        if study.representations.is_empty() {
            let network = study.network()?;
            let mut output_margins = vec![0.0; study.labels.len()];
            let mut parts = Vec::new();
            for ids in used.iter().filter(|ids| !ids.is_empty()) {
                let part = Forward::new(&network, &study.preprocessing, study.images.select(ids)?)?;
                for (&id, margin) in ids.iter().zip(part.output_margins()) {
                    output_margins[id] = margin;
                }
                parts.push(part);
                progress.step(0, total).await?;
            }
            Self::from_parts(study, used, &parts, output_margins, search, progress).await
        } else {
            let predictions = study.measured.predictions.clone();
            let whole = Recorded::new(study.layers.clone(), study.representations.clone(), predictions)?;
            let parts: Vec<_> = used.iter().filter(|ids| !ids.is_empty()).map(|ids| whole.select(ids)).collect();
            Self::from_parts(study, used, &parts, study.output_margins.clone(), search, progress).await
        }
    }

    /// `parts` are the representations of the splits that have examples, training first.
    async fn from_parts<R: Representations>(
        study: &Study,
        used: [Vec<usize>; 3],
        parts: &[R],
        output_margins: Vec<f32>,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Self> {
        let (training, held_out) = (&parts[0], parts[1..].iter().collect::<Vec<_>>());
        let labels: Vec<Class> = used[0].iter().map(|&id| study.given_labels[id]).collect();
        let filled: Vec<usize> = (0..used.len()).filter(|&split| !used[split].is_empty()).collect();
        let mut neighbors = [const { Vec::new() }; 3];
        let on_neighbors = |part: usize, _, found| neighbors[filled[part]].push(found);
        let found =
            measure_with_neighbors(training, &labels, &held_out, study.probing, search, progress, on_neighbors).await?;
        let mut by_split = [const { None }; 3];
        for (split, found) in filled.iter().zip(found) {
            by_split[*split] = Some(found);
        }
        let depth = Study::assemble(&study.splits, &by_split.map(Option::unwrap_or_default))?;
        let mut places = vec![0; study.labels.len()];
        for (place, &example) in used.iter().flat_map(|ids| ids.iter().enumerate()) {
            places[example] = place;
        }
        let [training, ..] = used;
        Ok(Self { depth, output_margins, neighbors, training, places, splits: study.splits.clone() })
    }

    /// Who votes about an example at a layer, nearest first; nobody where there is no such layer or example.
    pub fn voters(&self, layer: usize, example: usize) -> Vec<Voter> {
        let found = self.splits.get(example).and_then(|&split| self.neighbors[split as usize].get(layer));
        let Some(found) = found else { return Vec::new() };
        let place = self.places[example];
        let pairs = found.of(place).iter().zip(found.distances_of(place));
        pairs.map(|(&row, &distance)| Voter { example: self.training[row as usize], distance }).collect()
    }
}

/// How many votes each class has, most first, the lower class among equals.
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
        let bytes = include_bytes!("../../core/assets/study.safetensors.gz");
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
