//! What the files of a split hold, by name: of a folder of files, or of one file of arrays.

use std::rc::Rc;

use super::array_file::ArrayFile;
use super::opened::Opened;
use super::part_file::{PartFile, check_file, stem_and_ending};
use super::words::Words;
use super::{npy, npz, tensors};
use crate::data::ReadReport;
use crate::error::{Error, Result};

/// Arrays that are no layers.
const FIELDS: [&str; 9] = ["labels", "predictions", "logits", "classes", "ids", "images", "texts", "order", "mask"];
/// Lists that may be text files.
const LISTS: [&str; 6] = ["labels", "predictions", "classes", "ids", "texts", "order"];

/// Returns whether a file of this name is read.
fn is_known(stem: &str, ending: &str) -> bool {
    let hidden = stem.is_empty() || stem.starts_with('.');
    let array = ["npy", "npz", "safetensors"].contains(&ending);
    !hidden && (array || (ending == "txt" && LISTS.contains(&stem)) || (stem, ending) == ("table", "csv"))
}

/// The arrays and lists of a split.
pub(super) struct Bag {
    /// The folder or the file.
    pub place: String,
    arrays: Vec<ArrayFile>,
    /// Lists by name.
    lists: Vec<(String, Words)>,
    pub table: Option<Rc<dyn PartFile>>,
    pub report: ReadReport,
}

impl Bag {
    /// Takes the files of a folder.
    pub fn folder(place: &str, mut files: Vec<Rc<dyn PartFile>>) -> Result<Self> {
        files.sort_by(|one, other| one.name().cmp(other.name()));
        let mut bag = Self::new(place, Opened::default());
        for file in files {
            let (stem, ending) = stem_and_ending(file.name());
            if is_known(stem, &ending) {
                check_file(&*file)?;
            }
            match (stem, ending.as_str()) {
                ("", _) => bag.report.skip(file.name(), "hidden file"),
                (hidden, _) if hidden.starts_with('.') => bag.report.skip(file.name(), "hidden file"),
                (_, "npy") => bag.arrays.push(npy::open(&file)?),
                (_, "npz") => bag.add(&file, npz::open(&file)?)?,
                (_, "safetensors") => bag.add(&file, tensors::open(&file)?)?,
                (name, "txt") if LISTS.contains(&name) => {
                    let words = Words::from_lines(&*file)?;
                    bag.lists.push((name.into(), words));
                }
                ("table", "csv") => bag.table = Some(file.clone()),
                _ => bag.report.skip(file.name(), file.no_file().unwrap_or("not a file of activations")),
            }
        }
        bag.distinct()
    }

    /// Takes the arrays of one file.
    pub fn file(file: &Rc<dyn PartFile>) -> Result<Self> {
        let opened = match stem_and_ending(file.name()).1.as_str() {
            "npz" => npz::open(file)?,
            "safetensors" => tensors::open(file)?,
            _ => {
                let problem =
                    "choose a folder of .npy files, or one .npz or .safetensors file with all arrays of a split";
                return Err(Error::activations(file.name(), problem));
            }
        };
        Self::new(file.name(), opened).distinct()
    }

    fn new(place: &str, opened: Opened) -> Self {
        let Opened { arrays, lists, report } = opened;
        Self { place: place.into(), arrays, lists, table: None, report }
    }

    /// Adds a file of a folder that holds one array, which is called as the file.
    fn add(&mut self, file: &Rc<dyn PartFile>, opened: Opened) -> Result<()> {
        let (stem, _) = stem_and_ending(file.name());
        let Opened { mut arrays, report, .. } = opened;
        self.report.skipped.extend(report.skipped);
        let one = match arrays.iter().position(|array| array.name() == stem) {
            Some(place) => place,
            None if arrays.len() == 1 => 0,
            None => {
                let problem = format!(
                    "it holds {} arrays, none of them `{stem}`: in a folder each file holds one array; to take all of \
                     this file as a split, name the file itself",
                    arrays.len()
                );
                return Err(Error::activations(file.name(), problem));
            }
        };
        let mut array = arrays.swap_remove(one);
        for other in arrays {
            self.report.skip(other.place(), "another array of the file");
        }
        array.heading.name = stem.into();
        array.alone = true;
        self.arrays.push(array);
        Ok(())
    }

    /// Takes a file of one array, the layers, whatever it is called.
    pub fn of_layers(file: &Rc<dyn PartFile>) -> Result<Self> {
        let mut array = npy::open(file)?;
        if FIELDS.contains(&array.name()) {
            array.heading.name = "layers".into();
        }
        Ok(Self::new(file.name(), Opened { arrays: vec![array], ..Opened::default() }))
    }

    /// Adds an array that is no layer, as this name.
    pub fn add_array(&mut self, name: &str, mut array: ArrayFile) {
        array.heading.name = name.into();
        self.arrays.push(array);
    }

    /// Adds a list as this name.
    pub fn add_list(&mut self, name: &str, list: Words) {
        self.lists.push((name.into(), list));
    }

    /// Refuses two files of one name.
    pub fn distinct(self) -> Result<Self> {
        let arrays = self.arrays.iter().map(|array| (array.name(), array.place()));
        let lists = self.lists.iter().map(|(name, words)| (name.as_str(), words.place.clone()));
        let mut all: Vec<(&str, String)> = arrays.chain(lists).collect();
        all.sort();
        match all.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => {
                Err(Error::activations(&pair[0].1, format_args!("so is {}: leave one of the two out", pair[1].1)))
            }
            None => Ok(self),
        }
    }

    /// Returns an array that is no layer.
    pub fn array(&self, name: &str) -> Option<&ArrayFile> {
        self.arrays.iter().find(|array| array.name() == name)
    }

    /// Returns the files of a name that may be an array or a list.
    pub fn places_of(&self, name: &str) -> Vec<String> {
        let list = self.list(name).map(|words| words.place.clone());
        self.array(name).map(ArrayFile::place).into_iter().chain(list).collect()
    }

    /// Returns the arrays that may be layers.
    pub fn layers(&self) -> Vec<&ArrayFile> {
        self.arrays.iter().filter(|array| !FIELDS.contains(&array.name())).collect()
    }

    /// Reads a list of texts or whole numbers. Lines of whole numbers are numbers.
    pub fn words(&self, name: &str) -> Result<Option<Words>> {
        if let Some(array) = self.array(name) {
            return Words::from_array(array).map(Some);
        }
        Ok(self.list(name).map(|words| {
            let words = words.clone().trimmed();
            let numbers = words.texts.iter().all(|text| text.parse::<i64>().is_ok());
            Words { numbers, ..words }
        }))
    }

    /// Reads a list of texts, with the spaces around them.
    pub fn texts(&self, name: &str) -> Result<Option<Words>> {
        match self.array(name) {
            Some(array) => Words::texts_from_array(array).map(Some),
            None => Ok(self.list(name).cloned()),
        }
    }

    fn list(&self, name: &str) -> Option<&Words> {
        self.lists.iter().find(|(key, _)| key == name).map(|(_, words)| words)
    }
}
