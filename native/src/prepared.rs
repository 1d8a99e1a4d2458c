//! A data set with its labels and splits, on the way to a study.

use anyhow::Context;
use prediction_depth::data::{Dataset, Preprocessing, Split, split};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::measurement::{Work, measure, measure_depths};
use prediction_depth::nets::{Net, Network};
use prediction_depth::representations::{Forward, Representations, inputs};
use prediction_depth::search::SearchDevice;
use prediction_depth::study::Study;
use prediction_depth::train::Trainer;
use prediction_depth::{Class, Matrix, Progress, Rows};

use crate::accelerator::accelerator;
use crate::memory::{Bounded, Memory};
use crate::settings::{Measuring, Settings};

/// The data as one network gets to see them.
pub struct Prepared<'a> {
    pub dataset: &'a Dataset,
    pub given_labels: Vec<Class>,
    pub splits: Vec<Split>,
    pub preprocessing: Preprocessing,
}

/// What a network was found to say, in data set order.
pub struct Measurement {
    pub measured: PredictionDepth,
    pub output_margins: Vec<f32>,
    representations: Vec<Matrix>,
    /// How much of the work was done, where only depths were asked for.
    pub work: Option<Work>,
}

impl<'a> Prepared<'a> {
    /// Noise first, on training images only; then the split.
    pub fn new(dataset: &'a Dataset, settings: &Settings) -> anyhow::Result<Self> {
        let noise = &settings.data.noise;
        let given_labels = dataset.given_labels(noise.noise, noise.label_noise, noise.noise_seed)?;
        let splits = split(dataset, settings.seed)?;
        let training = Split::Train.examples(&splits);
        if let Some(measuring) = &settings.measuring {
            measuring.probing.check(training.len())?;
        }
        let preprocessing = Preprocessing::from_images(&dataset.images.select(&training)?);
        Ok(Self { dataset, given_labels, splits, preprocessing })
    }

    fn given(&self, ids: &[usize]) -> Vec<Class> {
        ids.iter().map(|&id| self.given_labels[id]).collect()
    }

    /// The network before training.
    pub fn network(&self, settings: &Settings) -> anyhow::Result<Net> {
        let (shape, classes) = (self.dataset.images.shape(), self.dataset.classes.len());
        Ok(Net::new(&settings.network, shape, classes, settings.seed, &accelerator())?)
    }

    /// Refuses layers that the memory cannot hold a batch of, before anything long begins.
    pub fn check(&self, network: &Net, memory: &Memory) -> anyhow::Result<()> {
        let one = Forward::new(network, &self.preprocessing, self.dataset.images.select(&[0])?)?;
        memory.check(&one, self.splits.len())
    }

    /// The network's training, before its first step.
    pub fn trainer<'n>(&self, network: &'n Net, settings: &Settings) -> anyhow::Result<Trainer<'n, Net>> {
        let ids = Split::Train.examples(&self.splits);
        let images = self.dataset.images.select(&ids)?;
        let [channels, height, width] = images.shape();
        let inputs = inputs(&self.preprocessing, &images)?.reshape((ids.len(), channels, height, width));
        let inputs = inputs.map_err(prediction_depth::Error::from)?;
        Ok(Trainer::new(network, inputs, &self.given(&ids), settings.training.clone())?)
    }

    /// What probes and network say of every example.
    pub async fn measure(
        &self,
        network: &Net,
        measuring: Measuring,
        memory: &Memory,
        device: &SearchDevice,
        progress: &impl Progress,
    ) -> anyhow::Result<Measurement> {
        let used = Split::ALL.map(|split| split.examples(&self.splits));
        let forward = |ids: &Vec<usize>| -> anyhow::Result<_> {
            let forward = Forward::new(network, &self.preprocessing, self.dataset.images.select(ids)?)?;
            Ok(Bounded::new(forward, memory, self.splits.len()))
        };
        // A data set need not have test images; the other two splits are never empty.
        let parts = used.iter().filter(|ids| !ids.is_empty()).map(forward).collect::<anyhow::Result<Vec<_>>>()?;
        let held_out: Vec<_> = parts[1..].iter().collect();
        let (labels, probing) = (self.given(&used[0]), measuring.probing);
        let found = if measuring.depth_only {
            let found = measure_depths(&parts[0], &labels, &held_out, probing, device, progress).await;
            found.map(|(measured, work)| (measured, Some(work)))
        } else {
            let found = measure(&parts[0], &labels, &held_out, probing, device, progress).await;
            found.map(|measured| (measured, None))
        };
        let (measured, work) = found.with_context(|| format!("--data {}", self.dataset.name))?;
        let mut output_margins = vec![0.0; self.splits.len()];
        for (ids, part) in used.iter().zip(&parts) {
            for (&id, margin) in ids.iter().zip(part.output_margins()) {
                output_margins[id] = margin;
            }
        }
        let representations = if measuring.representations { recorded(&used, &parts).await? } else { Vec::new() };
        Ok(Measurement { measured: Study::assemble(&self.splits, &measured)?, output_margins, representations, work })
    }

    /// The study of what was found.
    pub fn study(
        &self,
        network: &Net,
        settings: &Settings,
        measuring: Measuring,
        found: Measurement,
    ) -> anyhow::Result<Study> {
        Ok(Study {
            title: settings.title(),
            source: self.dataset.source.clone(),
            layers: network.taps().to_vec(),
            architecture: settings.network.clone(),
            preprocessing: self.preprocessing.clone(),
            probing: measuring.probing,
            weights: Study::weights_of(network)?,
            measured: found.measured,
            output_margins: found.output_margins,
            representations: found.representations,
            ensemble: Vec::new(),
            images: self.dataset.images.clone(),
            labels: self.dataset.labels.clone(),
            classes: self.dataset.classes.clone(),
            given_labels: self.given_labels.clone(),
            splits: self.splits.clone(),
        })
    }
}

/// Each layer's representations in data set order, as they were measured, split by split.
async fn recorded(used: &[Vec<usize>], parts: &[impl Representations]) -> anyhow::Result<Vec<Matrix>> {
    let examples = used.iter().map(Vec::len).sum();
    let mut layers = Vec::new();
    for layer in 0..parts[0].layers().len() {
        let mut rows = vec![Vec::new(); examples];
        for (ids, part) in used.iter().filter(|ids| !ids.is_empty()).zip(parts) {
            let source = part.layer(layer)?;
            for (row, &id) in ids.iter().enumerate() {
                rows[id] = source.block(row..row + 1).await?.into_owned();
            }
        }
        let dims = rows[0].len();
        layers.push(Matrix::new(rows.concat(), examples, dims)?);
    }
    Ok(layers)
}
