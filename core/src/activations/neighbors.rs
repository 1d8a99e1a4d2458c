//! Depths by neighbours that were found elsewhere: votes without a search.

use std::rc::Rc;

use super::graph::{Graph, graph_files};
use super::order::order;
use super::part_file::{PartFile, check_file, stem_and_ending};
use super::recordings::Recordings;
use super::words::Words;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result, same_length};
use crate::experiment::Measurement;
use crate::listed::quoted;
use crate::measurement::{Probing, Support};
use crate::search::Progress;

/// The name of a layer and the file of its graph.
type NamedGraph<'a> = (&'a str, &'a Rc<dyn PartFile>);

/// The folder of a split's graphs, one `.npz` for each layer.
pub struct GraphFolder {
    /// Its path.
    pub place: String,
    /// Its files.
    pub files: Vec<Rc<dyn PartFile>>,
}

impl GraphFolder {
    /// Returns the graphs in the order of the layers, which is that of the names `layer0`, `layer1`, ..., or of `order.txt`.
    fn graphs(&self) -> Result<Vec<NamedGraph<'_>>> {
        let list = self.files.iter().find(|file| stem_and_ending(file.name()) == ("order", "txt".into()));
        let list = list.map(|file| check_file(&**file).and_then(|()| Words::from_lines(&**file))).transpose()?;
        let graphs = graph_files(&self.files)?;
        let names: Vec<&str> = graphs.iter().map(|(name, _)| *name).collect();
        Ok(order(&self.place, &names, list.as_ref())?.into_iter().map(|place| graphs[place]).collect())
    }
}

fn names(graphs: &[NamedGraph]) -> Vec<String> {
    graphs.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Neighbours from elsewhere already have a metric and a support.
fn check(probing: Probing) -> Result<()> {
    let refused = |name, value: String, what: &str| {
        let remedy = format!("the neighbours were found elsewhere: leave it out, and choose {what} there");
        Err(Error::Setting { name, value, remedy })
    };
    match probing.support {
        _ if !probing.metric.is_euclidean() => refused("metric", probing.metric.name().into(), "the metric"),
        Support::Random { examples, .. } => refused("support", examples.to_string(), "who may vote"),
        Support::PerClass { examples, .. } => refused("support-per-class", examples.to_string(), "who may vote"),
        Support::All => Ok(()),
    }
}

impl Recordings {
    /// Measures every example by the neighbours in these folders, one for each split, the training split first. Layers of
    /// the recordings are not read. `progress` counts votes over all layers.
    ///
    /// # Errors
    /// [`Error::Activations`] for a graph that is wrong, with its file and row; [`Error::BadK`]; those of `progress`.
    pub async fn measure_neighbors(
        &self,
        folders: &[GraphFolder],
        probing: Probing,
        progress: &impl Progress,
    ) -> Result<Measurement> {
        check(probing)?;
        self.check_probing(&probing)?;
        same_length("folders of neighbours, one for each split", self.classes.predictions.len(), folders.len())?;
        let graphs = folders.iter().map(GraphFolder::graphs).collect::<Result<Vec<_>>>()?;
        let layers = names(graphs.first().ok_or_else(|| Error::Empty { what: "the folder of neighbours".into() })?);
        if let Some((folder, other)) = folders.iter().zip(&graphs).find(|(_, other)| names(other) != layers) {
            let problem = format!(
                "its layers are {}, but those of {} are {}: all splits have the same layers in the same order",
                quoted(names(other), 6),
                folders[0].place,
                quoted(&layers, 6)
            );
            return Err(Error::activations(&folder.place, problem));
        }
        let (total, training) = (self.splits().len() * layers.len(), &self.classes.labels[0]);
        let mut parts: Vec<PredictionDepth> = self
            .classes
            .predictions
            .iter()
            .map(|predictions| PredictionDepth::unprobed(predictions, layers.len()))
            .collect();
        let mut done = 0;
        for (layer, _) in layers.iter().enumerate() {
            for (split, part) in parts.iter_mut().enumerate() {
                progress.step(done, total).await?;
                let examples = part.predictions.len();
                let graph = Graph::read(graphs[split][layer].1, examples, training.len())?;
                for (example, vote) in graph.votes(training, probing, split == 0)?.into_iter().enumerate() {
                    part.note(layer, example, vote);
                }
                done += examples;
            }
        }
        progress.step(total, total).await?;
        Ok(Measurement::from_votes(layers, probing, PredictionDepth::together(&parts), self.output_margins()))
    }
}
