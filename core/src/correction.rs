//! Better predictions of one kind of points: a middle layer's probe in the network's place (paper, abstract; method,
//! claim 10).

use crate::bootstrap::interval;
use crate::data::Class;
use crate::error::{Result, same_length};
use crate::metrics::ClassCounts;

/// A fraction, with its 95 % interval over resampled examples (see [`interval`]).
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Fraction {
    /// Over all examples.
    pub value: f64,
    /// Lower and upper end.
    pub interval: [f64; 2],
}

/// How well the network and one layer's probe predict the same points.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Correction {
    /// The layer whose probe is right most often on the clean subset, the first among equals; the input is 0.
    pub layer: usize,
    /// The accuracy there of each layer's probe, `[layers]`.
    pub chosen_by: Vec<f64>,
    /// Points of the kind in the clean subset, by which the layer was chosen.
    pub clean: usize,
    /// Points of the kind outside the clean subset, on which all that follows is measured.
    pub examples: usize,
    /// The accuracy of the networks.
    pub network: Fraction,
    /// The accuracy of the layer's probe.
    pub probe: Fraction,
    /// The probe's minus the networks'.
    pub gain: Fraction,
}

impl Correction {
    /// `probes` are `[layers]` of votes [examples, classes], `predictions` the networks' votes, both of models that
    /// held an example out ([`Ensemble::held_out`](crate::ensemble::Ensemble::held_out)); `labels` are the right ones,
    /// `[examples]`. `points` are of one kind. Those among them that are in `clean` choose the layer; the rest are
    /// predicted, and each vote counts the same. Intervals are drawn by `seed`.
    ///
    /// None where no point of the kind is in the clean subset, or none outside it, or such points have no votes.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) where votes and labels are not of as many examples.
    pub fn new(
        probes: &[ClassCounts],
        predictions: &ClassCounts,
        labels: &[Class],
        points: &[usize],
        clean: &[usize],
        seed: u64,
    ) -> Result<Option<Self>> {
        for votes in probes.iter().chain([predictions]) {
            same_length("examples with votes, as labels", labels.len(), votes.examples())?;
        }
        let mut in_clean = vec![false; labels.len()];
        clean.iter().for_each(|&example| in_clean[example] = true);
        let (chosen_from, rest): (Vec<usize>, Vec<usize>) = points.iter().partition(|&&example| in_clean[example]);
        let right = |votes: &ClassCounts, examples: &[usize]| votes.accuracy(labels, examples.iter().copied());
        let chosen_by: Option<Vec<f64>> = probes.iter().map(|votes| right(votes, &chosen_from)).collect();
        let Some(chosen_by) = chosen_by else { return Ok(None) };
        let Some(layer) = (0..chosen_by.len()).reduce(|best, layer| match chosen_by[layer] > chosen_by[best] {
            true => layer,
            false => best,
        }) else {
            return Ok(None);
        };
        let fraction = |of: &dyn Fn(&[usize]) -> Option<f64>| {
            let resampled = |drawn: &[usize]| of(&drawn.iter().map(|&place| rest[place]).collect::<Vec<_>>());
            Some(Fraction { value: of(&rest)?, interval: interval(rest.len(), seed, resampled)? })
        };
        let network = |examples: &[usize]| right(predictions, examples);
        let probe = |examples: &[usize]| right(&probes[layer], examples);
        let gain = |examples: &[usize]| Some(probe(examples)? - network(examples)?);
        let found = [fraction(&network), fraction(&probe), fraction(&gain)];
        let [Some(network), Some(probe), Some(gain)] = found else { return Ok(None) };
        let (clean, examples) = (chosen_from.len(), rest.len());
        Ok(Some(Self { layer, chosen_by, clean, examples, network, probe, gain }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten models; how many of them say 1, the right class, of each example.
    fn votes(right: &[u16]) -> ClassCounts {
        let mut votes = ClassCounts::new(right.len(), 2);
        for (example, &right) in right.iter().enumerate() {
            (0..10).for_each(|model| votes.add(example, Class::from(model < right)));
        }
        votes
    }

    #[test]
    fn the_layer_is_chosen_where_it_is_clean_and_measured_elsewhere() {
        // Layer 2 is the best outside of the clean subset: it must not be chosen. Examples 6 and 7 are of another kind.
        let input = votes(&[2, 2, 2, 2, 2, 2, 10, 10]);
        let middle = votes(&[8, 8, 6, 7, 8, 9, 0, 0]);
        let last = votes(&[7, 7, 10, 10, 10, 10, 10, 10]);
        let network = votes(&[3, 3, 1, 2, 3, 4, 10, 10]);
        let (labels, points) = ([1; 8], [0, 1, 2, 3, 4, 5]);
        let of = |clean: &[usize]| {
            Correction::new(&[input.clone(), middle.clone(), last.clone()], &network, &labels, &points, clean, 3)
        };
        let found = of(&[0, 1, 6]).expect("as many").expect("points on both sides");
        assert_eq!((found.layer, found.clean, found.examples), (1, 2, 4));
        assert_eq!(found.chosen_by, [0.2, 0.8, 0.7]);
        assert!((found.network.value - 0.25).abs() < 1e-12 && (found.probe.value - 0.75).abs() < 1e-12, "{found:?}");
        let [low, high] = found.gain.interval;
        assert!((low - 0.5).abs() < 1e-12 && (high - 0.5).abs() < 1e-12, "each example gains as much: {found:?}");
        let [low, high] = found.network.interval;
        assert!((0.1..0.25).contains(&low) && (0.25..=0.4).contains(&high) && low < high, "{found:?}");
    }

    #[test]
    fn without_points_on_both_sides_there_is_nothing_to_say() {
        let (some, labels) = (votes(&[5, 5, 5]), [1; 3]);
        let of = |points: &[usize], clean: &[usize]| {
            Correction::new(std::slice::from_ref(&some), &some, &labels, points, clean, 0).expect("as many")
        };
        assert_eq!(of(&[0, 1], &[2]), None);
        assert_eq!(of(&[0, 1], &[0, 1]), None);
        assert!(of(&[0, 1], &[0]).is_some());
        assert!(Correction::new(&[votes(&[1])], &some, &labels, &[0], &[1], 0).is_err());
    }
}
