//! What one model's run leaves: the study that program, page and course share.

mod ensemble;
mod file;
mod issues;
mod summary;
#[cfg(feature = "formats")]
mod table;

pub use file::VERSION;
pub use summary::{LabelNoise, SplitSummary, Summary};

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

/// Everything about a measured network and its examples. All lists of examples are in data set order.
#[derive(Clone, Debug)]
pub struct Study {
    /// A line to show above it.
    pub title: String,
    /// Where the images come from.
    pub source: String,
    /// The names of the classes, `[classes]`.
    pub classes: Vec<String>,
    /// The names of the layers, `[layers]`.
    pub layers: Vec<String>,
    /// The network.
    pub architecture: Architecture,
    /// What it sees of an image.
    pub preprocessing: Preprocessing,
    /// How depth was measured.
    pub probing: Probing,
    /// `[examples, channels, height, width]`
    pub images: Images,
    /// The labels of the data set, `[examples]`.
    pub labels: Vec<Class>,
    /// The labels that the network was given, `[examples]`: label noise makes some of them wrong.
    pub given_labels: Vec<Class>,
    /// `[examples]`
    pub splits: Vec<Split>,
    /// The trained weights.
    pub weights: Vec<Weight>,
    /// What probes and network said, over all splits: `[layers][examples]` and `[examples]`.
    pub measured: PredictionDepth,
    /// Largest logit minus second largest, `[examples]`.
    pub output_margins: Vec<f32>,
    /// Each layer's representations, [examples, dims], where they were asked for; else empty.
    pub representations: Vec<Matrix>,
    /// What an ensemble adds, whose first model's network this is; else empty.
    pub ensemble: Vec<Column>,
}

impl Study {
    /// Examples alone, whose network is not trained yet: no layers, no weights, and the data set's own labels and test images.
    pub fn untrained(dataset: Dataset) -> Self {
        let Dataset { name, source, images, labels, training, classes } = dataset;
        let count = labels.len();
        let mut splits = vec![Split::Train; training];
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
            given_labels: labels.clone(),
            labels,
            splits,
            weights: Vec::new(),
            measured: PredictionDepth { predictions: vec![0; count], ..PredictionDepth::default() },
            output_margins: vec![0.0; count],
            representations: Vec::new(),
            ensemble: Vec::new(),
        }
    }

    /// The examples of a split, in data set order.
    pub fn examples(&self, split: Split) -> Vec<usize> {
        split.examples(&self.splits)
    }

    /// The splits that have examples, in the order of [`Split::ALL`].
    pub fn splits(&self) -> Vec<Split> {
        Split::ALL.into_iter().filter(|split| self.splits.contains(split)).collect()
    }

    /// The name of a class; `-` for a number that is none, such as [`UNPROBED`](crate::class::UNPROBED).
    pub fn class_name(&self, class: Class) -> &str {
        self.classes.get(class as usize).map_or("-", String::as_str)
    }

    /// The name of a depth: its number and its layer, `3 hidden3`; or `undetermined`.
    pub fn depth_name(&self, depth: usize) -> String {
        self.layers.get(depth).map_or("undetermined".into(), |layer| format!("{depth} {layer}"))
    }

    /// Whether the network was given another label than the data set's own.
    ///
    /// # Panics
    /// Where there is no such example.
    pub fn is_flipped(&self, example: usize) -> bool {
        self.labels[example] != self.given_labels[example]
    }

    /// The examples of a split, the hardest first: deepest, then of the smallest output margin, then by id (the order
    /// within a depth is our choice).
    pub fn hardest_first(&self, split: Split) -> Vec<usize> {
        let depths = self.measured.depths();
        let mut examples = self.examples(split);
        examples.sort_by(|&a, &b| {
            depths[b].cmp(&depths[a]).then(self.output_margins[a].total_cmp(&self.output_margins[b])).then(a.cmp(&b))
        });
        examples
    }

    /// The network with its trained weights.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) where a weight is missing or of another shape.
    pub fn network(&self) -> Result<Net> {
        let (shape, classes) = (self.images.shape(), self.classes.len());
        let network = Net::with_weights(&self.architecture, shape, classes, &self.weights, &Device::Cpu)?;
        same_length("layers of the study, as of its network", network.taps().len(), self.layers.len())?;
        Ok(network)
    }

    /// The representations that the study carries, if it does.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) where they are not of all layers and examples.
    pub fn recorded(&self) -> Result<Option<Recorded>> {
        if self.representations.is_empty() {
            return Ok(None);
        }
        let (layers, predictions) = (self.layers.clone(), self.measured.predictions.clone());
        let recorded = Recorded::new(layers, self.representations.clone(), predictions)?;
        recorded.with_output_margins(self.output_margins.clone()).map(Some)
    }

    /// Takes the weights of a trained network.
    ///
    /// # Errors
    /// [`Error::Network`](crate::Error::Network) where a tensor cannot be read.
    pub fn weights_of(network: &impl Network) -> Result<Vec<Weight>> {
        network.variables().iter().map(|(name, variable)| Weight::from_tensor(name, variable)).collect()
    }
}
