//! The one way from a data set to a study: label noise, then a split, then what a network sees of an image; a training; a
//! measurement; and the study of what was found. Program, page, ensembles and tests all take it.

mod measure;

pub use measure::{MeasureOptions, Measurement, NeighborListener};
use measure::{Part, measure_parts};

use crate::class::Class;
use crate::data::{Dataset, NoiseSettings, Preprocessing, Split, split};
use crate::error::{Error, Result, same_length};
use crate::nets::{Architecture, Device, Net, Network, Weight};
use crate::representations::{Forward, Representations, inputs};
use crate::search::{NeighborSearch, Progress};
use crate::study::Study;
use crate::train::{Recipe, Trainer};

/// Bytes for layers that [`Experiment::forward`] computes in one pass, over all splits. What takes more is computed in several passes.
const KEPT: u64 = 128 << 20;

/// A data set with the labels, the split and the preprocessing of one network. All lists of examples are in data set order.
///
/// Its images are shared with the data set that it was made from: a clone copies no pixels.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The examples, with their own labels.
    pub dataset: Dataset,
    /// The labels that the network is given, `[examples]`: label noise makes some of them wrong.
    pub given_labels: Vec<Class>,
    /// `[examples]`
    pub splits: Vec<Split>,
    /// What the network sees of an image.
    pub preprocessing: Preprocessing,
}

impl Experiment {
    /// Draws the label noise, on training images only; then the split, by a seed of its own; then takes the preprocessing from
    /// the images of the training split.
    ///
    /// # Errors
    /// [`Error::Setting`] for noise or a split that this data set cannot have.
    pub fn new(dataset: Dataset, noise: &NoiseSettings, split_seed: u64) -> Result<Self> {
        let given_labels = dataset.given_labels(noise)?;
        let splits = split(&dataset, split_seed)?;
        let training = dataset.images.select(&Split::Train.examples(&splits))?;
        let preprocessing = Preprocessing::from_images(&training);
        Ok(Self { dataset, given_labels, splits, preprocessing })
    }

    /// How many examples there are, over all splits.
    pub fn len(&self) -> usize {
        self.splits.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.splits.is_empty()
    }

    /// The examples of a split, in data set order.
    pub fn examples(&self, split: Split) -> Vec<usize> {
        split.examples(&self.splits)
    }

    /// The given labels of some examples, `[examples.len()]`.
    ///
    /// # Panics
    /// Where there is no such example.
    pub fn given(&self, examples: &[usize]) -> Vec<Class> {
        examples.iter().map(|&example| self.given_labels[example]).collect()
    }

    /// A network for these images and classes before its first step, with random weights by seed.
    ///
    /// # Errors
    /// Those of [`Net::new`].
    pub fn network(&self, architecture: &Architecture, seed: u64, device: &Device) -> Result<Net> {
        Net::new(architecture, self.dataset.images.shape(), self.dataset.classes.len(), seed, device)
    }

    /// The network's training on the training split, before its first step.
    ///
    /// # Errors
    /// Those of [`Trainer::new`].
    pub fn trainer<'n, N: Network>(&self, network: &'n N, recipe: Recipe) -> Result<Trainer<'n, N>> {
        let examples = self.examples(Split::Train);
        let images = self.dataset.images.select(&examples)?;
        let [channels, height, width] = images.shape();
        let inputs = inputs(&self.preprocessing, &images)?.reshape((examples.len(), channels, height, width))?;
        Trainer::new(network, inputs, &self.given(&examples), recipe)
    }

    /// Some examples on their way through a network: the source of representations where every layer fits into memory.
    ///
    /// # Errors
    /// Those of [`Forward::new`].
    pub fn forward<'n, N: Network>(&self, network: &'n N, examples: &[usize]) -> Result<Forward<'n, N>> {
        let forward = Forward::new(network, &self.preprocessing, self.dataset.images.select(examples)?)?;
        Ok(forward.keeping(KEPT * examples.len() as u64 / self.len().max(1) as u64))
    }

    /// Measures every example. `source` makes the representations of the examples that it is given, one split at a time: an
    /// [`Experiment::forward`] pass, the caller's own way to stay within a memory, or what was recorded before. Splits without
    /// examples are left out.
    ///
    /// `on_neighbors` is told who votes, where somebody wants to know it. `progress` counts queries over all layers.
    ///
    /// # Errors
    /// Those of `source`, of the search and of `progress`; [`Error::Empty`] without a training split, [`Error::BadK`] where it has
    /// not enough neighbours, [`Error::Mismatch`] where a source has other examples or layers, [`Error::Setting`] for neighbours
    /// together with `depth_only`, which does not look for all of them.
    pub async fn measure<R: Representations>(
        &self,
        source: impl Fn(&[usize]) -> Result<R>,
        options: MeasureOptions,
        on_neighbors: Option<NeighborListener<'_>>,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Measurement> {
        let mut parts = Vec::new();
        for split in Split::ALL {
            let examples = self.examples(split);
            match split {
                Split::Train if examples.is_empty() => return Err(Error::Empty { what: "the training split".into() }),
                _ if examples.is_empty() => continue,
                _ => progress.step(0, self.len()).await?,
            }
            let source = source(&examples)?;
            same_length(&format!("examples of {}", split.name()), examples.len(), source.predictions().len())?;
            parts.push(Part { split, examples, source });
        }
        let labels = self.given(&parts[0].examples);
        measure_parts(&parts, &labels, options, on_neighbors, search, progress).await
    }

    /// Measures a study again, as it was measured before: on the representations that it carries, else on those of its network.
    ///
    /// # Errors
    /// Those of [`Study::network`] and of [`Experiment::measure`].
    pub async fn measure_again(
        study: &Study,
        on_neighbors: Option<NeighborListener<'_>>,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Measurement> {
        let experiment = Self::from(study);
        let options = MeasureOptions { probing: study.probing, ..MeasureOptions::default() };
        if let Some(recorded) = study.recorded()? {
            let source = |examples: &[usize]| Ok(recorded.select(examples));
            return experiment.measure(source, options, on_neighbors, search, progress).await;
        }
        let network = study.network()?;
        let source = |examples: &[usize]| experiment.forward(&network, examples);
        experiment.measure(source, options, on_neighbors, search, progress).await
    }

    /// The study of what was measured. `weights` are those of the network, see [`Study::weights_of`].
    ///
    /// # Errors
    /// [`Error::Mismatch`] where the measurement is of other examples or classes.
    pub fn into_study(
        self,
        title: String,
        architecture: Architecture,
        weights: Vec<Weight>,
        measurement: Measurement,
    ) -> Result<Study> {
        let Self { dataset, given_labels, splits, preprocessing } = self;
        let Measurement { layers, probing, depth, output_margins, representations, work: _ } = measurement;
        let study = Study {
            title,
            layers,
            architecture,
            preprocessing,
            probing,
            given_labels,
            splits,
            weights,
            measured: depth,
            output_margins,
            representations,
            ..Study::untrained(dataset)
        };
        study.check()?;
        Ok(study)
    }
}

/// The experiment that a study came from, so that it can be measured again.
///
/// A study holds no name of its data set: it is called as the study is. Its training images are those that are not in the
/// test split; they come first in every study that was made from a [`Dataset`].
impl From<&Study> for Experiment {
    fn from(study: &Study) -> Self {
        Self {
            dataset: Dataset {
                name: study.title.clone(),
                source: study.source.clone(),
                images: study.images.clone(),
                labels: study.labels.clone(),
                training: study.splits.iter().filter(|&&split| split != Split::Test).count(),
                classes: study.classes.clone(),
            },
            given_labels: study.given_labels.clone(),
            splits: study.splits.clone(),
            preprocessing: study.preprocessing.clone(),
        }
    }
}
