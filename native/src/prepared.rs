//! A data set with its labels and splits, on the way to a study.

use anyhow::Context;
use prediction_depth::data::{Dataset, Preprocessing, Split, flip_labels, split};
use prediction_depth::measure::{Work, measure, measure_depths};
use prediction_depth::nets::{Net, Network};
use prediction_depth::representations::{Forward, Representations, inputs};
use prediction_depth::search::Device;
use prediction_depth::study::Study;
use prediction_depth::train::Trainer;
use prediction_depth::{Class, Matrix, Rows};
use serde_json::json;

use crate::memory::{Bounded, Memory};
use crate::progress::Bar;
use crate::settings::Settings;

/// The data as one network gets to see them.
pub struct Prepared {
    dataset: Dataset,
    given_labels: Vec<Class>,
    splits: Vec<Split>,
    preprocessing: Preprocessing,
}

impl Prepared {
    /// Noise first, on training images only; then the split.
    pub fn new(dataset: Dataset, settings: &Settings) -> anyhow::Result<Self> {
        let (noise, classes) = (&settings.data, dataset.classes.len());
        let flipped = flip_labels(&dataset.labels[..dataset.training], noise.label_noise, classes, noise.noise_seed)?;
        let given_labels = [&flipped, &dataset.labels[dataset.training..]].concat();
        let splits = split(&dataset, settings.seed)?;
        settings.probing.check(Split::Train.examples(&splits).len())?;
        let mut prepared =
            Self { dataset, given_labels, splits, preprocessing: Preprocessing { mean: Vec::new(), std: Vec::new() } };
        let training = prepared.dataset.images.select(&Split::Train.examples(&prepared.splits))?;
        prepared.preprocessing = Preprocessing::of(&training);
        Ok(prepared)
    }

    fn given(&self, ids: &[usize]) -> Vec<Class> {
        ids.iter().map(|&id| self.given_labels[id]).collect()
    }

    /// The network before training. Layers that the memory cannot hold a batch of are refused now.
    pub fn network(&self, settings: &Settings, memory: &Memory) -> anyhow::Result<Net> {
        let images = &self.dataset.images;
        let network = Net::new(&settings.network, images.shape(), self.dataset.classes.len(), settings.seed)?;
        let one = Forward::new(&network, &self.preprocessing, self.dataset.images.select(&[0])?)?;
        memory.check(&one, self.splits.len())?;
        Ok(network)
    }

    /// Trains the network; returns `metrics.jsonl`, a line for each epoch.
    pub fn train(&self, network: &Net, settings: &Settings, quiet: bool) -> anyhow::Result<String> {
        let ids = Split::Train.examples(&self.splits);
        let inputs = inputs(&self.preprocessing, &self.dataset.images.select(&ids)?)?;
        let mut trainer = Trainer::new(network, inputs, &self.given(&ids), settings.training.clone())?;
        let (bar, mut metrics) = (Bar::new("training", "epochs", quiet), String::new());
        for epoch in 1..=settings.training.epochs {
            let (mut loss, mut accuracy, mut step) = (0.0, 0.0, 0);
            for _ in 0..trainer.steps_an_epoch() {
                let taken = trainer.step()?;
                (loss, accuracy, step) = (loss + f64::from(taken.loss), accuracy + taken.accuracy, taken.step);
            }
            let steps = trainer.steps_an_epoch() as f64;
            let (loss, accuracy) = (loss / steps, accuracy / steps);
            metrics += &json!({"epoch": epoch, "step": step, "loss": loss, "accuracy": accuracy}).to_string();
            metrics += "\n";
            bar.show(epoch, settings.training.epochs, &format!("(loss {loss:.3}, accuracy {:.1} %)", 100.0 * accuracy));
        }
        Ok(metrics)
    }

    /// The study; with `--depth-only` also how much of the work was done.
    pub async fn measure(
        self,
        network: &Net,
        settings: &Settings,
        memory: &Memory,
        device: &Device,
        quiet: bool,
    ) -> anyhow::Result<(Study, Option<Work>)> {
        let used = Split::ALL.map(|split| split.examples(&self.splits));
        let forward = |ids: &Vec<usize>| -> anyhow::Result<_> {
            let forward = Forward::new(network, &self.preprocessing, self.dataset.images.select(ids)?)?;
            Ok(Bounded::new(forward, memory, self.splits.len()))
        };
        // A data set need not have test images; the other two splits are never empty.
        let parts = used.iter().filter(|ids| !ids.is_empty()).map(forward).collect::<anyhow::Result<Vec<_>>>()?;
        let held_out: Vec<_> = parts[1..].iter().collect();
        let labels = self.given(&used[0]);
        let bar = Bar::new("measuring", "probes", quiet);
        let found = if settings.depth_only {
            let found = measure_depths(&parts[0], &labels, &held_out, settings.probing, device, &bar).await;
            found.map(|(measured, work)| (measured, Some(work)))
        } else {
            let found = measure(&parts[0], &labels, &held_out, settings.probing, device, &bar).await;
            found.map(|measured| (measured, None))
        };
        let (measured, work) = found.with_context(|| format!("--data {}", self.dataset.name))?;
        let mut output_margins = vec![0.0; self.splits.len()];
        for (ids, part) in used.iter().zip(&parts) {
            for (&id, margin) in ids.iter().zip(part.output_margins()) {
                output_margins[id] = margin;
            }
        }
        let representations = if settings.representations { recorded(&used, &parts).await? } else { Vec::new() };
        let study = Study {
            title: settings.title(),
            source: self.dataset.source,
            layers: network.taps().to_vec(),
            architecture: settings.network.clone(),
            preprocessing: self.preprocessing,
            probing: settings.probing,
            weights: Study::weights_of(network)?,
            measured: Study::assemble(&self.splits, &measured)?,
            output_margins,
            representations,
            ensemble: Vec::new(),
            images: self.dataset.images,
            labels: self.dataset.labels,
            classes: self.dataset.classes,
            given_labels: self.given_labels,
            splits: self.splits,
        };
        Ok((study, work))
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
