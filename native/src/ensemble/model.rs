//! One model of an ensemble: training, observation at checkpoints, measurement.

use anyhow::bail;
use prediction_depth::Class;
use prediction_depth::data::Dataset;
use prediction_depth::ensemble::Record;
use prediction_depth::experiment::{Experiment, MeasureOptions};
use prediction_depth::metrics::{IterationLearned, Trajectory, input_margins};
use prediction_depth::nets::{Net, Network};
use prediction_depth::representations::logits;
use prediction_depth::search::SearchDevice;
use prediction_depth::study::Study;
use prediction_depth::train::early_steps;

use super::plan::Models;
use crate::interrupt;
use crate::memory::Memory;
use crate::progress::Interruptible;

/// Fraction of the training after which EL2N is computed (our choice: Paul et al. use epoch 20 of 200).
const EARLY: f64 = 0.1;

/// State shared by all models.
pub struct Shared<'a> {
    pub models: &'a Models,
    /// Hash of the plan.
    pub plan: &'a str,
    pub dataset: &'a Dataset,
    pub memory: &'a Memory,
    pub device: &'a SearchDevice,
}

/// Returns a model's record; for the first model, also its study.
pub async fn model(shared: &Shared<'_>, seed: u64) -> anyhow::Result<(Record, Option<Study>)> {
    let (models, dataset) = (shared.models, shared.dataset);
    let settings = models.settings(seed);
    let Some(measuring) = settings.measuring else {
        bail!("the plan has no settings for the measurement; make it again with `pdepth ensemble plan`")
    };
    let experiment = settings.experiment(dataset)?;
    let network = settings.new_network(&experiment)?;
    shared.memory.check(&experiment, &network)?;
    let mut trainer = experiment.trainer(&network, settings.training.clone())?;
    let steps = trainer.steps();
    let mut observer = CheckpointObserver {
        shared,
        experiment: &experiment,
        network: &network,
        measuring,
        trajectory: Trajectory::new(&experiment.given_labels, (EARLY * steps as f64) as u32),
        probes: vec![IterationLearned::default(); network.taps().len()],
    };
    let moments = early_steps(steps);
    loop {
        let step = trainer.taken();
        if moments.contains(&step) {
            trainer.check()?;
            observer.observe(step, steps).await?;
        }
        if trainer.taken() == steps {
            break;
        }
        if interrupt::asked() {
            bail!(prediction_depth::Error::Cancelled);
        }
        trainer.step()?;
    }
    drop(trainer);
    let measured = shared.memory.measure(&experiment, &network, measuring, shared.device, &Interruptible).await?;
    let (dynamics, mut probes) = (observer.trajectory.dynamics(), observer.probes);
    let learned = |(learned, said): (&mut IterationLearned, &Vec<Class>)| learned.note(steps as u32, said).to_vec();
    let probe_iteration_learned = match models.probe_checkpoints {
        true => probes.iter_mut().zip(&measured.depth.probes).map(learned).collect(),
        false => Vec::new(),
    };
    let record = Record {
        plan: shared.plan.into(),
        seed,
        layers: network.taps().to_vec(),
        splits: experiment.splits.clone(),
        measured: measured.depth.clone(),
        logits: logits(&network, &experiment.preprocessing, &dataset.images)?,
        input_margins: margins(shared, &experiment, &network).await?,
        dynamics,
        probe_iteration_learned,
    };
    if seed != models.first.seed {
        return Ok((record, None));
    }
    let weights = Study::weights_of(&network)?;
    let study = experiment.into_study(settings.title(), settings.network, weights, measured)?;
    Ok((record, Some(study)))
}

async fn margins(shared: &Shared<'_>, experiment: &Experiment, network: &Net) -> anyhow::Result<Vec<f32>> {
    let examples = shared.dataset.labels.len();
    let (ids, mut margins) = (shared.models.margin_ids(examples), vec![f32::NAN; examples]);
    if !ids.is_empty() {
        let (images, kind) = (shared.dataset.images.select(&ids)?, shared.models.margin);
        let found = input_margins(network, &experiment.preprocessing, &images, kind, &Interruptible).await?;
        ids.into_iter().zip(found).for_each(|(id, margin)| margins[id] = margin);
    }
    Ok(margins)
}

/// Measurements at the checkpoints of a training.
struct CheckpointObserver<'a> {
    shared: &'a Shared<'a>,
    experiment: &'a Experiment,
    network: &'a Net,
    measuring: MeasureOptions,
    trajectory: Trajectory,
    /// Iteration learned of each layer's probe.
    probes: Vec<IterationLearned>,
}

impl CheckpointObserver<'_> {
    async fn observe(&mut self, step: usize, steps: usize) -> anyhow::Result<()> {
        let scores = logits(self.network, &self.experiment.preprocessing, &self.shared.dataset.images);
        let scores = scores.map_err(|error| error.at_step(step))?;
        self.trajectory.note(step as u32, &scores)?;
        // The final measurement follows separately.
        if self.shared.models.probe_checkpoints && step < steps {
            let (memory, device) = (self.shared.memory, self.shared.device);
            let measuring = MeasureOptions { representations: false, depth_only: false, ..self.measuring };
            let found = memory.measure(self.experiment, self.network, measuring, device, &Interruptible).await?;
            for (learned, said) in self.probes.iter_mut().zip(&found.depth.probes) {
                learned.note(step as u32, said);
            }
        }
        Ok(())
    }
}
