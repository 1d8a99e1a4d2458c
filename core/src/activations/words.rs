//! Labels, predictions, names: a list as its file has it.

use super::array_file::{ArrayFile, FORMAT};
use super::part_file::PartFile;
use crate::data::own::array_labels::names;
use crate::error::{Error, Result};

/// A list of texts or of whole numbers.
#[derive(Clone)]
pub(super) struct Words {
    /// Where the user finds it.
    pub place: String,
    pub texts: Vec<String>,
    /// Whether the file holds numbers, not texts.
    pub numbers: bool,
}

impl Words {
    /// Reads texts or whole numbers, `[n]`.
    pub fn from_array(array: &ArrayFile) -> Result<Self> {
        let texts = names(&array.read()?, FORMAT).map_err(|error| array.explain(error))?;
        Ok(Self { place: array.place(), texts, numbers: array.heading.kind.is_number() })
    }

    /// Reads texts as they are, with the spaces around them.
    pub fn texts_from_array(array: &ArrayFile) -> Result<Self> {
        let [count] = array.heading.shape[..] else {
            return Err(array.wrong(format_args!("is {:?}, not [n]: give each example one text", array.heading.shape)));
        };
        let values = array.read()?;
        let texts = (0..count).map(|at| values.text(at).map_err(|problem| array.wrong(problem)));
        Ok(Self { place: array.place(), texts: texts.collect::<Result<_>>()?, numbers: false })
    }

    /// Reads the lines of a text file.
    pub fn from_lines(file: &dyn PartFile) -> Result<Self> {
        let unreadable = |error: &dyn std::fmt::Display| {
            Error::activations(
                file.name(),
                format_args!("it cannot be read as a text, a line for each example: {error}"),
            )
        };
        let size = usize::try_from(file.size()).map_err(|error| unreadable(&error))?;
        let mut bytes = vec![0; size];
        file.read_at(0, &mut bytes).map_err(|error| unreadable(&error))?;
        let text = String::from_utf8(bytes).map_err(|error| unreadable(&error))?;
        let texts = text.trim_start_matches('\u{feff}').lines().map(String::from).collect();
        Ok(Self { place: file.name().into(), texts, numbers: false })
    }

    /// Returns the list without spaces around its texts.
    pub fn trimmed(mut self) -> Self {
        self.texts.iter_mut().for_each(|text| *text = text.trim().into());
        self
    }

    /// Returns whether the entries are lines of a text file.
    pub fn are_lines(&self) -> bool {
        self.place.to_ascii_lowercase().ends_with(".txt")
    }

    /// Returns where the user finds an entry: a line of a text file, counted from 1, else an index from 0.
    pub fn place_of(&self, example: usize) -> String {
        match self.are_lines() {
            true => format!("{}, line {}", self.place, example + 1),
            false => format!("{}[{example}]", self.place),
        }
    }

    pub fn wrong(&self, example: usize, problem: impl std::fmt::Display) -> Error {
        Error::activations(self.place_of(example), problem)
    }

    /// Checks that there is one entry for each example.
    pub fn check_length(&self, examples: usize) -> Result<()> {
        match self.texts.len() {
            found if found == examples => Ok(()),
            found => Err(Error::activations(
                &self.place,
                format_args!("it has {found} entries, but there are {examples} examples: write one for each"),
            )),
        }
    }
}
