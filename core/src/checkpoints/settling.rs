//! When the probes of the layers, and the network, settled.

use serde::Serialize;

/// When each layer's probe settled, and the network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settling {
    /// The network's predictions.
    pub network: Settled,
    /// The predictions of each layer's probe, `[layers]`.
    pub layers: Vec<Settled>,
}

/// When predictions settled: the first checkpoint from which on each equals that of the last checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settled {
    /// Step at which the prediction of each example settled, `[examples]`.
    #[serde(skip)]
    pub since: Vec<u32>,
    /// Mean of these steps.
    pub mean_step: f64,
    /// Step of the first checkpoint at which half of the examples are settled.
    pub half: u32,
    /// Step of the first checkpoint at which nine tenths of the examples are settled.
    pub nine_tenths: u32,
    /// Fraction of the examples that are settled at each checkpoint, `[checkpoints]`; 1 at the last, by definition.
    pub settled: Vec<f64>,
}

impl Settled {
    /// Counts from the step at which each example settled, `[examples]`; `steps` are those of the checkpoints, in order.
    pub(super) fn new(since: Vec<u32>, steps: &[u32]) -> Self {
        let all = since.len().max(1) as f64;
        let count = |step: u32| since.iter().filter(|&&since| since <= step).count();
        let counts: Vec<usize> = steps.iter().map(|&step| count(step)).collect();
        let reached = |of_ten: usize| {
            let found = counts.iter().position(|&count| 10 * count >= of_ten * since.len());
            found.map_or(0, |checkpoint| steps[checkpoint])
        };
        Self {
            mean_step: since.iter().map(|&step| f64::from(step)).sum::<f64>() / all,
            half: reached(5),
            nine_tenths: reached(9),
            settled: counts.iter().map(|&count| count as f64 / all).collect(),
            since,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_nine_tenths_are_reached_at_checkpoints() {
        let since = [0, 0, 0, 1, 1, 4, 4, 4, 8, 16].to_vec();
        let found = Settled::new(since, &[0, 1, 2, 4, 8, 16]);
        assert_eq!(found.settled, [0.3, 0.5, 0.5, 0.8, 0.9, 1.0]);
        assert_eq!((found.half, found.nine_tenths), (1, 8));
        assert!((found.mean_step - 3.8).abs() < 1e-12);
    }

    #[test]
    fn without_examples_nothing_takes_long() {
        let found = Settled::new(Vec::new(), &[0, 5]);
        assert_eq!((found.half, found.mean_step, found.settled), (0, 0.0, vec![0.0, 0.0]));
    }
}
