//! What probes and network say of every example of an experiment.

use super::Experiment;
use crate::data::Split;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result, same_length};
use crate::matrix::{Matrix, Rows};
use crate::measurement::{Probing, Work, measure, measure_depths, measure_with_neighbors};
use crate::representations::Representations;
use crate::search::{NeighborSearch, Neighbors, Progress};
use crate::study::Study;

/// What is measured. The field names are those of `config.toml`. More will come: end with
/// `..MeasureOptions::default()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MeasureOptions {
    /// The options of the definition.
    pub probing: Probing,
    /// Whether only those probes are asked that a depth depends on: the same depths with less work.
    pub depth_only: bool,
    /// Whether the representations of every layer are kept.
    pub representations: bool,
}

/// What was found, in data set order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Measurement {
    /// The names of the layers, `[layers]`.
    pub layers: Vec<String>,
    /// How depth was measured.
    pub probing: Probing,
    /// What probes and network said, `[layers][examples]` and `[examples]`.
    pub depth: PredictionDepth,
    /// Largest logit minus second largest, `[examples]`; NaN where the source does not know the logits.
    pub output_margins: Vec<f32>,
    /// Each layer's representations, [examples, dims], where they were asked for; else empty.
    pub representations: Vec<Matrix>,
    /// How much of the work was done, where only depths were asked for.
    pub work: Option<Work>,
}

/// Told of the neighbours of the examples of a split at a layer, as they are known. A neighbour is a row of the training
/// split: its place among `experiment.examples(Split::Train)`.
pub type NeighborListener<'a> = &'a mut dyn FnMut(Split, usize, Neighbors);

impl Experiment {
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
        let MeasureOptions { probing, depth_only, representations } = options;
        let used: Vec<(Split, Vec<usize>)> = Split::ALL.map(|split| (split, self.examples(split))).into();
        if used[0].1.is_empty() {
            return Err(Error::Empty { what: "the training split".into() });
        }
        let used: Vec<_> = used.into_iter().filter(|(_, examples)| !examples.is_empty()).collect();
        let mut parts = Vec::new();
        for (split, examples) in &used {
            progress.step(0, self.len()).await?;
            let part = source(examples)?;
            same_length(&format!("examples of {}", split.name()), examples.len(), part.predictions().len())?;
            parts.push(part);
        }
        let (labels, held_out) = (self.given(&used[0].1), parts[1..].iter().collect::<Vec<_>>());
        let (found, work) = match on_neighbors {
            Some(_) if depth_only => {
                let remedy = "measure all probes to know who votes".into();
                return Err(Error::Setting { name: "depth only", value: "true, with neighbours".into(), remedy });
            }
            None if depth_only => {
                let found = measure_depths(&parts[0], &labels, &held_out, probing, search, progress).await?;
                (found.0, Some(found.1))
            }
            None => (measure(&parts[0], &labels, &held_out, probing, search, progress).await?, None),
            Some(told) => {
                let on_neighbors = |part: usize, layer, found| told(used[part].0, layer, found);
                let (training, held_out) = (&parts[0], &held_out);
                let found =
                    measure_with_neighbors(training, &labels, held_out, probing, search, progress, on_neighbors);
                (found.await?, None)
            }
        };
        let layers = parts[0].layers().to_vec();
        let mut depth = PredictionDepth::unprobed(&vec![0; self.len()], layers.len());
        let mut output_margins = vec![0.0; self.len()];
        for (((_, examples), part), found) in used.iter().zip(&parts).zip(&found) {
            depth.place(examples, found);
            for (&example, margin) in examples.iter().zip(part.output_margins()) {
                output_margins[example] = margin;
            }
        }
        let representations = if representations { recorded(&used, &parts, self.len()).await? } else { Vec::new() };
        Ok(Measurement { layers, probing, depth, output_margins, representations, work })
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
}

/// Each layer's representations in data set order, as they were measured, split by split.
async fn recorded<R: Representations>(
    used: &[(Split, Vec<usize>)],
    parts: &[R],
    examples: usize,
) -> Result<Vec<Matrix>> {
    let mut layers = Vec::new();
    for layer in 0..parts[0].layers().len() {
        let mut rows = vec![Vec::new(); examples];
        for ((_, ids), part) in used.iter().zip(parts) {
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
