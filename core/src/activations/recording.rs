//! One split as its files have it.

use std::rc::Rc;

use super::array_file::ArrayFile;
use super::bag::Bag;
use super::convert::Convert;
use super::logits::Logits;
use super::mask::Mask;
use super::order::order;
use super::part_file::PartFile;
use super::shown::{Shown, shown};
use super::words::Words;
use crate::data::ReadReport;
use crate::error::{Error, Result};

/// What of a split is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Everything.
    All,
    /// Everything but the layers, which need not be there: neighbours are known from elsewhere.
    NoLayers,
}

/// The activations of a split, its labels, and what its network predicts. Only the headers of the layers have been read.
pub struct Recording {
    /// The folder or the file.
    pub(super) place: String,
    /// The layers, first to last; none if they are not wanted.
    pub(super) layers: Vec<ArrayFile>,
    pub(super) labels: Words,
    pub(super) predictions: Option<Words>,
    pub(super) logits: Option<Logits>,
    pub(super) classes: Option<Words>,
    pub(super) ids: Option<Words>,
    pub(super) mask: Option<Mask>,
    pub(super) shown: Shown,
    pub(super) report: ReadReport,
}

impl Recording {
    /// Reads a folder from its files; `place` is its path. Subfolders are left out by the caller.
    ///
    /// # Errors
    /// [`Error::Activations`], which names the file, the array or the value, and the remedy.
    pub fn from_folder(place: &str, files: Vec<Rc<dyn PartFile>>, wanted: Wanted) -> Result<Self> {
        Self::new(&Bag::folder(place, files)?, wanted)
    }

    /// Reads one `.npz` or `.safetensors` file with all arrays of a split.
    ///
    /// # Errors
    /// As of [`Recording::from_folder`].
    pub fn from_file(file: &Rc<dyn PartFile>, wanted: Wanted) -> Result<Self> {
        Self::new(&Bag::file(file)?, wanted)
    }

    fn new(bag: &Bag, wanted: Wanted) -> Result<Self> {
        let layers = if wanted == Wanted::All { layers(bag)? } else { Vec::new() };
        let labels = bag.words("labels")?.ok_or_else(|| {
            let problem = "there are no labels: write labels.npy or labels.txt, one for each example";
            Error::activations(&bag.place, problem)
        })?;
        let examples = examples(&layers)?.unwrap_or(labels.texts.len());
        if examples == 0 {
            return Err(Error::activations(&labels.place, "it has no entry: a split needs examples"));
        }
        let [predictions, ids] = [bag.words("predictions")?, bag.words("ids")?];
        for list in [Some(&labels), predictions.as_ref(), ids.as_ref()].into_iter().flatten() {
            list.check_length(examples)?;
        }
        let logits = bag.array("logits").map(Logits::read).transpose()?;
        if let Some(logits) = logits.as_ref().filter(|logits| logits.classes.len() != examples) {
            let found = logits.classes.len();
            let problem = format!("it has {found} rows, but there are {examples} examples: write one for each");
            return Err(Error::activations(&logits.place, problem));
        }
        if predictions.is_none() && logits.is_none() {
            let problem = "there are neither predictions nor logits: write predictions.npy, the network's own class of \
                           each example, or logits.npy, [examples, classes]";
            return Err(Error::activations(&bag.place, problem));
        }
        let (classes, shown) = (bag.words("classes")?, shown(bag, examples)?);
        let mask = bag.array("mask").map(|array| Mask::read(array, examples)).transpose()?;
        let (place, report) = (bag.place.clone(), bag.report.clone());
        Ok(Self { place, layers, labels, predictions, logits, classes, ids, mask, shown, report })
    }

    /// Returns the number of examples.
    pub fn examples(&self) -> usize {
        self.labels.texts.len()
    }
}

/// Returns the layers in order.
pub(super) fn layers(bag: &Bag) -> Result<Vec<ArrayFile>> {
    let arrays = bag.layers();
    let names: Vec<&str> = arrays.iter().map(|array| array.name()).collect();
    let places = order(&bag.place, &names, bag.words("order")?.as_ref())?;
    Ok(places.into_iter().map(|place| arrays[place].clone()).collect())
}

/// Returns the number of examples, which must be the same in all layers; `None` without layers.
fn examples(layers: &[ArrayFile]) -> Result<Option<usize>> {
    let Some(first) = layers.first() else { return Ok(None) };
    for layer in layers {
        let (shape, expected) = (&layer.heading.shape, first.examples());
        Convert::new(&layer.heading).map_err(|problem| layer.wrong(problem))?;
        if shape.is_empty() || shape.contains(&0) {
            return Err(
                layer.wrong(format_args!("is {shape:?}; layers are [examples, ...], with values for each example"))
            );
        }
        if layer.examples() != expected {
            let (found, first) = (layer.examples(), first.place());
            return Err(layer.wrong(format_args!(
                "it has {found} examples, but {first} has {expected}: all layers hold the same examples in the same order"
            )));
        }
    }
    Ok(Some(first.examples()))
}
