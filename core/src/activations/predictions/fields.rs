//! Files beside the layers: the network's final prediction, labels, names, and what is shown.

use std::rc::Rc;

use crate::activations::array_file::ArrayFile;
use crate::activations::opened::Opened;
use crate::activations::part_file::{PartFile, stem_and_ending};
use crate::activations::words::Words;
use crate::activations::{npy, npz, tensors};
use crate::error::{Error, Result};
use crate::listed::quoted;

/// Number of names in a message.
const NAMED: usize = 6;

/// What a file beside the layers holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A label for each example: class numbers, or texts.
    Labels,
    /// The user's names of the examples.
    Ids,
    /// Names of the classes, in the order of their numbers.
    Classes,
    /// Texts to show.
    Texts,
    /// Images to show.
    Images,
}

impl Field {
    /// Returns its name, as of a file in a folder of activations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Ids => "ids",
            Self::Classes => "classes",
            Self::Texts => "texts",
            Self::Images => "images",
        }
    }
}

/// The content of a file.
pub(in crate::activations) enum Entry {
    Array(ArrayFile),
    List(Words),
}

/// Opens a file of one list or array. In a file of several arrays it is the first of these names that is there.
pub(in crate::activations) fn open(file: &Rc<dyn PartFile>, names: &[&str]) -> Result<Entry> {
    let opened = match stem_and_ending(file.name()).1.as_str() {
        "npy" => return npy::open(file).map(Entry::Array),
        "txt" => return Words::from_lines(&**file).map(Entry::List),
        "npz" => npz::open(file)?,
        "safetensors" => tensors::open(file)?,
        _ => {
            let problem = "it is no .npy, .npz, .safetensors or .txt file: save it as one of these";
            return Err(Error::activations(file.name(), problem));
        }
    };
    let Opened { mut arrays, mut lists, .. } = opened;
    for name in names {
        if let Some(place) = arrays.iter().position(|array| array.name() == *name) {
            return Ok(Entry::Array(arrays.swap_remove(place)));
        }
        if let Some(place) = lists.iter().position(|(list, _)| list == name) {
            return Ok(Entry::List(lists.swap_remove(place).1));
        }
    }
    match arrays.len() {
        1 => {
            let array = arrays.swap_remove(0);
            Ok(Entry::Array(ArrayFile { alone: true, ..array }))
        }
        count => {
            let problem = format!("it holds {count} arrays, none of them {}: call it so", quoted(names, NAMED));
            Err(Error::activations(file.name(), problem))
        }
    }
}
