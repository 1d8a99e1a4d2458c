//! Depth over the checkpoints of a training: how the layers settle while the network learns.
//!
//! A probe has *settled* on an example at the first checkpoint from which on it predicts what it predicts at the last
//! checkpoint: its iteration learned (paper, section 3). At the last checkpoint all are settled, by definition.

#[cfg(feature = "formats")]
mod read;
mod settling;
#[cfg(feature = "formats")]
mod table;

#[cfg(feature = "formats")]
pub use read::{SplitOverTraining, read_checkpoints};
pub use settling::{Settled, Settling};
#[cfg(feature = "formats")]
pub use table::{checkpoints_csv, depths_csv};

use crate::class::Class;
use crate::data::Split;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result, same_length};
use crate::experiment::{Experiment, Sample};
use crate::metrics::IterationLearned;
use crate::study::SplitSummary;

/// The depths of some examples of one split at the checkpoints of a training. Takes one checkpoint after another, and keeps
/// depths and statistics, not the probes.
#[derive(Clone, Debug)]
pub struct DepthOverTraining {
    split: Split,
    /// Examples, in data set order.
    examples: Vec<usize>,
    /// Given labels, `[examples]`.
    given: Vec<Class>,
    checkpoints: Vec<DepthsAt>,
    /// Iteration learned of each layer's probe, `[layers]`.
    probes: Vec<IterationLearned>,
    /// Iteration learned of the network.
    network: IterationLearned,
}

/// The depths at one checkpoint.
#[derive(Clone, Debug)]
pub struct DepthsAt {
    /// Steps of the training so far.
    pub step: u32,
    /// Statistics of the examples.
    pub summary: SplitSummary,
    /// Depth of each example, `[examples]`; the number of layers if undetermined.
    pub depths: Vec<u16>,
}

impl DepthOverTraining {
    /// Starts without checkpoints, for a sample of an experiment.
    ///
    /// # Panics
    /// If the sample is of another experiment, with more examples.
    pub fn new(experiment: &Experiment, sample: &Sample) -> Self {
        let examples = sample.examples().to_vec();
        Self::of(sample.split(), examples, experiment.given(sample.examples()))
    }

    fn of(split: Split, examples: Vec<usize>, given: Vec<Class>) -> Self {
        let (checkpoints, probes, network) = (Vec::new(), Vec::new(), IterationLearned::default());
        Self { split, examples, given, checkpoints, probes, network }
    }

    /// Adds a checkpoint: the probes and predictions of the examples after `step` steps.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the number of examples or layers differs; [`Error::Setting`] if the checkpoint is not after
    /// the one before, or if not all probes were evaluated.
    pub fn note(&mut self, step: u32, measured: &PredictionDepth) -> Result<()> {
        same_length("examples of a checkpoint", self.examples.len(), measured.predictions.len())?;
        if let Some(last) = self.checkpoints.last() {
            same_length("layers of a checkpoint", self.probes.len(), measured.probes.len())?;
            if step <= last.step {
                let remedy =
                    format!("checkpoints come in the order of their steps, and this one after step {}", last.step);
                return Err(Error::Setting { name: "step", value: step.to_string(), remedy });
            }
        }
        if !measured.is_whole() {
            let remedy = "measure all probes to know when they settle".into();
            return Err(Error::Setting { name: "depth only", value: "true".into(), remedy });
        }
        self.probes.resize(measured.probes.len(), IterationLearned::default());
        for (learned, said) in self.probes.iter_mut().zip(&measured.probes) {
            learned.note(step, said);
        }
        self.network.note(step, &measured.predictions);
        let (depths, all) = (measured.depths(), (0..self.examples.len()).collect::<Vec<_>>());
        let summary = SplitSummary::new(&all, &self.given, measured, &depths);
        let depths = depths.into_iter().map(|depth| u16::try_from(depth).unwrap_or(u16::MAX)).collect();
        self.checkpoints.push(DepthsAt { step, summary, depths });
        Ok(())
    }

    /// Returns the split.
    pub fn split(&self) -> Split {
        self.split
    }

    /// Returns the examples, in data set order.
    pub fn examples(&self) -> &[usize] {
        &self.examples
    }

    /// Returns the checkpoints so far.
    pub fn checkpoints(&self) -> &[DepthsAt] {
        &self.checkpoints
    }

    /// Returns the steps of the checkpoints so far, `[checkpoints]`.
    pub fn steps(&self) -> Vec<u32> {
        self.checkpoints.iter().map(|at| at.step).collect()
    }

    /// Returns when the layers' probes and the network settled, after the last checkpoint.
    pub fn settling(&self) -> Settling {
        let steps = self.steps();
        let of = |learned: &IterationLearned| Settled::new(learned.since().to_vec(), &steps);
        Settling { network: of(&self.network), layers: self.probes.iter().map(of).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::UNPROBED;

    /// Three examples, two layers; predictions and probes at three checkpoints.
    fn noted() -> DepthOverTraining {
        let mut depths = DepthOverTraining::of(Split::Test, vec![4, 6, 9], vec![0, 1, 0]);
        for (step, probes, predictions) in [
            (0, [[0, 1, 0], [1, 1, 1]], [0, 0, 1]),
            (10, [[0, 1, 0], [0, 1, 1]], [0, 1, 1]),
            (20, [[0, 1, 0], [0, 1, 0]], [0, 1, 0]),
        ] {
            depths.note(step, &measured(&probes, predictions)).expect("it fits");
        }
        depths
    }

    fn measured(probes: &[[Class; 3]; 2], predictions: [Class; 3]) -> PredictionDepth {
        PredictionDepth {
            probes: probes.iter().map(|layer| layer.to_vec()).collect(),
            tied: vec![vec![false; 3]; 2],
            predictions: predictions.to_vec(),
            distances: None,
        }
    }

    #[test]
    fn depths_and_statistics_of_each_checkpoint() {
        let depths = noted();
        let found: Vec<_> = depths.checkpoints().iter().map(|at| (at.step, at.depths.clone())).collect();
        assert_eq!(found, [(0, vec![2, 2, 1]), (10, vec![0, 0, 1]), (20, vec![0, 0, 0])]);
        let summary = &depths.checkpoints()[0].summary;
        assert_eq!((summary.undetermined, summary.depth_histogram.clone()), (2, vec![0, 1, 2]));
        assert_eq!(summary.probe_accuracy, [Some(1.0), Some(1.0 / 3.0)]);
        assert!((summary.accuracy.expect("labels") - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_probe_settles_where_it_last_changes() {
        let Settling { network, layers } = noted().settling();
        assert_eq!(layers[0].since, [0, 0, 0]);
        assert_eq!(layers[1].since, [10, 0, 20]);
        assert_eq!(network.since, [0, 10, 20]);
        assert_eq!(layers[1].settled, [1.0 / 3.0, 2.0 / 3.0, 1.0]);
    }

    #[cfg(feature = "formats")]
    #[test]
    fn the_table_is_read_as_it_was_written() {
        let layers = ["input", "soft,max"].map(String::from);
        let other = DepthOverTraining { split: Split::Train, ..noted() };
        let written = checkpoints_csv(&layers, 10, &[other, noted()]).expect("a table");
        let read = read_checkpoints(&written, &layers).expect("as written");
        assert_eq!(read.iter().map(|split| split.name.as_str()).collect::<Vec<_>>(), ["train", "test"]);
        let depths = noted();
        let Settling { network, layers: probes } = depths.settling();
        assert_eq!((read[1].examples, &read[1].steps), (3, &depths.steps()));
        let counts: Vec<_> = depths.checkpoints().iter().map(|at| at.summary.depth_histogram.clone()).collect();
        assert_eq!(read[1].depths, counts);
        assert_eq!(read[1].settled, [&probes[0].settled, &probes[1].settled, &network.settled].map(Vec::clone));

        let message = read_checkpoints(&written, &layers[..1]).expect_err("fewer layers").to_string();
        assert!(message.contains("it has 2 layers, not 1"), "{message}");
        let others = ["input", "hidden"].map(String::from);
        let message = read_checkpoints(&written, &others).expect_err("another network").to_string();
        assert!(message.contains("no column depth_hidden"), "{message}");
        let broken = String::from_utf8(written).expect("text").replacen("\n0,", "\nfirst,", 1);
        let message = read_checkpoints(broken.as_bytes(), &layers).expect_err("no step").to_string();
        assert!(message.contains("line 2, column step: \"first\""), "{message}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut depths = noted();
        let next = measured(&[[0, 1, 0], [0, 1, 0]], [0, 1, 0]);
        assert!(depths.note(20, &next).expect_err("the same step").to_string().contains("after step 20"));
        let mut gap = next.clone();
        gap.probes[0][1] = UNPROBED;
        assert!(depths.note(30, &gap).is_err(), "not probed");
        let (probes, tied) = (vec![vec![0]; 2], vec![vec![false]; 2]);
        let fewer = PredictionDepth { predictions: vec![0], probes, tied, distances: None };
        assert!(depths.note(30, &fewer).is_err(), "one example");
        let layers = PredictionDepth { probes: vec![vec![0; 3]], tied: vec![vec![false; 3]], ..next.clone() };
        assert!(depths.note(30, &layers).is_err(), "one layer");
        assert_eq!(depths.checkpoints().len(), 3, "nothing of them was kept");
        depths.note(30, &next).expect("it fits");
    }
}
