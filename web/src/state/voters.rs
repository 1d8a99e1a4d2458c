//! The voters of each example: its nearest training examples at each layer.

use prediction_depth::data::Split;
use prediction_depth::search::Neighbors;
use serde::{Deserialize, Serialize};

/// The neighbours of every example at every layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Voters {
    /// Neighbours, `[splits][layers]`, by the number of the split; no layers for a split without examples.
    neighbors: Vec<Vec<Neighbors>>,
    /// Examples of the training split, which the indices of neighbours count.
    training: Vec<usize>,
    /// Index of each example in its split, `[examples]`.
    places: Vec<usize>,
    splits: Vec<Split>,
}

/// A training example that votes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voter {
    /// Example of the study.
    pub example: usize,
    /// Distance as a search reports it; see `Metric::distance`.
    pub distance: f64,
}

impl Voters {
    /// Returns an empty collection; `splits` are those of the examples, `[examples]`.
    pub fn new(splits: &[Split]) -> Self {
        let mut places = vec![0; splits.len()];
        let present = Split::present(splits);
        for &split in &present {
            for (place, example) in split.examples(splits).into_iter().enumerate() {
                places[example] = place;
            }
        }
        let numbers = present.last().map_or(0, |last| usize::from(last.number()) + 1);
        let (training, neighbors) = (Split::Train.examples(splits), vec![Vec::new(); numbers]);
        Self { neighbors, training, places, splits: splits.to_vec() }
    }

    /// Adds the neighbours of a split's examples at the next layer, as indices into the training split.
    pub fn add(&mut self, split: Split, neighbors: Neighbors) {
        self.neighbors[usize::from(split.number())].push(neighbors);
    }

    /// Returns the voters of an example at a layer, nearest first; empty if there is no such layer or example.
    pub fn of(&self, layer: usize, example: usize) -> Vec<Voter> {
        let found = self.splits.get(example).and_then(|&split| self.neighbors[usize::from(split.number())].get(layer));
        let Some(found) = found else { return Vec::new() };
        let place = self.places[example];
        let pairs = found.of(place).iter().zip(found.distances_of(place));
        pairs.map(|(&row, &distance)| Voter { example: self.training[row as usize], distance }).collect()
    }
}
