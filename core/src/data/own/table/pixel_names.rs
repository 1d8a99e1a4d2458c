//! What the names of columns say about pixels.

use super::format::FORMAT;
use crate::data::own::square::{color_side, side};
use crate::error::{Error, Result};
use crate::product::product;

/// What stands before the number of a pixel, in lower case, perhaps followed by `_`, `-`, `.` or a space.
const PREFIXES: [&str; 3] = ["pixel", "pix", "px"];

/// Columns that are the pixels of images.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PixelNames {
    /// `[height, width]`, if the names say it.
    pub sides: Option<[usize; 2]>,
    /// The column of each pixel, row by row.
    pub order: Vec<usize>,
}

/// Returns what names say about pixels: `pixel0`, `pixel_0`, `px0` and so on, counted from 0 or 1, or with row and column,
/// `pixel_0_0` or `1x1`. Returns nothing if one of the names is none of these, or if a pixel is missing.
pub(super) fn pixel_names(names: &[&str]) -> Option<PixelNames> {
    let places: Vec<Vec<usize>> = names.iter().map(|name| numbers(name)).collect::<Option<_>>()?;
    let depth = places.first()?.len();
    if places.iter().any(|place| place.len() != depth) {
        return None;
    }
    let first: Vec<usize> =
        (0..depth).map(|at| places.iter().map(|place| place[at]).min().unwrap_or_default()).collect();
    let last: Vec<usize> =
        (0..depth).map(|at| places.iter().map(|place| place[at]).max().unwrap_or_default()).collect();
    let side = |(first, last): (&usize, &usize)| (last - first).checked_add(1);
    let sides: Vec<usize> = first.iter().zip(&last).map(side).collect::<Option<_>>()?;
    if product(&sides) != Some(names.len()) || first.iter().any(|&first| first > 1) {
        return None;
    }
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&column| &places[column]);
    if order.windows(2).any(|pair| places[pair[0]] == places[pair[1]]) {
        return None;
    }
    let sides = match sides[..] {
        [height, width] => Some([height, width]),
        _ => None,
    };
    Some(PixelNames { sides, order })
}

/// Says that most of the columns are named as pixels, if [`pixel_names`] found no whole images.
pub(super) fn some_pixels(names: &[&str]) -> Option<String> {
    let pixels = names.iter().filter(|name| numbers(name).is_some()).count();
    let other = names.iter().find(|name| numbers(name).is_none());
    (pixels * 2 > names.len()).then(|| match other {
        Some(other) => format!("{pixels} columns are named as pixels, but not `{other}`"),
        None => format!("{pixels} columns are named as pixels, but not each pixel of an image has one"),
    })
}

/// Returns whether a column is named as a pixel.
pub(super) fn is_pixel(name: &str) -> bool {
    numbers(name).is_some()
}

/// Returns the number in the name of a pixel, or its row and column.
fn numbers(name: &str) -> Option<Vec<usize>> {
    let name = name.to_ascii_lowercase();
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let pair = |text: &str, by: &[char]| {
        let (row, column) = text.split_once(by)?;
        Some(vec![number(row)?, number(column)?])
    };
    match PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        Some(rest) => {
            let rest = rest.trim_start_matches(['_', '-', '.', ' ']);
            number(rest).map(|number| vec![number]).or_else(|| pair(rest, &['_', '-', '.', ',', 'x']))
        }
        None => pair(&name, &['x']),
    }
}

/// Returns the sides of images whose names only count their pixels: a square.
///
/// # Errors
/// [`Error::Format`] if the number is no square, so that the sides must be told.
pub(super) fn square(pixels: usize) -> Result<[usize; 2]> {
    if let Some(side) = side(pixels) {
        return Ok([side, side]);
    }
    let remedy = match color_side(pixels).filter(|side| *side > 2) {
        Some(side) => format!("say --layout 3x{side}x{side} or --layout {side}x{side}x3, in the order of the file"),
        None => "say their height and width by --layout HxW".into(),
    };
    Err(Error::format(FORMAT, format!("its {pixels} columns of pixels form no square")).remedied(remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Option<(Option<[usize; 2]>, Vec<usize>)> {
        pixel_names(names).map(|PixelNames { sides, order }| (sides, order))
    }

    #[test]
    fn pixels_are_known_by_their_names() {
        assert_eq!(found(&["pixel0", "pixel1", "pixel2", "pixel3"]), Some((None, vec![0, 1, 2, 3])));
        assert_eq!(found(&["Pixel_1", "pixel_2", "pixel_3"]), Some((None, vec![0, 1, 2])));
        assert_eq!(
            found(&["px1", "px10", "px2", "px3", "px4", "px5", "px6", "px7", "px8", "px9"]).map(|(_, order)| order[1]),
            Some(2)
        );
        let grid = ["1x1", "1x2", "1x3", "2x1", "2x2", "2x3"];
        assert_eq!(found(&grid), Some((Some([2, 3]), vec![0, 1, 2, 3, 4, 5])));
        assert_eq!(
            found(&["pixel_0_0", "pixel_1_0", "pixel_0_1", "pixel_1_1"]),
            Some((Some([2, 2]), vec![0, 2, 1, 3]))
        );
    }

    #[test]
    fn other_names_and_missing_pixels_are_none() {
        for names in [&["pixel0", "pixel2"][..], &["pixel0", "age"], &["0", "1"], &["x1", "x2"], &["1x1", "2x2"], &[]] {
            assert_eq!(found(names), None, "{names:?}");
        }
        assert_eq!(found(&["pixel7", "pixel8"]), None, "a part of an image");
        assert_eq!(found(&["pixel0", "pixel00"]), None);
        assert_eq!(found(&["pixel0", "pixel18446744073709551615"]), None, "as many pixels as no machine can count");
        assert!(some_pixels(&["pixel0", "pixel2"]).expect("pixels").contains("not each pixel"));
        assert!(some_pixels(&["pixel0", "pixel1", "age"]).expect("pixels").contains("`age`"));
        assert_eq!(some_pixels(&["x1", "x2"]), None);
    }

    #[test]
    fn sides_are_squares_or_told() {
        assert_eq!(square(784).expect("a square"), [28, 28]);
        assert!(square(3072).expect_err("colours").to_string().contains("3x32x32"));
        assert!(square(12).expect_err("no square").to_string().contains("--layout HxW"));
    }
}
