//! Small ensembles of multi-layer perceptrons, trained and measured as a program would.

use pollster::block_on;
use prediction_depth::data::{Dataset, Noise, Preprocessing, Split, split};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::ensemble::{Ensemble, Record};
use prediction_depth::measurement::{Probing, measure};
use prediction_depth::metrics::{InputMargin, IterationLearned, Trajectory, input_margins};
use prediction_depth::nets::{Mlp, Network};
use prediction_depth::representations::{Forward, inputs, logits};
use prediction_depth::search::Cpu;
use prediction_depth::study::Study;
use prediction_depth::train::{Length, Recipe, Trainer};
use prediction_depth::{Class, Result};

const PLAN: &str = "a plan for tests";

/// Of which all models are, but for their seeds.
pub struct SmallEnsemble {
    /// What they train on.
    pub dataset: Dataset,
    /// The labels that they are given, `[examples]`.
    pub given: Vec<Class>,
    /// Hidden units.
    pub hidden: Vec<usize>,
    /// Passes over the data.
    pub epochs: usize,
    /// Epochs from one checkpoint to the next.
    pub every: usize,
    /// Whether probes are asked at each checkpoint, and input margins are computed.
    pub thorough: bool,
}

/// One network on the data as it sees them.
struct Model<'a> {
    of: &'a SmallEnsemble,
    network: Mlp,
    splits: Vec<Split>,
    seen: Preprocessing,
}

impl SmallEnsemble {
    /// With this fraction of the training labels moved to other classes; a checkpoint after each epoch.
    ///
    /// # Errors
    /// Those of the noise.
    pub fn new(dataset: Dataset, noise: f64, hidden: &[usize], epochs: usize) -> Result<Self> {
        let given = dataset.given_labels(Noise::Other, noise, 0)?;
        Ok(Self { dataset, given, hidden: hidden.to_vec(), epochs, every: 1, thorough: false })
    }

    /// What the model of this seed leaves.
    ///
    /// # Errors
    /// Those of training and measuring.
    pub fn record(&self, seed: u64) -> Result<Record> {
        let images = &self.dataset.images;
        let splits = split(&self.dataset, seed)?;
        let ids = Split::Train.examples(&splits);
        let seen = Preprocessing::from_images(&images.select(&ids)?);
        let network = Mlp::new(images.size(), &self.hidden, self.dataset.classes.len(), seed)?;
        let model = Model { of: self, network, splits, seen };
        let recipe = Recipe { length: Length::Epochs(self.epochs), seed, learning_rate: 0.05, ..Recipe::default() };
        let shown = inputs(&model.seen, &images.select(&ids)?)?;
        let mut trainer = Trainer::new(&model.network, shown, &self.labels(&ids), recipe)?;
        let mut trajectory = Trajectory::new(&self.given, (trainer.steps() / 10) as u32);
        let mut settling = vec![IterationLearned::default(); model.network.taps().len()];
        let (every, last) = (self.every * trainer.steps_an_epoch(), trainer.steps());
        for step in 0..=last {
            if step > 0 {
                trainer.step()?;
            }
            if step % every == 0 || step == last {
                trajectory.note(step as u32, &logits(&model.network, &model.seen, images)?)?;
                if self.thorough {
                    let said = model.measured()?.probes;
                    settling.iter_mut().zip(&said).for_each(|(learned, said)| {
                        learned.note(step as u32, said);
                    });
                }
            }
        }
        let margins = input_margins(&model.network, &model.seen, images, InputMargin::Linear, &());
        let settled = settling.iter().map(|learned| learned.since().to_vec());
        Ok(Record {
            plan: PLAN.into(),
            seed,
            layers: model.network.taps().to_vec(),
            measured: model.measured()?,
            logits: logits(&model.network, &model.seen, images)?,
            input_margins: if self.thorough { block_on(margins)? } else { vec![f32::NAN; self.given.len()] },
            dynamics: trajectory.dynamics(),
            probe_iteration_learned: if self.thorough { settled.collect() } else { Vec::new() },
            splits: model.splits,
        })
    }

    /// An empty merge for records of this ensemble.
    ///
    /// # Errors
    /// None in practice.
    pub fn merge(&self, first: &Record) -> Result<Ensemble> {
        let (labels, given) = (self.dataset.labels.clone(), self.given.clone());
        Ensemble::new(PLAN, &first.layers, self.dataset.classes.len(), labels, given)
    }

    fn labels(&self, ids: &[usize]) -> Vec<Class> {
        ids.iter().map(|&id| self.given[id]).collect()
    }
}

impl Model<'_> {
    fn measured(&self) -> Result<PredictionDepth> {
        let ids = Split::ALL.map(|split| split.examples(&self.splits));
        let forward = |ids: &Vec<usize>| Forward::new(&self.network, &self.seen, self.of.dataset.images.select(ids)?);
        let parts = ids.iter().map(forward).collect::<Result<Vec<_>>>()?;
        let (probing, held_out) = (Probing { k: 10, ..Probing::default() }, [&parts[1], &parts[2]]);
        let (labels, cpu) = (self.of.labels(&ids[0]), Cpu::default());
        let measured = measure(&parts[0], &labels, &held_out, probing, &cpu, &());
        Study::assemble(&self.splits, &block_on(measured)?)
    }
}
