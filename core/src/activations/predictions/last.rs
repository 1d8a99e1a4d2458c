//! The network's final prediction.

use std::rc::Rc;

use rayon::prelude::*;

use super::fields::{Entry, open};
use super::layers::Content;
use super::scores::{Largest, Scores};
use crate::activations::part_file::PartFile;
use crate::activations::words::Words;
use crate::class::Class;
use crate::error::{Error, Result};
use crate::metrics::{NoDistribution, check_distribution};

/// The names of its array in a file of several.
const NAMES: [&str; 3] = ["final", "logits", "predictions"];

/// The final prediction of each example, as its file has it.
pub(super) enum Last {
    /// Its class.
    Classes(Words),
    /// The scores of all classes.
    Scores(Box<LastScores>),
}

/// Final scores and what follows from them.
pub(super) struct LastScores {
    pub place: String,
    pub scores: Scores,
    /// The class of the largest score, `[examples]`.
    pub classes: Vec<Class>,
    /// Number of examples for which it is not the only class with this score.
    pub tied: usize,
    /// Largest logit minus second largest, `[examples]`: of distributions, of the logarithms. NaN if the second has the
    /// probability 0.
    pub margins: Vec<f32>,
    /// Where they are no distribution: the first example, and the reason.
    pub no_distribution: Option<(usize, NoDistribution)>,
}

impl Last {
    /// Reads classes, `[examples]`, integers or texts; or scores, [examples, classes].
    pub fn read(file: &Rc<dyn PartFile>) -> Result<Self> {
        let array = match open(file, &NAMES)? {
            Entry::List(words) => return words_of(words).map(Self::Classes),
            Entry::Array(array) => array,
        };
        let (kind, shape) = (&array.heading.kind, &array.heading.shape);
        let is_scores = kind.is_number() && Content::of(&array)? == Content::Scores;
        match (is_scores, shape.len()) {
            (false, 1) => Words::from_array(&array).map(Self::Classes),
            (true, 2) if shape[1] > 0 => {
                LastScores::new(array.place(), Scores::new(&array)?).map(|scores| Self::Scores(Box::new(scores)))
            }
            _ => Err(array.wrong(format_args!(
                "is {kind} {shape:?}; the final prediction is the class of each example, integers [examples], or \
                 distributions or logits, floats [examples, classes]: change the type with .astype, or the shape"
            ))),
        }
    }

    pub fn place(&self) -> &str {
        match self {
            Self::Classes(words) => &words.place,
            Self::Scores(scores) => &scores.place,
        }
    }

    pub fn examples(&self) -> usize {
        match self {
            Self::Classes(words) => words.texts.len(),
            Self::Scores(scores) => scores.classes.len(),
        }
    }
}

/// Returns the lines of a text file as classes.
fn words_of(words: Words) -> Result<Words> {
    let words = words.trimmed();
    let numbers = words.texts.iter().all(|text| text.parse::<i64>().is_ok());
    Ok(Words { numbers, ..words })
}

impl LastScores {
    fn new(place: String, scores: Scores) -> Result<Self> {
        let (mut largest, mut no_distribution) = (Vec::new(), None);
        for rows in scores.blocks() {
            let values = scores.read(rows.clone())?;
            let found = values.par_chunks(scores.classes()).map(|row| (Largest::of(row), check_distribution(row)));
            let found: Vec<_> = found.collect();
            for (example, (row, (most, checked))) in rows.zip(values.chunks(scores.classes()).zip(found)) {
                if let Some(class) = row.iter().position(|value| !value.is_finite()) {
                    return Err(Error::activations(
                        format!("{place}[{example}, {class}]"),
                        format_args!("it is {}, and a final prediction has numbers: leave the example out", row[class]),
                    ));
                }
                largest.push(most);
                no_distribution = no_distribution.or(checked.err().map(|why| (example, why)));
            }
        }
        let margin = |most: &Largest| match (most.second.is_finite(), no_distribution.is_some()) {
            (false, _) => 0.0, // a single class
            (true, true) => (most.value - most.second) as f32,
            (true, false) if most.second > 0.0 => (most.value.ln() - most.second.ln()) as f32,
            (true, false) => f32::NAN,
        };
        Ok(Self {
            classes: largest.iter().map(|most| most.class).collect(),
            tied: largest.iter().filter(|most| most.tied()).count(),
            margins: largest.iter().map(margin).collect(),
            no_distribution,
            place,
            scores,
        })
    }

    /// Refuses logits.
    pub fn check_distributions(&self) -> Result<()> {
        match &self.no_distribution {
            Some((example, why)) => {
                let class = why.class().map_or_else(String::new, |class| format!(", {class}"));
                Err(Error::activations(format!("{}[{example}{class}]", self.place), why))
            }
            None => Ok(()),
        }
    }
}
