//! The options that say how files of data are read, where they have several readings.

use clap::{Args, ValueEnum};
use prediction_depth::data::{Background, Layout, ReadOptions};

use super::DATA;

#[derive(Args, Clone)]
#[command(next_help_heading = DATA)]
pub struct ReadArgs {
    /// Order of the dimensions of an array of images: nchw, nhwc, or the sides of images in rows, such as 28x28
    ///
    /// Sides with channels are 3x32x32 or 32x32x3, in the order of the file. Without sides, rows are features.
    #[arg(long, value_name = "LAYOUT", value_parser = layout)]
    pub layout: Option<Layout>,
    /// What shows through transparent pixels
    #[arg(long, value_enum, default_value_t = BackgroundArg::White)]
    pub background: BackgroundArg,
    /// Height and width of all images, such as 32x32 [default: the commonest size, at most 64]
    #[arg(long, value_name = "HxW", value_parser = image_size)]
    pub image_size: Option<[u32; 2]>,
    /// Skip and count images that cannot be decoded, instead of stopping
    #[arg(long)]
    pub skip_unreadable: bool,
    /// Skip and count rows without a label, instead of stopping
    ///
    /// In a table, a label is missing if it is empty, NA, NaN, null, None or ?.
    #[arg(long)]
    pub drop_unlabelled: bool,
    /// What separates the columns of a text table: a character, or tab [default: found in its first rows]
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<char>,
    /// Name of the column of labels [default: label]
    #[arg(long, value_name = "NAME")]
    pub label_column: Option<String>,
    /// Name of the column that names the examples [default: id, filename, name or similar]
    ///
    /// In a file of arrays it is the name of an array, without its train or test. In a Parquet file of images, image.path
    /// stands for the paths of the images.
    #[arg(long, value_name = "NAME")]
    pub id_column: Option<String>,
    /// Names of columns of a table to leave out
    #[arg(long, value_name = "NAME,NAME,...", value_delimiter = ',')]
    pub drop_columns: Vec<String>,
}

impl From<&ReadArgs> for ReadOptions {
    fn from(arguments: &ReadArgs) -> Self {
        Self {
            layout: arguments.layout,
            background: arguments.background.into(),
            image_size: arguments.image_size,
            skip_unreadable: arguments.skip_unreadable,
            drop_unlabelled: arguments.drop_unlabelled,
            delimiter: arguments.delimiter,
            label_column: arguments.label_column.clone(),
            id_column: arguments.id_column.clone(),
            drop_columns: arguments.drop_columns.clone(),
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum BackgroundArg {
    White,
    Black,
}

impl From<BackgroundArg> for Background {
    fn from(background: BackgroundArg) -> Self {
        match background {
            BackgroundArg::White => Self::White,
            BackgroundArg::Black => Self::Black,
        }
    }
}

fn layout(text: &str) -> Result<Layout, String> {
    Layout::parse(text).map_err(|error| error.to_string())
}

fn image_size(text: &str) -> Result<[u32; 2], String> {
    let sides: Option<Vec<u32>> = text.split(['x', 'X']).map(|side| side.trim().parse().ok()).collect();
    match sides.unwrap_or_default()[..] {
        [height, width] if (1..=1024).contains(&height) && (1..=1024).contains(&width) => Ok([height, width]),
        _ => Err("must be height x width, each from 1 to 1024, such as 32x32".into()),
    }
}

fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(one), None) if one.is_ascii() => Ok(one),
        _ => Err("must be one ASCII character, or tab".into()),
    }
}
