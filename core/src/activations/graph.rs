//! Neighbours that were found elsewhere: a graph in the form of scipy's compressed sparse rows.

use std::rc::Rc;

use super::array_file::ArrayFile;
use super::npz;
use super::part_file::{PartFile, check_file, stem_and_ending};
use crate::class::Class;
use crate::data::own::arrays::Array;
use crate::error::{Error, Result};
use crate::measurement::Probing;
use crate::probe::{Decision, majority};

/// The neighbours of each example of a split at one layer, the nearest first, [examples, training examples].
pub(super) struct Graph {
    place: String,
    /// Where the neighbours of each example begin and end, `[examples + 1]`.
    starts: Array<'static>,
    /// Training examples, `[neighbours]`.
    indices: Array<'static>,
    /// Distances, `[neighbours]`.
    distances: Array<'static>,
}

impl Graph {
    /// Reads a file of scipy's `save_npz`.
    ///
    /// # Errors
    /// [`Error::Activations`] for another format or shape.
    pub fn read(file: &Rc<dyn PartFile>, examples: usize, training: usize) -> Result<Self> {
        let wrong = |problem: String| Error::activations(file.name(), problem);
        let arrays = npz::open(file)?.arrays;
        let array = |name: &str| -> Result<&ArrayFile> {
            arrays.iter().find(|array| array.name() == name).ok_or_else(|| {
                wrong(format!(
                    "it has no array `{name}`: write the graph with scipy.sparse.save_npz(file, graph.tocsr())"
                ))
            })
        };
        let format = array("format")?.read()?.text(0).unwrap_or_default();
        if format != "csr" {
            return Err(wrong(format!("it is in the format {format:?}: write it as csr, with graph.tocsr()")));
        }
        let sides = array("shape")?.read()?;
        let sides = [0, 1].map(|at| (sides.rows() == 2).then(|| sides.integer(at)).flatten().unwrap_or(-1));
        if sides != [examples as i128, training as i128] {
            return Err(wrong(format!(
                "it is {sides:?}, but there are {examples} examples and {training} training examples: a row for each \
                 example, a column for each training example"
            )));
        }
        let list = |name: &str, wanted: usize| -> Result<Array<'static>> {
            let array = array(name)?;
            match array.heading.shape[..] {
                [count] if count == wanted => array.read(),
                _ => {
                    Err(array.wrong(format_args!("is {:?}, not [{wanted}]: save the graph again", array.heading.shape)))
                }
            }
        };
        let count = array("indices")?.examples();
        let (starts, indices) = (list("indptr", examples + 1)?, list("indices", count)?);
        let graph = Self { place: file.name().into(), starts, indices, distances: list("data", count)? };
        graph.check_starts(examples, count)?;
        Ok(graph)
    }

    fn wrong(&self, row: usize, problem: String) -> Error {
        Error::activations(format_args!("{}, row {row}", self.place), problem)
    }

    fn start(&self, row: usize) -> Option<usize> {
        self.starts.integer(row).and_then(|start| usize::try_from(start).ok())
    }

    fn check_starts(&self, examples: usize, count: usize) -> Result<()> {
        let rising = |row: &usize| matches!((self.start(*row), self.start(row + 1)), (Some(a), Some(b)) if a <= b);
        if let Some(row) = (0..examples).find(|row| !rising(row)) {
            return Err(self.wrong(row, "its `indptr` does not rise: save the graph again".into()));
        }
        match (self.start(0), self.start(examples)) {
            (Some(0), Some(end)) if end == count => Ok(()),
            _ => Err(self.wrong(examples, format!("its `indptr` does not end at {count}: save the graph again"))),
        }
    }

    /// Returns the neighbours of an example, the nearest first.
    ///
    /// # Errors
    /// [`Error::Activations`] for a row that is not sorted by distance, or names no training example or one twice.
    fn neighbors(&self, row: usize, training: usize) -> Result<Vec<usize>> {
        let (start, end) = (self.start(row).unwrap_or_default(), self.start(row + 1).unwrap_or_default());
        let mut found = Vec::with_capacity(end - start);
        let mut last = 0.0;
        for at in start..end {
            let (index, distance) = (self.indices.integer(at), self.distances.number(at));
            let index = index.and_then(|index| usize::try_from(index).ok()).filter(|&index| index < training);
            let Some(index) = index else {
                let index = self.indices.integer(at).unwrap_or(-1);
                return Err(self.wrong(row, format!("it names the training example {index} of {training}")));
            };
            if distance.is_nan() || distance < last {
                return Err(self.wrong(
                    row,
                    format!(
                        "its distances are not sorted, {last} before {distance}: sort them with \
                         sklearn.neighbors.sort_graph_by_row_values"
                    ),
                ));
            }
            last = distance;
            found.push(index);
        }
        let mut sorted = found.clone();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(self.wrong(row, format!("it names the training example {} twice", pair[0]))),
            None => Ok(found),
        }
    }

    /// Returns the vote of the first k neighbours of each example. In the training split an example is left out of its own
    /// neighbours, unless it may be among them.
    ///
    /// # Errors
    /// [`Error::Activations`] for a row that is wrong or too short.
    pub fn votes(&self, labels: &[Class], probing: Probing, is_training: bool) -> Result<Vec<Decision>> {
        let examples = self.starts.rows().saturating_sub(1);
        let mut listed = false;
        let votes = (0..examples).map(|row| {
            let mut near = self.neighbors(row, labels.len())?;
            if is_training {
                listed |= near.contains(&row);
                near.retain(|&other| probing.include_self || other != row);
            }
            if near.len() < probing.k {
                return Err(self.wrong(
                    row,
                    format!(
                        "it lists {} neighbours beside the example itself, but k is {}: list more, or choose a smaller --k",
                        near.len(),
                        probing.k
                    ),
                ));
            }
            let votes: Vec<Class> = near[..probing.k].iter().map(|&row| labels[row]).collect();
            let (class, tied) = majority(&votes, probing.ties);
            Ok(Decision { class, tied })
        });
        let votes = votes.collect::<Result<Vec<_>>>()?;
        if is_training && probing.include_self && !listed {
            let problem =
                "no row lists its own example, which --include-self asks for: find the neighbours again with it";
            return Err(Error::activations(&self.place, problem));
        }
        Ok(votes)
    }
}

/// Returns the graphs of a folder by name.
///
/// # Errors
/// [`Error::Activations`] for an array in another file: it may be meant as the graph of a layer.
pub(super) fn graph_files(files: &[Rc<dyn PartFile>]) -> Result<Vec<(&str, &Rc<dyn PartFile>)>> {
    let named = files.iter().map(|file| (stem_and_ending(file.name()), file));
    let mut graphs = Vec::new();
    for ((stem, ending), file) in named.filter(|((stem, _), _)| !stem.starts_with('.')) {
        match ending.as_str() {
            "npz" => {
                check_file(&**file)?;
                graphs.push((stem, file));
            }
            "npy" | "safetensors" => {
                let problem = "it is no graph of neighbours: write it with scipy.sparse.save_npz, or take it elsewhere";
                return Err(Error::activations(file.name(), problem));
            }
            _ => {}
        }
    }
    Ok(graphs)
}
