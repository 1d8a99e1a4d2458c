//! Measures recordings whose layers are not in files: the caller brings one layer at a time.

use std::borrow::Cow;
use std::ops::Range;

use super::mask::Mask;
use super::recordings::Recordings;
use crate::class::Class;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result, same_length};
use crate::experiment::Measurement;
use crate::listed::quoted;
use crate::matrix::{Matrix, Rows};
use crate::measurement::{Probing, measure};
use crate::pooling::Pooling;
use crate::product::product;
use crate::representations::Representations;
use crate::search::{NeighborSearch, Progress};
use crate::study::{Study, StudyExamples};

/// One layer of one split, in the caller's memory.
#[derive(Clone, Copy, Debug)]
pub struct GivenLayer<'a> {
    /// [examples, ...].
    pub shape: &'a [usize],
    /// The values, the last dimension varying fastest.
    pub values: &'a [f32],
}

/// A measurement that takes the layers in turn, first to last, so that only one of them need be in memory.
pub struct LayersInTurn {
    examples: StudyExamples,
    output_margins: Vec<f32>,
    /// Names of the splits, the training split first.
    splits: Vec<String>,
    labels: Vec<Class>,
    masks: Vec<Option<Mask>>,
    pooling: Pooling,
    probing: Probing,
    /// Names of the layers so far.
    layers: Vec<String>,
    /// What they say, `[splits]`.
    measured: Vec<PredictionDepth>,
    /// Their representations, [examples, dims], if the study is to have them.
    representations: Option<Vec<Matrix>>,
}

impl LayersInTurn {
    /// Takes labels, predictions and whatever else is known of the examples; layers of the recordings are not read.
    /// `representations`: whether the study gets those of each layer, by which it can be measured again.
    ///
    /// # Errors
    /// Those of [`Probing::check`].
    pub fn new(recordings: Recordings, title: String, probing: Probing, representations: bool) -> Result<Self> {
        recordings.check_probing(&probing)?;
        let measured = recordings.classes.predictions.iter().map(|classes| PredictionDepth::unprobed(classes, 0));
        let measured = measured.collect();
        let (output_margins, splits) = (recordings.output_margins(), recordings.split_names());
        let (labels, pooling) = (recordings.training_labels().to_vec(), recordings.pooling());
        let (masks, examples) = recordings.into_masks_and_examples(title)?;
        let (layers, representations) = (Vec::new(), representations.then(Vec::new));
        Ok(Self {
            examples,
            output_margins,
            splits,
            labels,
            masks,
            pooling,
            probing,
            layers,
            measured,
            representations,
        })
    }

    /// Returns the number of examples of all splits.
    pub fn examples(&self) -> usize {
        self.output_margins.len()
    }

    /// Measures the next layer. `splits` are its values in each split, the training split first.
    ///
    /// # Errors
    /// [`Error::Activations`] for another shape and for NaN and infinity, with split, layer and index; those of the search
    /// and of `progress`.
    pub async fn measure(
        &mut self,
        name: &str,
        splits: &[GivenLayer<'_>],
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<()> {
        self.check(name, splits)?;
        let names = [name.to_owned()];
        let sources = splits.iter().enumerate().map(|(split, given)| {
            let rows = self.rows(split, name, given)?;
            Ok(OneLayer { names: &names, rows, predictions: &self.measured[split].predictions })
        });
        let sources = sources.collect::<Result<Vec<_>>>()?;
        let held_out: Vec<_> = sources[1..].iter().collect();
        let found = measure(&sources[0], &self.labels, &held_out, self.probing, search, progress).await;
        let found = found.map_err(|error| self.located(error, name, splits))?;
        let kept = self.representations.as_ref().map(|_| together(&sources)).transpose()?;
        self.representations.iter_mut().zip(kept).for_each(|(all, layer)| all.push(layer));
        for (all, mut layer) in self.measured.iter_mut().zip(found) {
            all.probes.append(&mut layer.probes);
            all.tied.append(&mut layer.tied);
        }
        self.layers.push(name.into());
        Ok(())
    }

    /// Returns the study of all layers.
    ///
    /// # Errors
    /// [`Error::Empty`] without a layer.
    pub fn into_study(self) -> Result<Study> {
        if self.layers.is_empty() {
            return Err(Error::Empty { what: "the list of layers".into() });
        }
        let depth = PredictionDepth::together(&self.measured);
        let representations = self.representations.unwrap_or_default();
        let measurement = Measurement::from_votes(self.layers, self.probing, depth, self.output_margins);
        let measurement = Measurement { representations, ..measurement };
        measurement.complete(Study { pooling: self.pooling, ..Study::unmeasured(self.examples) })
    }

    fn check(&self, name: &str, splits: &[GivenLayer]) -> Result<()> {
        if name.is_empty() || self.layers.iter().any(|other| other == name) {
            let problem = format!("there are two layers `{name}`, or it has no name: give each a name of its own");
            return Err(Error::activations("the layers", problem));
        }
        same_length(&format!("splits of layer {name}"), self.splits.len(), splits.len())?;
        for (split, given) in splits.iter().enumerate() {
            let wrong = |problem: String| Err(Error::activations(self.place(split, name), problem));
            let (shape, examples) = (given.shape, self.measured[split].predictions.len());
            if shape.first() != Some(&examples) || shape.contains(&0) || product(shape) != Some(given.values.len()) {
                return wrong(format!(
                    "is {shape:?}, but there are {examples} examples: a layer is [examples, ...], with values for each"
                ));
            }
            // Sequences of other lengths have as many values once they are pooled.
            if !self.pooling.is_masked() && shape[1..] != splits[0].shape[1..] {
                let first = self.place(0, name);
                return wrong(format!(
                    "is {shape:?}, but {first} is {:?}: all splits have the same dimensions",
                    splits[0].shape
                ));
            }
        }
        Ok(())
    }

    /// Returns the rows that are searched: those of the caller, or what pooling leaves of them.
    fn rows<'a>(&self, split: usize, name: &str, given: &GivenLayer<'a>) -> Result<LayerRows<'a>> {
        let wrong = |problem: String| Error::activations(self.place(split, name), problem);
        let (shape, mask) = (&given.shape[1..], self.masks[split].as_ref());
        let pool = self.pooling.of(shape).map_err(wrong)?;
        let dims = given.values.len() / given.shape[0];
        if pool.is_whole() {
            return Ok(LayerRows::Borrowed { values: given.values, dims });
        }
        if let Some(mask) = mask.filter(|mask| self.pooling.is_masked() && mask.positions != shape[0]) {
            let (expected, found) = (shape[0], mask.positions);
            return Err(wrong(format!(
                "it has {expected} positions, but the mask has {found}: a mask needs one value for each position"
            )));
        }
        let mut pooled = Vec::with_capacity(given.shape[0] * pool.dims());
        for (row, values) in given.values.chunks_exact(dims).enumerate() {
            pool.append(values, mask.map(|mask| mask.of(row)), &mut pooled);
        }
        Matrix::new(pooled, given.shape[0], pool.dims()).map(LayerRows::Pooled)
    }

    fn place(&self, split: usize, layer: &str) -> String {
        format!("layer {} of the split {}", quoted([layer], 1), self.splits[split])
    }

    /// Says where a value is that no distance can be computed from.
    fn located(&self, error: Error, layer: &str, splits: &[GivenLayer]) -> Error {
        match error {
            Error::NotFinite { .. } => {
                for (split, given) in splits.iter().enumerate() {
                    if let Some(at) = given.values.iter().position(|value| !value.is_finite()) {
                        let (mut rest, mut index) = (at, Vec::new());
                        for side in given.shape.iter().rev() {
                            index.push(rest % side);
                            rest /= side;
                        }
                        index.reverse();
                        let problem =
                            format!("it is {}: distances need finite numbers; repair or leave out", given.values[at]);
                        return Error::activations(format!("{}, {index:?}", self.place(split, layer)), problem);
                    }
                }
                error
            }
            Error::NoDirection { what, row } => match what.rsplit_once("held-out split ") {
                Some((_, place)) => {
                    let split = place.parse::<usize>().ok().filter(|&place| place < self.splits.len());
                    let what = split.map_or_else(|| what.clone(), |split| self.place(split, layer));
                    Error::NoDirection { what, row }
                }
                None => Error::NoDirection { what: self.place(0, layer), row },
            },
            other => other,
        }
    }
}

/// Returns the rows of all splits in one matrix.
fn together(splits: &[OneLayer]) -> Result<Matrix> {
    let rows = splits.iter().map(|split| split.rows.shape()[0]).sum();
    let values = splits.iter().filter_map(|split| split.rows.whole()).flatten().copied().collect();
    Matrix::new(values, rows, splits[0].rows.shape()[1])
}

/// Rows in memory.
enum LayerRows<'a> {
    Borrowed { values: &'a [f32], dims: usize },
    Pooled(Matrix),
}

impl Rows for LayerRows<'_> {
    fn shape(&self) -> [usize; 2] {
        match self {
            Self::Borrowed { values, dims } => [values.len() / dims, *dims],
            Self::Pooled(matrix) => matrix.shape(),
        }
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        match self {
            Self::Borrowed { values, dims } => Ok(Cow::Borrowed(&values[rows.start * dims..rows.end * dims])),
            Self::Pooled(matrix) => matrix.block(rows).await,
        }
    }

    fn whole(&self) -> Option<&[f32]> {
        match self {
            Self::Borrowed { values, .. } => Some(values),
            Self::Pooled(matrix) => matrix.whole(),
        }
    }
}

/// A network of one layer.
struct OneLayer<'a> {
    names: &'a [String],
    rows: LayerRows<'a>,
    predictions: &'a [Class],
}

impl Representations for OneLayer<'_> {
    fn layers(&self) -> &[String] {
        self.names
    }

    fn layer(&self, _: usize) -> Result<impl Rows> {
        Ok(&self.rows)
    }

    fn predictions(&self) -> &[Class] {
        self.predictions
    }
}
