//! The user's answers where files have several readings.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::product::product;

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
    /// Name of the column, or of the arrays, that name the examples, instead of one that is called `id` or similar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_column: Option<String>,
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
    /// [`Error::Setting`] for other text, for three sides that do not tell which one is the channels, and for images of
    /// more values than this machine can address.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |remedy: &str| Error::Setting { name: "layout", value: text.into(), remedy: remedy.into() };
        let known = "choose nchw, nhwc, or the sides of images in rows, such as 28x28, 3x32x32 or 32x32x3";
        match text.to_ascii_lowercase().as_str() {
            "nchw" => return Ok(Self::Nchw),
            "nhwc" => return Ok(Self::Nhwc),
            _ => {}
        }
        let sides: Option<Vec<usize>> = text.split(['x', 'X']).map(|side| side.trim().parse().ok()).collect();
        let sides = sides.filter(|sides| !sides.contains(&0)).unwrap_or_default();
        let channels = |side: usize| (1..=4).contains(&side);
        match sides[..] {
            [_, _] | [_, _, _] if product(&sides).is_none() => {
                Err(refuse("such images have more values than this machine can address"))
            }
            [height, width] => Ok(Self::RowsChw([1, height, width])),
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

impl Background {
    /// Returns the name that the option has.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Black => "black",
        }
    }

    /// Returns a value of a channel, of this opacity, over the background.
    pub(super) fn blended(self, value: u8, opacity: u8) -> u8 {
        let behind: u32 = match self {
            Self::White => 255,
            Self::Black => 0,
        };
        let (value, opacity) = (u32::from(value), u32::from(opacity));
        ((value * opacity + behind * (255 - opacity) + 127) / 255) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_say_a_layout() {
        for (text, layout) in [
            ("NCHW", Layout::Nchw),
            ("nhwc", Layout::Nhwc),
            ("28x27", Layout::RowsChw([1, 28, 27])),
            ("3 x 32X31", Layout::RowsChw([3, 32, 31])),
            ("32x31x3", Layout::RowsHwc([32, 31, 3])),
        ] {
            assert_eq!(Layout::parse(text).expect("a layout"), layout, "{text}");
        }
        for (text, words) in [
            ("28", "choose nchw"),
            ("0x28", "choose nchw"),
            ("3x0x28", "choose nchw"),
            ("5x5x5", "the 1 to 4 channels"),
            ("3x3x3", "the 1 to 4 channels"),
            ("99999999999x99999999999", "more values than this machine can address"),
            ("99999999999x99999999999x5", "more values than this machine can address"),
            ("99999999999x99999999999x3", "more values than this machine can address"),
            ("0x99999999999x99999999999", "choose nchw"),
            ("99999999999x99999999999x0", "choose nchw"),
        ] {
            let error = Layout::parse(text).expect_err("no layout").to_string();
            assert!(error.starts_with(&format!("layout = {text}: ")) && error.contains(words), "{error}");
        }
    }
}
