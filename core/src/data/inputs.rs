//! What is shown of examples: depth itself knows no pixels.

use super::Images;
use crate::error::{Result, same_length};
use crate::matrix::Matrix;

/// What is shown of the examples of a study.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Images. Those of a network of ours are its input, too.
    Images(Images),
    /// A text for each example, `[examples]`.
    Texts(Vec<String>),
    /// The rows of a table.
    Table(Table),
    /// Nothing: an example is known by its number and its name.
    Nothing,
}

/// Rows of features.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    features: Vec<String>,
    values: Matrix,
}

impl Inputs {
    /// Returns the name in study files.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Images(_) => "images",
            Self::Texts(_) => "text",
            Self::Table(_) => "table",
            Self::Nothing => "none",
        }
    }

    /// Returns the number of examples; `None` if nothing is shown of them.
    pub fn len(&self) -> Option<usize> {
        match self {
            Self::Images(images) => Some(images.len()),
            Self::Texts(texts) => Some(texts.len()),
            Self::Table(table) => Some(table.len()),
            Self::Nothing => None,
        }
    }

    /// Returns whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.len().is_none_or(|len| len == 0)
    }

    /// Returns these examples, in this order.
    ///
    /// # Errors
    /// None in practice: what is shown was checked when it was read.
    ///
    /// # Panics
    /// If there is no such example.
    pub fn select(&self, examples: &[usize]) -> Result<Self> {
        Ok(match self {
            Self::Images(images) => Self::Images(images.select(examples)?),
            Self::Texts(texts) => Self::Texts(examples.iter().map(|&example| texts[example].clone()).collect()),
            Self::Table(table) => {
                Self::Table(Table { features: table.features.clone(), values: table.values.select(examples) })
            }
            Self::Nothing => Self::Nothing,
        })
    }

    /// Returns whether what is shown of other examples can follow this.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Images(one), Self::Images(other)) => one.shape() == other.shape(),
            (Self::Table(one), Self::Table(other)) => one.features == other.features,
            (one, other) => one.kind() == other.kind(),
        }
    }

    /// Joins what is shown of several lists of examples, each of which [is like](Self::is_like) the first.
    ///
    /// # Errors
    /// None in practice: what is shown was checked when it was read.
    pub(crate) fn together(parts: &[Self]) -> Result<Self> {
        let tables = || parts.iter().filter_map(|part| if let Self::Table(table) = part { Some(table) } else { None });
        Ok(match parts.first() {
            None | Some(Self::Nothing) => Self::Nothing,
            Some(Self::Images(first)) => {
                let pixels: Vec<&[u8]> = parts.iter().filter_map(Self::images).map(Images::pixels).collect();
                Self::Images(Images::new(pixels.concat(), first.shape())?)
            }
            Some(Self::Texts(_)) => {
                let texts =
                    parts.iter().filter_map(|part| if let Self::Texts(texts) = part { Some(texts) } else { None });
                Self::Texts(texts.flatten().cloned().collect())
            }
            Some(Self::Table(first)) => {
                let values: Vec<&[f32]> = tables().map(|table| table.values.values()).collect();
                let rows = tables().map(Table::len).sum();
                let values = Matrix::new(values.concat(), rows, first.features.len())?;
                Self::Table(Table::new(first.features.clone(), values)?)
            }
        })
    }

    /// Returns the images, if these are some.
    pub fn images(&self) -> Option<&Images> {
        match self {
            Self::Images(images) => Some(images),
            _ => None,
        }
    }

    /// Returns an example in words: its text, or the values of its row as `name value`, separated by commas. `None` for
    /// images and for an example that is not there.
    pub fn text(&self, example: usize) -> Option<String> {
        match self {
            Self::Texts(texts) => texts.get(example).cloned(),
            Self::Table(table) => table.text(example),
            Self::Images(_) | Self::Nothing => None,
        }
    }
}

impl Table {
    /// Creates a table from the names of its features, `[features]`, and its values, [examples, features].
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if their numbers differ.
    pub fn new(features: Vec<String>, values: Matrix) -> Result<Self> {
        same_length("names of features, one for each column", values.cols(), features.len())?;
        Ok(Self { features, values })
    }

    /// Returns the names of the features, `[features]`.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// Returns the values, [examples, features].
    pub fn values(&self) -> &Matrix {
        &self.values
    }

    /// Returns the number of examples.
    pub fn len(&self) -> usize {
        self.values.rows()
    }

    /// Returns whether there are no examples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn text(&self, example: usize) -> Option<String> {
        let row = (example < self.len()).then(|| self.values.row(example))?;
        let cells = self.features.iter().zip(row).map(|(name, value)| format!("{name} {value}"));
        Some(cells.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_told_in_words() {
        let values = Matrix::new(vec![1.5, 2.0, -3.0, 0.25], 2, 2).expect("two rows");
        let table = Table::new(["width", "age"].map(String::from).to_vec(), values.clone()).expect("a table");
        let table = Inputs::Table(table);
        assert_eq!(table.text(1).as_deref(), Some("width -3, age 0.25"));
        assert_eq!((table.text(2), table.len(), table.kind()), (None, Some(2), "table"));
        let texts = Inputs::Texts(vec!["so it goes".into()]);
        assert_eq!((texts.text(0).as_deref(), texts.text(1)), (Some("so it goes"), None));
        assert_eq!((Inputs::Nothing.text(0), Inputs::Nothing.len()), (None, None));
        assert!(Table::new(vec!["width".into()], values).is_err());
    }
}
