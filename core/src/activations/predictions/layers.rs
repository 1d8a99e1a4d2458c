//! The layers: one array of all of them, or an array for each.

use std::rc::Rc;

use crate::activations::array_file::{ArrayFile, Values};
use crate::activations::bag::Bag;
use crate::activations::layer::in_c_order;
use crate::activations::recording;
use crate::data::own::arrays::{Heading, Kind};
use crate::error::{Error, Result};

/// What the values of an array of predictions are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Class numbers, `[examples]`.
    Classes,
    /// A score or probability of each class, [examples, classes].
    Scores,
}

impl Content {
    /// Returns the content of an array; integers are classes, floats are scores.
    pub fn of(array: &ArrayFile) -> Result<Self> {
        match &array.heading.kind {
            Kind::Bool | Kind::Int(_) | Kind::Uint(_) => Ok(Self::Classes),
            Kind::Float(_) | Kind::BrainFloat => Ok(Self::Scores),
            kind => Err(array.wrong(format_args!(
                "it holds {kind}; classes are integers, distributions are floats: write the classes as numbers, and their \
                 names into classes.txt"
            ))),
        }
    }

    /// Returns the number of dimensions of a layer.
    pub fn dimensions(self) -> usize {
        match self {
            Self::Classes => 1,
            Self::Scores => 2,
        }
    }
}

/// What one layer predicts.
pub(super) struct PredictedLayer {
    pub name: String,
    /// `[examples]` or [examples, classes].
    pub array: ArrayFile,
    /// Its place in an array of all layers.
    stacked: Option<usize>,
}

impl PredictedLayer {
    /// Returns where the user finds what it says of an example, and of a class if one is given.
    pub fn place_of(&self, example: usize, class: Option<usize>) -> String {
        let index: Vec<usize> = self.stacked.into_iter().chain([example]).chain(class).collect();
        format!("{}{index:?}", self.array.place())
    }

    /// Returns an error of the whole layer.
    pub fn wrong(&self, problem: impl std::fmt::Display) -> Error {
        match self.stacked {
            Some(layer) => Error::activations(format!("{}[{layer}]", self.array.place()), problem),
            None => self.array.wrong(problem),
        }
    }
}

/// Returns the layers in order: those of one array [layers, examples] or [layers, examples, classes], or arrays
/// `[examples]` or [examples, classes] as a folder of activations has them.
pub(super) fn layers(bag: &Bag) -> Result<Vec<PredictedLayer>> {
    if let [array] = bag.layers()[..] {
        let content = Content::of(array)?;
        let found = array.heading.shape.len();
        if found == content.dimensions() + 1 {
            return unstacked(array, names(bag, array.examples())?);
        }
        if found != content.dimensions() || (array.name() != "layer0" && bag.words("order")?.is_none()) {
            return Err(array.wrong(shape_problem(array)));
        }
    }
    let layers: Vec<PredictedLayer> = recording::layers(bag)?
        .into_iter()
        .map(|array| PredictedLayer { name: array.name().to_owned(), array, stacked: None })
        .collect();
    for layer in &layers {
        if layer.array.heading.shape.len() != Content::of(&layer.array)?.dimensions() {
            return Err(layer.array.wrong(shape_problem(&layer.array)));
        }
    }
    Ok(layers)
}

fn shape_problem(array: &ArrayFile) -> String {
    format!(
        "is {} {:?}; classes are integers, [layers, examples], and distributions are floats, [layers, examples, classes], or \
         a file for each layer without the first dimension: change the type with .astype, or the shape",
        array.heading.kind, array.heading.shape
    )
}

/// Returns the names of stacked layers: those of `order`, or `layer0`, `layer1`, ...
fn names(bag: &Bag, layers: usize) -> Result<Vec<String>> {
    let Some(order) = bag.words("order")? else {
        return Ok((0..layers).map(|layer| format!("layer{layer}")).collect());
    };
    if order.texts.len() != layers {
        let problem = format!("it names {} layers, but there are {layers}: name each", order.texts.len());
        return Err(Error::activations(&order.place, problem));
    }
    let again = (1..layers).find(|&layer| order.texts[..layer].contains(&order.texts[layer]));
    again.map_or(Ok(()), |layer| Err(order.wrong(layer, "this name was there before: give each layer its own")))?;
    Ok(order.texts)
}

/// Takes an array of all layers apart.
fn unstacked(array: &ArrayFile, names: Vec<String>) -> Result<Vec<PredictedLayer>> {
    if array.heading.shape.contains(&0) {
        return Err(array.wrong(format_args!("is {:?}: it has no values", array.heading.shape)));
    }
    let array = readable(array)?;
    let (shape, bytes) = (array.example_shape().to_vec(), (array.size()? / array.examples()) as u64);
    let Values::At(start) = array.values else { return Err(array.wrong("it cannot be read in parts")) };
    let layer = |(layer, name): (usize, String)| PredictedLayer {
        name,
        array: ArrayFile {
            heading: Heading { shape: shape.clone(), ..array.heading.clone() },
            values: Values::At(start + layer as u64 * bytes),
            ..array.clone()
        },
        stacked: Some(layer),
    };
    Ok(names.into_iter().enumerate().map(layer).collect())
}

/// Returns an array whose rows can be read one by one: as it is, or if it is compressed or in Fortran order, in memory.
pub(super) fn readable(array: &ArrayFile) -> Result<ArrayFile> {
    let by_columns = array.heading.by_columns;
    if matches!(array.values, Values::At(_)) && !by_columns {
        return Ok(array.clone());
    }
    let mut bytes = Vec::with_capacity(array.size()?);
    array.read_through(|_, block| {
        bytes.extend_from_slice(block);
        Ok(())
    })?;
    let size = array.heading.kind.size().unwrap_or(1);
    if by_columns {
        let mut turned = vec![0; bytes.len()];
        for (at, value) in bytes.chunks_exact(size).enumerate() {
            let to = size * in_c_order(&array.heading.shape, at);
            turned[to..to + size].copy_from_slice(value);
        }
        bytes = turned;
    }
    Ok(ArrayFile {
        file: Rc::new((array.file.name().to_owned(), bytes)),
        heading: Heading { by_columns: false, ..array.heading.clone() },
        values: Values::At(0),
        ..array.clone()
    })
}
