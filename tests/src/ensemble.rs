//! Small ensembles of multi-layer perceptrons, trained and measured as a program would.

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

/// Of which all models are, but for their seeds.
pub struct SmallEnsemble {
    /// What they train on.
    pub dataset: Dataset,
    /// Which of the labels that they are given are wrong.
    pub noise: NoiseSettings,
    /// Hidden units.
    pub hidden: Vec<usize>,
    /// Passes over the data.
    pub epochs: usize,
    /// Epochs from one checkpoint to the next.
    pub every: usize,
    /// Whether probes are asked at each checkpoint, and input margins are computed.
    pub thorough: bool,
}

impl SmallEnsemble {
    /// With this fraction of the training labels moved to other classes; a checkpoint after each epoch.
    pub fn new(dataset: Dataset, label_noise: f64, hidden: &[usize], epochs: usize) -> Self {
        let noise = NoiseSettings { label_noise, ..NoiseSettings::default() };
        Self { dataset, noise, hidden: hidden.to_vec(), epochs, every: 1, thorough: false }
    }

    /// What the model of this seed leaves.
    ///
    /// # Errors
    /// Those of training and measuring.
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

    /// An empty merge for records of this ensemble.
    ///
    /// # Errors
    /// Those of the noise.
    pub fn merge(&self, first: &Record) -> Result<Ensemble> {
        let (labels, given) = (self.dataset.labels.clone(), self.noise.given_labels(&self.dataset)?);
        Ensemble::new(PLAN, &first.layers, self.dataset.classes.len(), labels, given)
    }
}

fn measured(experiment: &Experiment, network: &Mlp) -> Result<PredictionDepth> {
    let options = MeasureOptions { probing: Probing { k: 10, ..Probing::default() }, ..MeasureOptions::default() };
    let source = |examples: &[usize]| experiment.forward(network, examples);
    Ok(block_on(experiment.measure(source, options, None, &Cpu::default(), &()))?.depth)
}
