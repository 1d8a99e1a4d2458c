//! The result of one model's run, as used by the program, the page and the course.

mod ensemble;
mod examples;
mod file;
mod issues;
mod shown;
mod summary;
#[cfg(feature = "formats")]
mod table;
mod texts;
mod warnings;

pub use examples::StudyExamples;
pub use file::VERSION;
pub use summary::{LabelNoise, SplitSummary, Summary};
pub use warnings::warnings;

use crate::class::{Class, UNLABELED};
use crate::data::{Dataset, Images, Inputs, Preprocessing, Split};
use crate::depth::PredictionDepth;
use crate::ensemble::Column;
use crate::error::{Error, Result, same_length};
use crate::matrix::Matrix;
use crate::measurement::Probing;
pub use crate::nets::Architecture;
pub use crate::nets::Weight;
use crate::nets::{Device, Net, Network};
use crate::pooling::Pooling;
use crate::representations::Recorded;

/// Where the classes of the layers' probes are from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProbeSource {
    /// Votes of neighbours.
    #[default]
    Neighbors,
    /// They were given: a logit lens, early exits, or probes of somebody else. Nothing was searched, and nothing voted.
    Given,
}

/// A measured network and its examples. All lists of examples are in data set order.
///
/// The network may be somebody else's, of which only the probes, or also the representations, are known.
#[derive(Clone, Debug)]
pub struct Study {
    /// Title for display.
    pub title: String,
    /// Origin of the examples.
    pub source: String,
    /// Names of the classes, `[classes]`.
    pub classes: Vec<String>,
    /// Names of the layers, `[layers]`.
    pub layers: Vec<String>,
    /// Architecture of the network; `None` if the study does not hold its network.
    pub architecture: Option<Architecture>,
    /// Conversion of images into the network's input.
    pub preprocessing: Preprocessing,
    /// Where the classes of the layers' probes are from.
    pub probe_source: ProbeSource,
    /// Options of the measurement; without meaning if the probes were given.
    pub probing: Probing,
    /// How layers were pooled before. Representations in the study are pooled already.
    pub pooling: Pooling,
    /// What is shown of the examples.
    pub inputs: Inputs,
    /// The user's names of the examples, `[examples]`: file names or keys. Empty if there are none.
    pub names: Vec<String>,
    /// Labels of the data set, `[examples]`; all [`UNLABELED`] if they are not known.
    pub labels: Vec<Class>,
    /// Labels that the network was trained with, `[examples]`; label noise makes some of them wrong. All [`UNLABELED`]
    /// if they are not known.
    pub given_labels: Vec<Class>,
    /// Split of each example, `[examples]`.
    pub splits: Vec<Split>,
    /// Names of the user's own held-out splits, by the number of [`Split::HeldOut`].
    pub held_out: Vec<String>,
    /// Whether the validation split is the data set's own; else it was drawn from the training images.
    pub own_validation: bool,
    /// The trained weights.
    pub weights: Vec<Weight>,
    /// Classes of the probes, `[layers][examples]`, and of the network, `[examples]`, over all splits.
    pub measured: PredictionDepth,
    /// Largest logit minus second largest, `[examples]`.
    pub output_margins: Vec<f32>,
    /// Representations of each layer, [examples, dims], if requested; otherwise empty.
    pub representations: Vec<Matrix>,
    /// Columns of an ensemble whose first model is this network; otherwise empty.
    pub ensemble: Vec<Column>,
}

impl Study {
    /// Returns a study of a data set without a trained network: no layers, no weights, and the data set's own labels and
    /// test images.
    pub fn untrained(dataset: Dataset) -> Self {
        Self::unmeasured(dataset.into())
    }

    /// Returns a study of examples alone: no network, no layers.
    pub fn unmeasured(examples: StudyExamples) -> Self {
        let StudyExamples { title, source, classes, inputs, names, labels, splits, held_out } = examples;
        let count = labels.len();
        Self {
            title,
            source,
            classes,
            layers: Vec::new(),
            architecture: None,
            preprocessing: Preprocessing { mean: Vec::new(), std: Vec::new() },
            probe_source: ProbeSource::default(),
            probing: Probing::default(),
            pooling: Pooling::None,
            inputs,
            names,
            given_labels: labels.clone(),
            labels,
            own_validation: splits.contains(&Split::Validation),
            splits,
            held_out,
            weights: Vec::new(),
            measured: PredictionDepth { predictions: vec![0; count], ..PredictionDepth::default() },
            output_margins: vec![0.0; count],
            representations: Vec::new(),
            ensemble: Vec::new(),
        }
    }

    /// Returns whether the labels are known: of all examples, or of none.
    pub fn has_labels(&self) -> bool {
        self.given_labels.is_empty() || self.given_labels.iter().any(|&label| label != UNLABELED)
    }

    /// Returns the number of neighbours that vote; `None` if the probes were given.
    pub fn k(&self) -> Option<usize> {
        (self.probe_source == ProbeSource::Neighbors).then_some(self.probing.k)
    }

    /// Returns in words which options of the measurement are not the defaults, without k; `None` if all are.
    pub fn options_in_words(&self) -> Option<String> {
        let pooling = (!self.pooling.is_none()).then(|| format!("layers are pooled ({})", self.pooling));
        let all: Vec<String> = [self.probing.in_words(), pooling].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Returns all options of the measurement in words: "k = 30; cosine distance"; or that the probes were given.
    pub fn how_measured(&self) -> String {
        let words = self.options_in_words().map(|words| format!("; {words}")).unwrap_or_default();
        match (self.k(), &self.measured.distances) {
            (Some(k), _) => format!("k = {k}{words}"),
            (None, None) => "what each layer predicts was given".into(),
            (None, Some(distances)) => format!(
                "what each layer predicts was given, and agrees with the network up to a distance of {}",
                distances.until
            ),
        }
    }

    /// Returns the images of the examples, if there are some.
    pub fn images(&self) -> Option<&Images> {
        self.inputs.images()
    }

    /// Returns the examples of a split, in data set order.
    pub fn examples(&self, split: Split) -> Vec<usize> {
        split.examples(&self.splits)
    }

    /// Returns the splits that have examples, in the order of their numbers.
    pub fn splits(&self) -> Vec<Split> {
        Split::present(&self.splits)
    }

    /// Returns the name of a split in files and tables.
    pub fn split_name(&self, split: Split) -> &str {
        split.name_among(&self.held_out)
    }

    /// Returns the split of this name, if it has examples.
    pub fn split_named(&self, name: &str) -> Option<Split> {
        self.splits().into_iter().find(|&split| self.split_name(split) == name)
    }

    /// Returns the name of a class; `-` for a number without a class, such as [`UNPROBED`](crate::class::UNPROBED).
    pub fn class_name(&self, class: Class) -> &str {
        self.classes.get(class as usize).map_or("-", String::as_str)
    }

    /// Returns the user's name of an example, if it has one.
    pub fn name(&self, example: usize) -> Option<&str> {
        self.names.get(example).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// Returns the name of a depth: its number and its layer, such as `3 hidden3`; or `undetermined`.
    pub fn depth_name(&self, depth: usize) -> String {
        self.layers.get(depth).map_or("undetermined".into(), |layer| format!("{depth} {layer}"))
    }

    /// Returns whether label noise changed the label of an example.
    ///
    /// # Panics
    /// If there is no such example.
    pub fn is_flipped(&self, example: usize) -> bool {
        self.labels[example] != self.given_labels[example]
    }

    /// Returns the examples of a split, hardest first: by decreasing depth, then by increasing output margin, then by
    /// id. (The order within a depth is our choice.)
    pub fn hardest_first(&self, split: Split) -> Vec<usize> {
        let depths = self.measured.depths();
        let mut examples = self.examples(split);
        examples.sort_by(|&a, &b| {
            depths[b].cmp(&depths[a]).then(self.output_margins[a].total_cmp(&self.output_margins[b])).then(a.cmp(&b))
        });
        examples
    }

    /// Returns the network with its trained weights.
    ///
    /// # Errors
    /// [`Error::NoNetwork`] if the study does not hold its network, [`Error::Mismatch`] if a weight is missing or has
    /// another shape.
    pub fn network(&self) -> Result<Net> {
        let (Some(architecture), Some(images)) = (&self.architecture, self.images()) else {
            return Err(Error::NoNetwork);
        };
        let (shape, classes) = (images.shape(), self.classes.len());
        let network = Net::with_weights(architecture, shape, classes, &self.weights, &Device::Cpu)?;
        same_length("layers of the study, as of its network", network.taps().len(), self.layers.len())?;
        Ok(network)
    }

    /// Returns the representations in the study, if it has any.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if they do not cover all layers and examples.
    pub fn recorded(&self) -> Result<Option<Recorded>> {
        if self.representations.is_empty() {
            return Ok(None);
        }
        let (layers, predictions) = (self.layers.clone(), self.measured.predictions.clone());
        let recorded = Recorded::new(layers, self.representations.clone(), predictions)?;
        recorded.with_output_margins(self.output_margins.clone()).map(Some)
    }

    /// Returns the weights of a trained network.
    ///
    /// # Errors
    /// [`Error::Network`] if a tensor cannot be read, [`Error::Unusable`] if a value is NaN or infinite.
    pub fn weights_of(network: &impl Network) -> Result<Vec<Weight>> {
        network.variables().iter().map(|(name, variable)| Weight::from_tensor(name, variable)).collect()
    }
}
