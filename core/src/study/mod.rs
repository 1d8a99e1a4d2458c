//! The result of one model's run, as used by the program, the page and the course.

mod ensemble;
mod file;
mod issues;
mod names;
mod summary;
#[cfg(feature = "formats")]
mod table;
mod warnings;

pub use file::VERSION;
pub use summary::{LabelNoise, SplitSummary, Summary};
pub use warnings::warnings;

use crate::class::Class;
use crate::data::{Dataset, Images, Preprocessing, Split};
use crate::depth::PredictionDepth;
use crate::ensemble::Column;
use crate::error::{Result, same_length};
use crate::matrix::Matrix;
use crate::measurement::Probing;
pub use crate::nets::Architecture;
pub use crate::nets::Weight;
use crate::nets::{Device, Net, Network};
use crate::representations::Recorded;

/// A measured network and its examples. All lists of examples are in data set order.
#[derive(Clone, Debug)]
pub struct Study {
    /// Title for display.
    pub title: String,
    /// Origin of the images.
    pub source: String,
    /// Names of the classes, `[classes]`.
    pub classes: Vec<String>,
    /// Names of the layers, `[layers]`.
    pub layers: Vec<String>,
    /// Architecture of the network.
    pub architecture: Architecture,
    /// Conversion of images into the network's input.
    pub preprocessing: Preprocessing,
    /// Options of the measurement.
    pub probing: Probing,
    /// The images, `[examples, channels, height, width]`.
    pub images: Images,
    /// The user's names of the examples, `[examples]`: file names or keys. Empty if there are none.
    pub names: Vec<String>,
    /// Labels of the data set, `[examples]`.
    pub labels: Vec<Class>,
    /// Labels that the network was trained with, `[examples]`; label noise makes some of them wrong.
    pub given_labels: Vec<Class>,
    /// Split of each example, `[examples]`.
    pub splits: Vec<Split>,
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
    /// Returns a study of examples without a trained network: no layers, no weights, and the data set's own labels and
    /// test images.
    pub fn untrained(dataset: Dataset) -> Self {
        let Dataset { name, source, images, labels, training, validation, classes, names, .. } = dataset;
        let count = labels.len();
        let mut splits = vec![Split::Train; training];
        splits.resize(training + validation, Split::Validation);
        splits.resize(count, Split::Test);
        Self {
            title: name,
            source,
            classes,
            layers: Vec::new(),
            architecture: Architecture::mlp(Vec::new()),
            preprocessing: Preprocessing { mean: Vec::new(), std: Vec::new() },
            probing: Probing::default(),
            images,
            names,
            given_labels: labels.clone(),
            labels,
            splits,
            own_validation: validation > 0,
            weights: Vec::new(),
            measured: PredictionDepth { predictions: vec![0; count], ..PredictionDepth::default() },
            output_margins: vec![0.0; count],
            representations: Vec::new(),
            ensemble: Vec::new(),
        }
    }

    /// Returns the examples of a split, in data set order.
    pub fn examples(&self, split: Split) -> Vec<usize> {
        split.examples(&self.splits)
    }

    /// Returns the splits that have examples, in the order of [`Split::ALL`].
    pub fn splits(&self) -> Vec<Split> {
        Split::ALL.into_iter().filter(|split| self.splits.contains(split)).collect()
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
    /// [`Error::Mismatch`](crate::Error::Mismatch) if a weight is missing or has another shape.
    pub fn network(&self) -> Result<Net> {
        let (shape, classes) = (self.images.shape(), self.classes.len());
        let network = Net::with_weights(&self.architecture, shape, classes, &self.weights, &Device::Cpu)?;
        same_length("layers of the study, as of its network", network.taps().len(), self.layers.len())?;
        Ok(network)
    }

    /// Returns the representations in the study, if it has any.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if they do not cover all layers and examples.
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
    /// [`Error::Network`](crate::Error::Network) if a tensor cannot be read, [`Error::Unusable`](crate::Error::Unusable)
    /// if a value is NaN or infinite.
    pub fn weights_of(network: &impl Network) -> Result<Vec<Weight>> {
        network.variables().iter().map(|(name, variable)| Weight::from_tensor(name, variable)).collect()
    }
}
