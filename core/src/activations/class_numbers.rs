//! From labels and predictions as the files have them to numbers of classes.

use std::collections::{BTreeMap, BTreeSet};

use super::recording::Recording;
use super::words::Words;
use crate::class::Class;
use crate::error::{Error, Result};
use crate::listed::quoted;

/// Largest number of classes (our choice): a label far beyond is none.
pub(super) const MOST: usize = 1 << 20;
/// Number of names in a message.
const NAMED: usize = 6;

/// The classes of all splits.
pub(super) struct ClassNumbers {
    /// Names of the classes, `[classes]`.
    pub classes: Vec<String>,
    /// Labels of each split, `[splits][examples]`.
    pub labels: Vec<Vec<Class>>,
    /// The network's classes of each split, `[splits][examples]`.
    pub predictions: Vec<Vec<Class>>,
    /// What was decided.
    pub notes: Vec<String>,
}

impl ClassNumbers {
    /// Resolves the classes of the training split, which comes first, and of the held-out splits.
    ///
    /// Labels that are numbers are class numbers from 0, which are the columns of the logits, too. Labels that are texts
    /// are classes in the order of `classes`, or sorted.
    ///
    /// # Errors
    /// [`Error::Activations`] with the place of the first label or prediction that is no class, or is one that the
    /// training split does not have.
    pub fn new(recordings: &[&Recording]) -> Result<Self> {
        let mut notes = Vec::new();
        let names = ClassSources::of(recordings).names(&mut notes)?;
        let numbers: BTreeMap<&str, Class> = names.iter().map(String::as_str).zip(0..).collect();
        let (mut labels, mut predictions) = (Vec::new(), Vec::new());
        for recording in recordings {
            check_columns(recording, names.len())?;
            labels.push(classes_of(&recording.labels, &names, &numbers)?);
            predictions.push(predicted(recording, &names, &numbers)?);
        }
        let trained: BTreeSet<Class> = labels[0].iter().copied().collect();
        for (recording, labels) in recordings.iter().zip(&labels) {
            if let Some(example) = labels.iter().position(|label| !trained.contains(label)) {
                let name = &names[labels[example] as usize];
                let problem = format!(
                    "no training example has the class `{name}`, so no neighbour can vote for it: add some to {}, or leave \
                     the example out",
                    recordings[0].place
                );
                return Err(recording.labels.wrong(example, problem));
            }
        }
        let empty: Vec<&String> =
            names.iter().zip(0..).filter(|(_, class)| !trained.contains(class)).map(|(n, _)| n).collect();
        if !empty.is_empty() {
            notes.push(format!("no training example has a label of {} classes: {}", empty.len(), quoted(empty, NAMED)));
        }
        Ok(Self { classes: names, labels, predictions, notes })
    }
}

/// What tells the names of the classes.
pub(super) struct ClassSources<'a> {
    /// Lists of the names.
    pub given: Vec<&'a Words>,
    /// Labels, if there are some.
    pub labels: Option<&'a Words>,
    /// Number of classes, if something tells it, such as the columns of logits.
    pub count: Option<usize>,
    /// Whether the network's classes are numbers.
    pub by_number: bool,
}

impl<'a> ClassSources<'a> {
    fn of(recordings: &[&'a Recording]) -> Self {
        let by_number = |recording: &&Recording| {
            recording.logits.is_some() || recording.predictions.as_ref().is_some_and(|words| words.numbers)
        };
        let columns = recordings.iter().find_map(|recording| recording.logits.as_ref()).map(|logits| logits.columns);
        Self {
            given: recordings.iter().filter_map(|recording| recording.classes.as_ref()).collect(),
            labels: recordings.first().map(|recording| &recording.labels),
            count: columns,
            by_number: recordings.iter().any(by_number),
        }
    }

    /// Returns the names of the classes.
    pub fn names(&self, notes: &mut Vec<String>) -> Result<Vec<String>> {
        if let Some(given) = self.given.first() {
            return listed(given, &self.given);
        }
        match self.labels {
            Some(labels) if !labels.numbers => Ok(self.sorted(labels, notes)),
            labels => numbered(labels, self.count),
        }
    }

    /// Returns labels that are texts, each once, in sorted order.
    fn sorted(&self, labels: &Words, notes: &mut Vec<String>) -> Vec<String> {
        let mut names: Vec<String> = labels.texts.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        if names.iter().all(|name| name.parse::<i128>().is_ok()) {
            names.sort_by_key(|name| name.parse::<i128>().unwrap_or_default());
        }
        if self.by_number {
            notes.push(format!(
                "the classes are the labels in sorted order, {}; the network's classes are taken to be numbered so: if \
                 they are not, write classes.txt",
                quoted(&names, NAMED)
            ));
        }
        names
    }
}

/// Returns the names of a list, which must be the same in all lists.
fn listed(given: &Words, all: &[&Words]) -> Result<Vec<String>> {
    if let Some(other) = all.iter().find(|other| other.texts != given.texts) {
        let problem = format!("its classes are not those of {}: all splits have the same", given.place);
        return Err(Error::activations(&other.place, problem));
    }
    let mut seen = BTreeSet::new();
    match given.texts.iter().position(|name| name.is_empty() || !seen.insert(name)) {
        Some(line) => Err(given.wrong(line, "an empty name, or one that was there before: give each class its own")),
        None if given.texts.is_empty() => Err(Error::activations(&given.place, "it names no class")),
        None => Ok(given.texts.clone()),
    }
}

/// Returns the numbers from 0 as names: as many as there are, else up to the largest label.
fn numbered(labels: Option<&Words>, count: Option<usize>) -> Result<Vec<String>> {
    let texts = labels.map_or(&[][..], |labels| &labels.texts);
    let largest = texts.iter().enumerate().filter_map(|(at, text)| Some((text.parse::<usize>().ok()?, at)));
    let (largest, example) = largest.max().unwrap_or_default();
    let count = count.unwrap_or_else(|| largest.saturating_add(1));
    match labels {
        Some(labels) if count > MOST => {
            let problem = format!(
                "is {}, but labels that are numbers are class numbers from 0, of at most {MOST} classes: write the labels as \
                 texts",
                labels.texts[example]
            );
            Err(labels.wrong(example, problem))
        }
        _ => Ok((0..count).map(|class| class.to_string()).collect()),
    }
}

fn check_columns(recording: &Recording, classes: usize) -> Result<()> {
    match &recording.logits {
        Some(logits) if logits.columns != classes => {
            let problem = format!(
                "it has {} columns, but there are {classes} classes: write a column for each, and all names into \
                 classes.txt, in the order of the columns",
                logits.columns
            );
            Err(Error::activations(&logits.place, problem))
        }
        _ => Ok(()),
    }
}

/// Returns the classes of a list; `numbers` are those of `names`. Numbers in an array are class numbers. Lines of a text file
/// that are numbers may be names of classes, too: they are refused if it matters which of the two they are.
pub(super) fn classes_of(words: &Words, names: &[String], numbers: &BTreeMap<&str, Class>) -> Result<Vec<Class>> {
    let number = |text: &str| text.parse().ok().filter(|&class: &Class| (class as usize) < names.len());
    if words.numbers && words.are_lines() {
        let two = |text: &&String| {
            let (named, numbered) = (numbers.get(text.as_str()), number(text));
            named.is_some() && numbered.is_some() && named.copied() != numbered
        };
        if let Some((line, text)) = words.texts.iter().enumerate().find(|(_, text)| two(text)) {
            let problem = format!(
                "{text} is the number of a class and the name of another: write numbers as an array of integers, or names as an \
                 array of texts"
            );
            return Err(words.wrong(line, problem));
        }
    }
    let named = words.are_lines() && words.texts.iter().all(|text| numbers.contains_key(text.as_str()));
    let class = |(example, text): (usize, &String)| {
        let class = match words.numbers && !named {
            true => number(text),
            false => numbers.get(text.as_str()).copied(),
        };
        class.ok_or_else(|| {
            let problem = match (text.is_empty(), words.numbers) {
                (true, _) => "it is empty: give each example one class, or leave the example out".to_owned(),
                (_, true) => format!(
                    "it is {text}, but the classes are 0 to {}: class numbers count from 0; if the network knows more \
                     classes, name them all in classes.txt",
                    names.len().saturating_sub(1)
                ),
                _ => format!(
                    "it is {text:?}, but the classes are {}: if there are more, name them all in classes.txt",
                    quoted(names, NAMED)
                ),
            };
            words.wrong(example, problem)
        })
    };
    words.texts.iter().enumerate().map(class).collect()
}

/// Returns the network's own classes. Predictions and logits must agree, except where logits are tied.
fn predicted(recording: &Recording, names: &[String], numbers: &BTreeMap<&str, Class>) -> Result<Vec<Class>> {
    let (Some(words), logits) = (&recording.predictions, &recording.logits) else {
        return Ok(recording.logits.as_ref().map(|logits| logits.classes.clone()).unwrap_or_default());
    };
    let classes = classes_of(words, names, numbers)?;
    let Some(logits) = logits else { return Ok(classes) };
    let differing = (0..classes.len()).find(|&at| classes[at] != logits.classes[at] && logits.margins[at] > 0.0);
    match differing {
        None => Ok(classes),
        Some(example) => {
            let [said, largest] = [classes[example], logits.classes[example]].map(|class| &names[class as usize]);
            let problem = format!(
                "it is `{said}`, but the largest logit in {} is that of `{largest}`: they are of different networks or \
                 examples; leave one of the two out",
                logits.place
            );
            Err(words.wrong(example, problem))
        }
    }
}
