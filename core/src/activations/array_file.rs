//! An array whose values stay in their file until they are needed.

use std::fmt::Display;
use std::rc::Rc;

use super::part_file::PartFile;
use super::zip_entry::ZipEntry;
use crate::data::own::arrays::{Array, Heading};
use crate::error::{Error, Result};
use crate::product::product;

/// Bytes that are read at a time: whole values of every type of numbers.
const BLOCK: usize = 4 << 20;

/// The name of the format in messages of readers that are shared with data sets; it is never shown.
pub(super) const FORMAT: &str = "file of activations";

/// An array in a file.
#[derive(Clone)]
pub(super) struct ArrayFile {
    pub file: Rc<dyn PartFile>,
    /// Whether the file holds nothing else.
    pub alone: bool,
    pub heading: Heading,
    pub values: Values,
}

/// Where the values are.
#[derive(Clone, Copy)]
pub(super) enum Values {
    /// In the file, from this byte on.
    At(u64),
    /// Compressed.
    Deflated(ZipEntry),
}

impl ArrayFile {
    /// Returns its name in its file, or the name of the file without ending.
    pub fn name(&self) -> &str {
        &self.heading.name
    }

    /// Returns where the user finds it.
    pub fn place(&self) -> String {
        let file = self.file.name();
        if self.alone { file.into() } else { format!("{file}: {}", self.name()) }
    }

    /// Returns where the user finds a value of an example, as NumPy writes it: `layer3.npy[17, 0, 5]`. `inside` is its
    /// place in the example, the last dimension varying fastest.
    pub fn place_of(&self, example: usize, inside: usize) -> String {
        let (mut rest, mut index) = (inside, Vec::new());
        for side in self.example_shape().iter().rev() {
            index.push(rest % side.max(&1));
            rest /= side.max(&1);
        }
        index.push(example);
        index.reverse();
        format!("{}{index:?}", self.place())
    }

    pub fn wrong(&self, problem: impl Display) -> Error {
        Error::activations(self.place(), problem)
    }

    /// Returns the number of examples, the first dimension.
    pub fn examples(&self) -> usize {
        self.heading.shape.first().copied().unwrap_or_default()
    }

    /// Returns the dimensions of an example.
    pub fn example_shape(&self) -> &[usize] {
        self.heading.shape.get(1..).unwrap_or_default()
    }

    /// Returns the number of values of an example.
    pub fn dims(&self) -> usize {
        product(self.example_shape()).unwrap_or(usize::MAX) // which `size` refuses
    }

    /// Returns the number of bytes of its values.
    pub fn size(&self) -> Result<usize> {
        self.heading.size().map_err(|problem| self.wrong(problem))
    }

    /// Reads all bytes, in the order of the file, in blocks that begin and end between numbers. `on_block` gets a
    /// block's place among them, too.
    pub fn read_through(&self, mut on_block: impl FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        let size = self.size()?;
        let start = match self.values {
            Values::At(start) => start,
            Values::Deflated(entry) => {
                let mut at = 0;
                return entry.read_through(&*self.file, size as u64, BLOCK, |block| {
                    at += block.len();
                    on_block(at - block.len(), block)
                });
            }
        };
        let mut block = vec![0; size.min(BLOCK)];
        for at in (0..size).step_by(BLOCK) {
            let block = &mut block[..(size - at).min(BLOCK)];
            self.read_at(&*self.file, start + at as u64, block)?;
            on_block(at, block)?;
        }
        Ok(())
    }

    /// Reads bytes of a file that holds its values.
    pub fn read_at(&self, file: &dyn PartFile, offset: u64, into: &mut [u8]) -> Result<()> {
        file.read_at(offset, into).map_err(|error| self.wrong(format_args!("it cannot be read: {error}")))
    }

    /// Reads all values into memory: a list, such as labels.
    pub fn read(&self) -> Result<Array<'static>> {
        let mut bytes = Vec::new();
        self.read_through(|_, block| {
            bytes.extend_from_slice(block);
            Ok(())
        })?;
        Array::new(self.heading.clone(), bytes, FORMAT).map_err(|error| self.explain(error))
    }

    /// Makes an error of a shared reader an error of this file.
    pub fn explain(&self, error: Error) -> Error {
        match error {
            Error::Format { problem, .. } => self.wrong(problem.trim_start_matches(&format!("`{}` ", self.name()))),
            other => self.wrong(other),
        }
    }
}
