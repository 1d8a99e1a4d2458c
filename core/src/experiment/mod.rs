//! All steps from a data set to a study: label noise, split, preprocessing, training, measurement, study. Program,
//! page, ensembles and tests use this module.

#[cfg(feature = "onnx")]
mod foreign;
mod measure;
mod some;
mod table_rows;

#[cfg(feature = "onnx")]
pub use foreign::ForeignInput;
pub use measure::{MeasureOptions, Measurement, NeighborListener, measure_splits};
pub use some::Sample;

use crate::class::Class;
use crate::data::{Dataset, NoiseSettings, Preprocessing, Split, split};
use crate::error::{Error, Result};
use crate::measurement::Probing;
use crate::nets::{Architecture, Device, Net, Network, Weight};
use crate::representations::{Forward, Representations, inputs};
use crate::search::{NeighborSearch, Progress};
use crate::study::Study;
use crate::train::{Recipe, Trainer};

/// Memory limit in bytes for the layers that one pass of [`Experiment::forward`] computes. If layers need more, there
/// are several passes.
const KEPT: u64 = 128 << 20;

/// A data set with the given labels, split and preprocessing of one network. All lists of examples are in data set
/// order.
///
/// The images are shared with the original data set: a clone copies no pixels.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The examples, with their own labels.
    pub dataset: Dataset,
    /// Labels that the network is trained with, `[examples]`; label noise makes some of them wrong.
    pub given_labels: Vec<Class>,
    /// Split of each example, `[examples]`.
    pub splits: Vec<Split>,
    /// Conversion of images into the network's input.
    pub preprocessing: Preprocessing,
}

impl Experiment {
    /// Adds label noise to training images only; then draws the split, with its own seed; then computes the
    /// preprocessing from the images of the training split.
    ///
    /// # Errors
    /// [`Error::Setting`] if the noise or the split is impossible for this data set.
    pub fn new(dataset: Dataset, noise: &NoiseSettings, split_seed: u64) -> Result<Self> {
        let given_labels = dataset.given_labels(noise)?;
        let splits = split(&dataset, split_seed)?;
        let training = dataset.images.select(&Split::Train.examples(&splits))?;
        let preprocessing = Preprocessing::from_images(&training);
        Ok(Self { dataset, given_labels, splits, preprocessing })
    }

    /// Returns the number of examples, over all splits.
    pub fn len(&self) -> usize {
        self.splits.len()
    }

    /// Returns whether there are no examples.
    pub fn is_empty(&self) -> bool {
        self.splits.is_empty()
    }

    /// Returns the examples of a split, in data set order.
    pub fn examples(&self, split: Split) -> Vec<usize> {
        split.examples(&self.splits)
    }

    /// Returns the given labels of some examples, `[examples.len()]`.
    ///
    /// # Panics
    /// If there is no such example.
    pub fn given(&self, examples: &[usize]) -> Vec<Class> {
        examples.iter().map(|&example| self.given_labels[example]).collect()
    }

    /// Checks the options of a measurement early.
    ///
    /// # Errors
    /// Those of [`Probing::check`].
    pub fn check_probing(&self, probing: &Probing) -> Result<()> {
        probing.check(&self.given(&self.examples(Split::Train)), &self.dataset.classes)
    }

    /// Returns an untrained network for these images and classes, with random weights by seed.
    ///
    /// # Errors
    /// Those of [`Net::new`] and, for rows of a table, of [`Experiment::check_sense`].
    pub fn network(&self, architecture: &Architecture, seed: u64, device: &Device) -> Result<Net> {
        self.check_architecture(architecture)?;
        Net::new(architecture, self.dataset.images.shape(), self.dataset.classes.len(), seed, device)
    }

    /// Returns a trainer for the network on the training split, before its first step.
    ///
    /// # Errors
    /// Those of [`Trainer::new`] and, for rows of a table, of [`Experiment::check_sense`].
    pub fn trainer<'n, N: Network>(&self, network: &'n N, recipe: Recipe) -> Result<Trainer<'n, N>> {
        self.check_augmentation(recipe.augmentation)?;
        let examples = self.examples(Split::Train);
        let images = self.dataset.images.select(&examples)?;
        let [channels, height, width] = images.shape();
        let inputs = inputs(&self.preprocessing, &images)?.reshape((examples.len(), channels, height, width))?;
        Trainer::new(network, inputs, &self.given(&examples), recipe)
    }

    /// Returns the representations of some examples, computed by the network; each layer must fit into memory.
    ///
    /// # Errors
    /// Those of [`Forward::new`].
    pub fn forward<'n, N: Network>(&self, network: &'n N, examples: &[usize]) -> Result<Forward<'n, N>> {
        let forward = Forward::new(network, &self.preprocessing, self.dataset.images.select(examples)?)?;
        Ok(forward.keeping(KEPT * examples.len() as u64 / self.len().max(1) as u64))
    }

    /// Measures every example; see [`measure_splits`]. `source` returns the representations of the given examples: an
    /// [`Experiment::forward`] pass, or the caller's own way to limit memory.
    ///
    /// # Errors
    /// Those of [`measure_splits`].
    pub async fn measure<R: Representations>(
        &self,
        source: impl Fn(&[usize]) -> Result<R>,
        options: MeasureOptions,
        on_neighbors: Option<NeighborListener<'_>>,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Measurement> {
        measure_splits(&self.splits, &self.given_labels, source, options, on_neighbors, search, progress).await
    }

    /// Measures a study again with its own options, on its representations if it has any, otherwise on those of its
    /// network.
    ///
    /// # Errors
    /// Those of [`Study::network`] and of [`measure_splits`].
    pub async fn measure_again(
        study: &Study,
        on_neighbors: Option<NeighborListener<'_>>,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<Measurement> {
        let options = MeasureOptions { probing: study.probing, ..MeasureOptions::default() };
        if let Some(recorded) = study.recorded()? {
            let (splits, given) = (&study.splits, &study.given_labels);
            let source = |examples: &[usize]| Ok(recorded.select(examples));
            return measure_splits(splits, given, source, options, on_neighbors, search, progress).await;
        }
        let (network, experiment) = (study.network()?, Self::from_study(study)?);
        let source = |examples: &[usize]| experiment.forward(&network, examples);
        experiment.measure(source, options, on_neighbors, search, progress).await
    }

    /// Returns the study of a measurement. `weights` are those of the network, see [`Study::weights_of`].
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the measurement has other examples or classes.
    pub fn into_study(
        self,
        title: String,
        architecture: Architecture,
        weights: Vec<Weight>,
        measurement: Measurement,
    ) -> Result<Study> {
        let Self { dataset, given_labels, splits, preprocessing } = self;
        let architecture = Some(architecture);
        let study = Study { architecture, preprocessing, given_labels, splits, weights, ..Study::untrained(dataset) };
        measurement.complete(Study { title, ..study })
    }

    /// Restores the experiment of a study, so that it can be measured again.
    ///
    /// A study does not store the name of its data set, so the data set gets the study's title as its name. In every
    /// study made from a [`Dataset`], its training images come first, then its own validation images, if it has some,
    /// then its test images.
    ///
    /// # Errors
    /// [`Error::NoNetwork`] if the study has no images, or splits that no data set has.
    pub fn from_study(study: &Study) -> Result<Self> {
        let Some(images) = study.images().filter(|_| study.held_out.is_empty()) else {
            return Err(Error::NoNetwork);
        };
        let count = |split: Split| study.splits.iter().filter(|&&other| other == split).count();
        let (training, held_out) = (count(Split::Train), count(Split::Validation));
        let [training, validation] = if study.own_validation { [training, held_out] } else { [training + held_out, 0] };
        Ok(Self {
            dataset: Dataset {
                name: study.title.clone(),
                source: study.source.clone(),
                images: images.clone(),
                labels: study.labels.clone(),
                training,
                validation,
                classes: study.classes.clone(),
                names: study.names.clone(),
                ..Dataset::default()
            },
            given_labels: study.given_labels.clone(),
            splits: study.splits.clone(),
            preprocessing: study.preprocessing.clone(),
        })
    }
}
