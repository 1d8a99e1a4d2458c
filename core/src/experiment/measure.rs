//! Measures every example of an experiment.

use crate::class::Class;
use crate::data::Split;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result, same_length};
use crate::matrix::{Matrix, Rows};
use crate::measurement::{Probing, Work, measure, measure_depths, measure_with_neighbors};
use crate::representations::Representations;
use crate::search::{NeighborSearch, Neighbors, Progress};
use crate::study::Study;

/// Options of [`Experiment::measure`](super::Experiment::measure). The field names are those of `config.toml`. More
/// will come: end with `..MeasureOptions::default()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MeasureOptions {
    /// The options of the definition.
    pub probing: Probing,
    /// Whether to probe only where the depth depends on it: the same depths with less work.
    pub depth_only: bool,
    /// Whether to keep the representations of every layer.
    pub representations: bool,
}

/// Result of a measurement, in data set order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Measurement {
    /// Names of the layers, `[layers]`.
    pub layers: Vec<String>,
    /// Options of the measurement.
    pub probing: Probing,
    /// Classes of the probes, `[layers][examples]`, and of the network, `[examples]`.
    pub depth: PredictionDepth,
    /// Largest logit minus second largest, `[examples]`; NaN if the source has no logits.
    pub output_margins: Vec<f32>,
    /// Representations of each layer, [examples, dims], if requested; otherwise empty.
    pub representations: Vec<Matrix>,
    /// The part of the work that was done, if only depths were requested.
    pub work: Option<Work>,
}

impl Measurement {
    /// Returns a measurement of votes that needed no representations.
    pub(crate) fn from_votes(
        layers: Vec<String>,
        probing: Probing,
        depth: PredictionDepth,
        output_margins: Vec<f32>,
    ) -> Self {
        Self { layers, probing, depth, output_margins, representations: Vec::new(), work: None }
    }

    /// Completes a study of the same examples by this measurement.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the measurement has other examples or classes.
    pub fn complete(self, study: Study) -> Result<Study> {
        let Self { layers, probing, depth, output_margins, representations, work: _ } = self;
        let study = Study { layers, probing, measured: depth, output_margins, representations, ..study };
        study.check()?;
        Ok(study)
    }
}

/// Receives split, layer and neighbours once a split is searched at a layer. A neighbour is a row of the training
/// split: an index into `experiment.examples(Split::Train)`.
pub type NeighborListener<'a> = &'a mut dyn FnMut(Split, usize, Neighbors);

/// A split that has examples, with their representations.
struct Part<R> {
    pub split: Split,
    /// Examples of the split, in data set order.
    pub examples: Vec<usize>,
    pub source: R,
}

/// Measures every example. `splits` and `given` (the given labels) are `[examples]`. `source` returns the representations
/// of the given examples, one split at a time: those that a network computes, or recorded ones.
///
/// `on_neighbors`, if any, receives the voters. `progress` counts queries over all layers.
///
/// # Errors
/// Those of `source`, of the search and of `progress`; [`Error::Empty`] without a training split; [`Error::BadK`] if it
/// has too few neighbours; [`Error::Mismatch`] if a source has other examples or layers; [`Error::Setting`] for
/// `on_neighbors` together with `depth_only`, which does not search for all neighbours.
pub async fn measure_splits<R: Representations>(
    splits: &[Split],
    given: &[Class],
    source: impl Fn(&[usize]) -> Result<R>,
    options: MeasureOptions,
    on_neighbors: Option<NeighborListener<'_>>,
    search: &impl NeighborSearch,
    progress: &impl Progress,
) -> Result<Measurement> {
    same_length("given labels, one for each example", splits.len(), given.len())?;
    let present = Split::present(splits);
    if !present.contains(&Split::Train) {
        return Err(Error::Empty { what: "the training split".into() });
    }
    let mut parts = Vec::new();
    for split in present {
        progress.step(0, splits.len()).await?;
        let examples = split.examples(splits);
        let source = source(&examples)?;
        same_length(&format!("examples of {}", split.name()), examples.len(), source.predictions().len())?;
        parts.push(Part { split, examples, source });
    }
    let labels: Vec<Class> = parts[0].examples.iter().map(|&example| given[example]).collect();
    measure_parts(&parts, &labels, options, on_neighbors, search, progress).await
}

/// Measures the training split, with these given labels, and the held-out splits.
async fn measure_parts<R: Representations>(
    parts: &[Part<R>],
    labels: &[Class],
    options: MeasureOptions,
    on_neighbors: Option<NeighborListener<'_>>,
    search: &impl NeighborSearch,
    progress: &impl Progress,
) -> Result<Measurement> {
    let MeasureOptions { probing, depth_only, representations } = options;
    let (training, held_out) = (&parts[0].source, parts[1..].iter().map(|part| &part.source).collect::<Vec<_>>());
    let (found, work) = match on_neighbors {
        Some(_) if depth_only => {
            let remedy = "measure all probes to know who votes".into();
            return Err(Error::Setting { name: "depth only", value: "true, with neighbours".into(), remedy });
        }
        None if depth_only => {
            let found = measure_depths(training, labels, &held_out, probing, search, progress).await?;
            (found.0, Some(found.1))
        }
        None => (measure(training, labels, &held_out, probing, search, progress).await?, None),
        Some(told) => {
            let on_neighbors = |part: usize, layer, found| told(parts[part].split, layer, found);
            let found =
                measure_with_neighbors(training, labels, &held_out, probing, search, progress, on_neighbors).await?;
            (found, None)
        }
    };
    let examples = parts.iter().map(|part| part.examples.len()).sum();
    let layers = training.layers().to_vec();
    let mut depth = PredictionDepth::unprobed(&vec![0; examples], layers.len());
    let mut output_margins = vec![0.0; examples];
    for (part, found) in parts.iter().zip(&found) {
        depth.place(&part.examples, found);
        for (&example, margin) in part.examples.iter().zip(part.source.output_margins()) {
            output_margins[example] = margin;
        }
    }
    let representations = if representations { recorded(parts, examples).await? } else { Vec::new() };
    Ok(Measurement { layers, probing, depth, output_margins, representations, work })
}

/// Returns the representations of each layer in data set order, from those of the splits.
async fn recorded<R: Representations>(parts: &[Part<R>], examples: usize) -> Result<Vec<Matrix>> {
    let mut layers = Vec::new();
    for layer in 0..parts[0].source.layers().len() {
        let mut rows = vec![Vec::new(); examples];
        for part in parts {
            let source = part.source.layer(layer)?;
            for (row, &example) in part.examples.iter().enumerate() {
                rows[example] = source.block(row..row + 1).await?.into_owned();
            }
        }
        let dims = rows[0].len();
        layers.push(Matrix::new(rows.concat(), examples, dims)?);
    }
    Ok(layers)
}
