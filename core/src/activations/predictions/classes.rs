//! From classes as the files have them to class numbers.

use std::collections::BTreeMap;

use super::last::Last;
use super::layers::{Content, PredictedLayer};
use crate::activations::bag::Bag;
use crate::activations::class_numbers::{ClassSources, MOST, classes_of};
use crate::activations::words::Words;
use crate::class::Class;
use crate::error::{Error, Result};

/// The classes of the layers.
pub(super) enum LayerClasses {
    /// As the file has them, `[layers][examples]`.
    Known(Vec<Vec<Class>>),
    /// Those with the largest scores, which are read when they are compared.
    OfScores,
}

/// The classes of everything.
pub(super) struct Classes {
    /// Names of the classes, `[classes]`.
    pub names: Vec<String>,
    pub of_layers: LayerClasses,
    /// The network's classes, `[examples]`.
    pub predictions: Vec<Class>,
    /// Labels, `[examples]`, if there are some.
    pub labels: Option<Vec<Class>>,
}

/// Resolves names and numbers. Classes of layers are numbers from 0, which are the columns of scores, too; the names of the
/// classes, labels that are texts, or the largest number tell how many there are.
pub(super) fn resolve(
    bag: &Bag,
    layers: &[PredictedLayer],
    last: &Last,
    labels: Option<&Words>,
    notes: &mut Vec<String>,
) -> Result<Classes> {
    let scores = |layer: &&PredictedLayer| Content::of(&layer.array).is_ok_and(|content| content == Content::Scores);
    let columns = match last {
        Last::Scores(last) => Some((last.place.clone(), last.scores.classes())),
        Last::Classes(_) => layers.iter().find(scores).map(|layer| (layer.array.place(), layer.array.dims())),
    };
    let of_layers = match layers.iter().find(scores) {
        Some(_) => LayerClasses::OfScores,
        None => LayerClasses::Known(layers.iter().map(class_numbers).collect::<Result<_>>()?),
    };
    let listed = bag.words("classes")?;
    let sources = ClassSources {
        given: listed.iter().collect(),
        labels,
        count: columns.as_ref().map(|(_, columns)| *columns).or_else(|| Some(largest(&of_layers, last, labels) + 1)),
        by_number: true,
    };
    let names = sources.names(notes)?;
    if let Some((place, columns)) = columns.filter(|(_, columns)| *columns != names.len()) {
        let problem = format!(
            "it has {columns} columns, but there are {} classes: name all of them in classes.txt, in the order of the \
             columns, and give that file by --classes",
            names.len()
        );
        return Err(Error::activations(place, problem));
    }
    if let LayerClasses::Known(classes) = &of_layers {
        check_classes(layers, classes, names.len())?;
    }
    let numbers: BTreeMap<&str, Class> = names.iter().map(String::as_str).zip(0..).collect();
    let predictions = match last {
        Last::Classes(words) => classes_of(words, &names, &numbers)?,
        Last::Scores(last) => last.classes.clone(),
    };
    let labels = labels.map(|words| classes_of(words, &names, &numbers)).transpose()?;
    Ok(Classes { of_layers, predictions, labels, names })
}

/// Reads the class numbers of a layer, `[examples]`.
fn class_numbers(layer: &PredictedLayer) -> Result<Vec<Class>> {
    let values = layer.array.read()?;
    let class = |example: usize| {
        let number = values.integer(example).unwrap_or_default();
        let class = Class::try_from(number).ok().filter(|&class| (class as usize) < MOST);
        class.ok_or_else(|| {
            let problem = format!("it is {number}, and classes are numbered from 0, at most {MOST} of them");
            Error::activations(layer.place_of(example, None), problem)
        })
    };
    (0..values.rows()).map(class).collect()
}

/// Returns the largest class number that occurs. What is no number is refused later.
fn largest(of_layers: &LayerClasses, last: &Last, labels: Option<&Words>) -> usize {
    let of_words = |words: &Words| words.texts.iter().filter_map(|text| text.parse::<usize>().ok()).max();
    let of_last = match last {
        Last::Classes(words) => of_words(words),
        Last::Scores(_) => None,
    };
    let of_layers = match of_layers {
        LayerClasses::Known(classes) => classes.iter().flatten().max().map(|&class| class as usize),
        LayerClasses::OfScores => None,
    };
    let all = [of_layers, of_last, labels.and_then(of_words)];
    all.into_iter().flatten().filter(|&class| class < MOST).max().unwrap_or_default()
}

fn check_classes(layers: &[PredictedLayer], classes: &[Vec<Class>], count: usize) -> Result<()> {
    for (layer, classes) in layers.iter().zip(classes) {
        if let Some(example) = classes.iter().position(|&class| class as usize >= count) {
            let problem = format!(
                "it is {}, but the classes are 0 to {}: class numbers count from 0; if there are more, name them all in \
                 classes.txt, and give that file by --classes",
                classes[example],
                count.saturating_sub(1)
            );
            return Err(Error::activations(layer.place_of(example, None), problem));
        }
    }
    Ok(())
}
