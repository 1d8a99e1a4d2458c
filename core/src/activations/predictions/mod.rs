//! What each layer predicts already: a logit lens, a tuned lens, early exits, or probes of somebody else.

mod classes;
mod fields;
mod last;
mod layers;
mod scores;
mod settle;
#[cfg(feature = "nets")]
mod study;
mod summary;

use std::rc::Rc;

use classes::LayerClasses;
pub use fields::Field;
use fields::{Entry, open};
use last::Last;
use layers::{Content, PredictedLayer, layers};

use super::bag::Bag;
use super::part_file::{PartFile, stem_and_ending};
use super::shown::{Shown, shown};
use super::words::Words;
use crate::class::Class;
use crate::data::Skipped;
use crate::error::{Error, Result};

/// Fields of a folder of activations that predictions have no use for, and why.
const UNUSED: [(&str, &str); 3] = [
    ("predictions", "the final prediction is given apart"),
    ("logits", "the final prediction is given apart"),
    ("mask", "predictions have no positions to pool"),
];

/// The files of the layers.
pub enum Source {
    /// A folder: its path and its files. Each layer is a file, `layer0.npy`, ..., or any name in `order.txt`.
    Folder(String, Vec<Rc<dyn PartFile>>),
    /// One file: an array of all layers, or in `.npz` and `.safetensors` also an array for each layer.
    File(Rc<dyn PartFile>),
}

/// All files.
pub struct PredictionFiles {
    /// Classes of each layer, integers [layers, examples]; or their distributions or logits, floats
    /// [layers, examples, classes].
    pub layers: Source,
    /// The network's final prediction: classes `[examples]`, or distributions or logits [examples, classes].
    pub last: Rc<dyn PartFile>,
    /// What else is known of the examples.
    pub fields: Vec<(Field, Rc<dyn PartFile>)>,
}

/// What each layer and the network predict for the same examples, checked against each other. Scores of layers are still
/// in their files.
pub struct LayerPredictions {
    place: String,
    layers: Vec<PredictedLayer>,
    layer_classes: LayerClasses,
    last: Last,
    /// The network's classes, `[examples]`.
    predictions: Vec<Class>,
    /// The distance up to which a layer agrees with the network, if distances decide.
    until: Option<f64>,
    /// Names of the classes, `[classes]`.
    classes: Vec<String>,
    labels: Option<Vec<Class>>,
    ids: Option<Words>,
    shown: Shown,
    notes: Vec<String>,
    skipped: Vec<Skipped>,
}

impl LayerPredictions {
    /// Reads everything but the scores of the layers. With `until_distance`, a layer agrees with the network if the
    /// [Jensen-Shannon distance](crate::metrics::jensen_shannon_distance) of their distributions is at most this; without
    /// it, if their classes are equal.
    ///
    /// # Errors
    /// [`Error::Activations`], which names file, value and remedy; [`Error::Setting`] for a distance that is not from 0 to
    /// 1.
    pub fn read(files: &PredictionFiles, until_distance: Option<f64>) -> Result<Self> {
        if let Some(distance) = until_distance.filter(|distance| !(0.0..=1.0).contains(distance)) {
            let remedy = "a Jensen-Shannon distance is from 0 (equal) to 1 (nothing in common)".into();
            return Err(Error::Setting { name: "until-distance", value: distance.to_string(), remedy });
        }
        let bag = bag(files)?;
        let (layers, last) = (layers(&bag)?, Last::read(&files.last)?);
        let examples = same_examples(&layers, &last)?;
        let [labels, ids] = [bag.words("labels")?, bag.words("ids")?];
        for list in [&labels, &ids].into_iter().flatten() {
            list.check_length(examples)?;
        }
        let mut notes = bag.report.notes.clone();
        let classes = classes::resolve(&bag, &layers, &last, labels.as_ref(), &mut notes)?;
        let mut skipped = bag.report.skipped.clone();
        for (name, reason) in UNUSED {
            let skip = |name| Skipped { name, reason: reason.into() };
            skipped.extend(bag.places_of(name).into_iter().map(skip));
        }
        let read = Self {
            place: bag.place.clone(),
            layers,
            layer_classes: classes.of_layers,
            last,
            predictions: classes.predictions,
            until: until_distance,
            classes: classes.names,
            labels: classes.labels,
            ids,
            shown: shown(&bag, examples)?,
            notes,
            skipped,
        };
        read.check_distances()?;
        Ok(read)
    }

    /// Returns the number of examples.
    pub fn examples(&self) -> usize {
        self.predictions.len()
    }

    /// Returns the network's output margins, `[examples]`; NaN if only its classes are known.
    pub fn output_margins(&self) -> Vec<f32> {
        match &self.last {
            Last::Scores(last) => last.margins.clone(),
            Last::Classes(words) => vec![f32::NAN; words.texts.len()],
        }
    }
}

/// Puts the files of the layers and those beside them together.
fn bag(files: &PredictionFiles) -> Result<Bag> {
    let mut bag = match &files.layers {
        Source::Folder(place, files) => Bag::folder(place, files.clone())?,
        Source::File(file) if stem_and_ending(file.name()).1 == "npy" => Bag::of_layers(file)?,
        Source::File(file) => Bag::file(file)?,
    };
    for (field, file) in &files.fields {
        match open(file, &[field.name()])? {
            Entry::Array(array) => bag.add_array(field.name(), array),
            Entry::List(words) => bag.add_list(field.name(), words),
        }
    }
    bag.distinct()
}

/// Returns the number of examples, which must be the same in all layers and in the final prediction, and at least one; so
/// must the kind of content and the number of classes.
fn same_examples(layers: &[PredictedLayer], last: &Last) -> Result<usize> {
    let examples = last.examples();
    let first = layers.first().ok_or_else(|| Error::Empty { what: "the list of layers".into() })?;
    let content = Content::of(&first.array)?;
    let columns = match last {
        Last::Scores(last) => Some((last.place.clone(), last.scores.classes())),
        Last::Classes(_) if content == Content::Scores => Some((first.array.place(), first.array.dims())),
        Last::Classes(_) => None,
    };
    for layer in layers {
        if layer.array.heading.shape.contains(&0) || examples == 0 {
            return Err(layer.wrong(format_args!("is {:?}: there are no examples", layer.array.heading.shape)));
        }
        if layer.array.examples() != examples {
            let found = layer.array.examples();
            return Err(layer.wrong(format_args!(
                "it has {found} examples, but {} has {examples}: all hold the same examples in the same order",
                last.place()
            )));
        }
        if Content::of(&layer.array)? != content {
            let first = first.array.place();
            let problem = format!("its type is not that of {first}: write classes for all layers, or scores for all");
            return Err(layer.wrong(problem));
        }
        if let Some((place, columns)) = columns.as_ref().filter(|(_, columns)| *columns != layer.array.dims())
            && content == Content::Scores
        {
            let found = layer.array.dims();
            return Err(
                layer.wrong(format_args!("it has {found} classes, but {place} has {columns}: write all of them"))
            );
        }
    }
    Ok(examples)
}
