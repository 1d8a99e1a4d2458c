//! Small ensembles of multi-layer perceptrons, trained and measured.

use pollster::block_on;
use prediction_depth::Result;
use prediction_depth::data::{Dataset, NoiseSettings};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::ensemble::{Ensemble, Record};
use prediction_depth::experiment::{Experiment, MeasureOptions};
use prediction_depth::measurement::Probing;
use prediction_depth::metrics::{InputMargin, IterationLearned, Trajectory, input_margins};
use prediction_depth::nets::{Mlp, Network};
use prediction_depth::representations::logits;
use prediction_depth::search::Cpu;
use prediction_depth::train::{Length, Recipe};

const PLAN: &str = "a plan for tests";

/// The settings that all models share.
pub struct SmallEnsemble {
    /// The training data.
    pub dataset: Dataset,
    /// The label noise.
    pub noise: NoiseSettings,
    /// Hidden units.
    pub hidden: Vec<usize>,
    /// Passes over the data.
    pub epochs: usize,
    /// Epochs between checkpoints.
    pub every: usize,
    /// Whether to evaluate probes at each checkpoint, and to compute input margins.
    pub thorough: bool,
}

impl SmallEnsemble {
    /// Creates settings in which this fraction of the training labels is replaced by other classes, with a checkpoint
    /// after each epoch.
    pub fn new(dataset: Dataset, label_noise: f64, hidden: &[usize], epochs: usize) -> Self {
        let noise = NoiseSettings { label_noise, ..NoiseSettings::default() };
        Self { dataset, noise, hidden: hidden.to_vec(), epochs, every: 1, thorough: false }
    }

    /// Returns the record of the model with this seed.
    ///
    /// # Errors
    /// Any error of training and measuring.
    pub fn record(&self, seed: u64) -> Result<Record> {
        let images = &self.dataset.images;
        let experiment = Experiment::new(self.dataset.clone(), &self.noise, seed)?;
        let network = Mlp::new(images.size(), &self.hidden, self.dataset.classes.len(), seed)?;
        let recipe = Recipe { length: Length::Epochs(self.epochs), seed, learning_rate: 0.05, ..Recipe::default() };
        let mut trainer = experiment.trainer(&network, recipe)?;
        let mut trajectory = Trajectory::new(&experiment.given_labels, (trainer.steps() / 10) as u32);
        let mut settling = vec![IterationLearned::default(); network.taps().len()];
        let (every, last) = (self.every * trainer.steps_an_epoch(), trainer.steps());
        for step in 0..=last {
            if step > 0 {
                trainer.step()?;
            }
            if step % every == 0 || step == last {
                trajectory.note(step as u32, &logits(&network, &experiment.preprocessing, images)?)?;
                if self.thorough {
                    let said = measured(&experiment, &network)?.probes;
                    settling.iter_mut().zip(&said).for_each(|(learned, said)| {
                        learned.note(step as u32, said);
                    });
                }
            }
        }
        let margins = input_margins(&network, &experiment.preprocessing, images, InputMargin::Linear, &());
        let settled = settling.iter().map(|learned| learned.since().to_vec());
        Ok(Record {
            plan: PLAN.into(),
            seed,
            layers: network.taps().to_vec(),
            measured: measured(&experiment, &network)?,
            logits: logits(&network, &experiment.preprocessing, images)?,
            input_margins: if self.thorough { block_on(margins)? } else { vec![f32::NAN; experiment.len()] },
            dynamics: trajectory.dynamics(),
            probe_iteration_learned: if self.thorough { settled.collect() } else { Vec::new() },
            splits: experiment.splits,
        })
    }

    /// Creates an empty merge for records of this ensemble.
    ///
    /// # Errors
    /// Any error of the noise.
    pub fn merge(&self, first: &Record) -> Result<Ensemble> {
        let (labels, given) = (self.dataset.labels.clone(), self.dataset.given_labels(&self.noise)?);
        Ensemble::new(PLAN, &first.layers, self.dataset.classes.len(), labels, given)
    }
}

fn measured(experiment: &Experiment, network: &Mlp) -> Result<PredictionDepth> {
    let options = MeasureOptions { probing: Probing { k: 10, ..Probing::default() }, ..MeasureOptions::default() };
    let source = |examples: &[usize]| experiment.forward(network, examples);
    Ok(block_on(experiment.measure(source, options, None, &Cpu::default(), &()))?.depth)
}
