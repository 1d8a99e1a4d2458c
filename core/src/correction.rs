//! Predictions corrected by a hidden layer's probe, for the points of one kind of difficulty (paper, abstract; method,
//! claim 10).

use crate::bootstrap::interval;
use crate::class::Class;
use crate::error::{Result, same_length};
use crate::metrics::ClassCounts;

/// A fraction with its 95 % confidence interval over resampled examples (see [`interval`]).
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Fraction {
    /// Value over all examples.
    pub value: f64,
    /// Lower and upper end of the interval.
    pub interval: [f64; 2],
}

/// Accuracy of the networks and of one layer's probe on the same points.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Correction {
    /// The layer whose probe is most accurate on the clean subset, the first of equals; 0 is the input.
    pub layer: usize,
    /// Accuracy of each layer's probe on the clean subset, `[layers]`.
    pub chosen_by: Vec<f64>,
    /// Number of points in the clean subset, from which the layer was chosen.
    pub clean: usize,
    /// Number of points outside the clean subset, on which the fractions below are measured.
    pub examples: usize,
    /// Accuracy of the networks.
    pub network: Fraction,
    /// Accuracy of the layer's probe.
    pub probe: Fraction,
    /// Accuracy of the probe minus that of the networks.
    pub gain: Fraction,
}

impl Correction {
    /// Chooses the layer whose probe is most accurate on the clean points, and evaluates it on the others.
    ///
    /// - `probes`: votes of each layer's probes, `[layers]` of [examples, classes], and `predictions`: votes of the
    ///   networks, [examples, classes]; both of the models that held an example out
    ///   ([`Ensemble::held_out`](crate::ensemble::Ensemble::held_out)). Each vote counts the same.
    /// - `labels`: the correct labels, `[examples]`.
    /// - `points`: indices of the examples of one kind. Those in `clean` choose the layer.
    /// - `seed`: seed of the resampling.
    ///
    /// Returns `None` if no point is in the clean subset, or none outside of it, or these points have no votes.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if votes and labels differ in their number of examples.
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

    /// Ten models; `right` of them predict the correct class, 1, for each example.
    fn votes(right: &[u16]) -> ClassCounts {
        let mut votes = ClassCounts::new(right.len(), 2);
        for (example, &right) in right.iter().enumerate() {
            (0..10).for_each(|model| votes.add(example, Class::from(model < right)));
        }
        votes
    }

    #[test]
    fn the_layer_is_chosen_where_it_is_clean_and_measured_elsewhere() {
        // Layer 2 is the best outside of the clean subset, so it must not be chosen. Examples 6 and 7 are of another
        // kind.
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
