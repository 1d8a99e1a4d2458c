//! The user's answers where files have several readings.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Answers to what the files leave open. The defaults ask nothing: what is ambiguous is then refused. More will come: end
/// with `..ReadOptions::default()`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ReadOptions {
    /// Order of the dimensions of an array of images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// What shows through transparent pixels.
    #[serde(skip_serializing_if = "is_default")]
    pub background: Background,
    /// Size of all images, `[height, width]`, instead of the commonest size of the files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_size: Option<[u32; 2]>,
    /// Whether images that cannot be decoded are skipped and counted, instead of refused.
    #[serde(skip_serializing_if = "is_default")]
    pub skip_unreadable: bool,
    /// Whether rows without a label are skipped and counted, instead of refused.
    #[serde(skip_serializing_if = "is_default")]
    pub drop_unlabelled: bool,
    /// What separates the columns of a text table, instead of the separator of its first row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Name of the column of labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_column: Option<String>,
    /// Names of columns that are no features.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drop_columns: Vec<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Order of the dimensions of an array of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layout {
    /// `[n, channels, height, width]`
    Nchw,
    /// `[n, height, width, channels]`
    Nhwc,
    /// Rows `[n, pixels]` that are images with these sides, `[channels, height, width]`, in this order.
    RowsChw([usize; 3]),
    /// Rows `[n, pixels]` that are images with these sides, `[height, width, channels]`, in this order.
    RowsHwc([usize; 3]),
}

impl Layout {
    /// Reads `nchw`, `nhwc`, or the sides of images in rows: `28x28`, `3x32x32` or `32x32x3`.
    ///
    /// # Errors
    /// [`Error::Setting`] for other text, or for three sides that do not tell which one is the channels.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |remedy: &str| Error::Setting { name: "layout", value: text.into(), remedy: remedy.into() };
        let known = "choose nchw, nhwc, or the sides of images in rows, such as 28x28, 3x32x32 or 32x32x3";
        match text.to_ascii_lowercase().as_str() {
            "nchw" => return Ok(Self::Nchw),
            "nhwc" => return Ok(Self::Nhwc),
            _ => {}
        }
        let sides: Option<Vec<usize>> = text.split(['x', 'X']).map(|side| side.trim().parse().ok()).collect();
        let channels = |side: usize| (1..=4).contains(&side);
        match sides.unwrap_or_default()[..] {
            [height, width] if height > 0 && width > 0 => Ok(Self::RowsChw([1, height, width])),
            [first, second, third] if first * second * third == 0 => Err(refuse(known)),
            [first, second, third] => match (channels(first), channels(third)) {
                (true, false) => Ok(Self::RowsChw([first, second, third])),
                (false, true) => Ok(Self::RowsHwc([first, second, third])),
                _ => Err(refuse("the first or the last side must be the 1 to 4 channels, and not both")),
            },
            _ => Err(refuse(known)),
        }
    }
}

/// What shows through transparent pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// White (our choice: most drawings and logos are made for it).
    #[default]
    White,
    /// Black.
    Black,
}
