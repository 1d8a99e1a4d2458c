//! From what each layer predicts to depths.

use rayon::prelude::*;

use super::LayerPredictions;
use super::classes::LayerClasses;
use super::last::Last;
use super::layers::{Content, PredictedLayer};
use super::scores::{Largest, Scores};
use crate::class::Class;
use crate::depth::{Distances, PredictionDepth};
use crate::error::{Error, Result};
use crate::metrics::{check_distribution, jensen_shannon_distance};
use crate::search::Progress;

/// What a layer says of an example.
struct Said {
    class: Class,
    tied: bool,
    /// Distance to the final distribution; 0 if it is not asked for.
    distance: f64,
}

/// A value that cannot be used: its class, if it is a single value, and the problem.
type Refused = (Option<usize>, String);

impl LayerPredictions {
    /// Compares each layer with the final prediction. `progress` counts examples over all layers.
    ///
    /// # Errors
    /// [`Error::Activations`] for the first value that is no number or no distribution, with its place; those of
    /// `progress`.
    pub async fn settle(&self, progress: &impl Progress) -> Result<PredictionDepth> {
        let (layers, examples) = (self.layers.len(), self.examples());
        let mut depth = PredictionDepth::unprobed(&self.predictions, layers);
        let mut distances = vec![Vec::new(); layers];
        match &self.layer_classes {
            LayerClasses::Known(classes) => depth.probes.clone_from(classes),
            LayerClasses::OfScores => {
                for (place, layer) in self.layers.iter().enumerate() {
                    let said = self.said_of(layer, [place * examples, layers * examples], progress).await?;
                    depth.probes[place] = said.iter().map(|said| said.class).collect();
                    depth.tied[place] = said.iter().map(|said| said.tied).collect();
                    distances[place] = said.iter().map(|said| said.distance).collect();
                }
            }
        }
        progress.step(layers * examples, layers * examples).await?;
        depth.distances = self.until.map(|until| Distances { until, values: distances });
        Ok(depth)
    }

    /// Returns what a layer says, `[examples]`. `counts` are the examples before, and those of all layers.
    async fn said_of(&self, layer: &PredictedLayer, counts: [usize; 2], progress: &impl Progress) -> Result<Vec<Said>> {
        let (scores, mut all) = (Scores::new(&layer.array)?, Vec::new());
        for rows in scores.blocks() {
            progress.step(counts[0] + rows.start, counts[1]).await?;
            let values = scores.read(rows.clone())?;
            let last = match (&self.last, self.until) {
                (Last::Scores(last), Some(_)) => Some(last.scores.read(rows.clone())?),
                _ => None,
            };
            let classes = scores.classes();
            let of_last = |row: usize| last.as_ref().map(|last| &last[row * classes..][..classes]);
            let found = values.par_chunks(classes).enumerate().map(|(row, values)| said(values, of_last(row)));
            for (example, found) in rows.zip(found.collect::<Vec<_>>()) {
                all.push(
                    found.map_err(|(class, problem)| Error::activations(layer.place_of(example, class), problem))?,
                );
            }
        }
        Ok(all)
    }

    /// Checks that distances can be computed, before any layer is read.
    pub(super) fn check_distances(&self) -> Result<()> {
        if self.until.is_none() {
            return Ok(());
        }
        let refused = |place: &str, what: &str| {
            let problem = format!(
                "it holds classes, and a distance needs distributions {what}: write them, or leave --until-distance out"
            );
            Err(Error::activations(place, problem))
        };
        match &self.last {
            Last::Scores(last) => last.check_distributions()?,
            Last::Classes(words) => return refused(&words.place, "[examples, classes]"),
        }
        match self
            .layers
            .iter()
            .find(|layer| Content::of(&layer.array).is_ok_and(|content| content == Content::Classes))
        {
            Some(layer) => refused(&layer.array.place(), "of each layer, too, [layers, examples, classes]"),
            None => Ok(()),
        }
    }
}

/// Returns what a row of scores says, compared with the final distribution if there is one.
fn said(values: &[f64], last: Option<&[f64]>) -> Result<Said, Refused> {
    let distance = match last {
        Some(last) => {
            check_distribution(values).map_err(|why| (why.class(), why.to_string()))?;
            jensen_shannon_distance(values, last)
        }
        None => 0.0,
    };
    if let Some(class) = values.iter().position(|value| !value.is_finite()) {
        let problem = format!("it is {}, and a score is a number: leave the example out, or repair it", values[class]);
        return Err((Some(class), problem));
    }
    let largest = Largest::of(values);
    Ok(Said { class: largest.class, tied: largest.tied(), distance })
}
