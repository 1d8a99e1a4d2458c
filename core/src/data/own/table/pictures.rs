//! Whether the columns of a table are pixels or features, and the images that follow.

use super::format::FORMAT;
use super::pixel_names::{PixelNames, pixel_names, some_pixels, square};
use crate::data::ReadReport;
use crate::data::own::cells::Cells;
use crate::data::own::features;
use crate::data::own::pixels::PixelScale;
use crate::data::own::square::layouts;
use crate::data::own::transparency::{self, RGBA, composited};
use crate::data::own::{Layout, ReadOptions};
use crate::error::{Error, Result};
use crate::product::product;

/// The images of all parts.
pub(super) struct Read {
    /// `[channels, height, width]`
    pub shape: [usize; 3],
    /// `[parts][rows, channels, height, width]`
    pub pixels: Vec<Vec<u8>>,
    pub features: bool,
}

/// Reads the rows of each part as images or as features. `names` are those of the columns.
pub(super) fn read(
    parts: [&dyn Cells; 3],
    names: &[&str],
    options: &ReadOptions,
    report: &mut ReadReport,
) -> Result<Read> {
    let Some((shape, order)) = picture(names, options, report)? else {
        note_images(&parts, report);
        let pixels = features::scaled(&parts, FORMAT, report)?;
        return Ok(Read { shape: features::shape(names.len()), pixels, features: true });
    };
    let scale = PixelScale::of(&parts, FORMAT)?;
    let of_part = |part: &&dyn Cells| -> Vec<u8> {
        (0..part.rows()).flat_map(|row| order.iter().map(move |&column| scale.pixel(part.at(row, column)))).collect()
    };
    if scale == PixelScale::Fractions {
        report.note("fractions from 0 to 1 became pixels from 0 to 255");
    }
    let read = Read { shape, pixels: parts.iter().map(of_part).collect(), features: false };
    Ok(if shape[0] == RGBA { opaque(read, options, report) } else { read })
}

/// Puts images with an opacity on the background.
fn opaque(read: Read, options: &ReadOptions, report: &mut ReadReport) -> Read {
    let [channels, height, width] = read.shape;
    let mut transparent = 0;
    let on_background = |pixels: &Vec<u8>| {
        let (pixels, count) = composited(pixels, height * width, options.background);
        transparent += count;
        pixels
    };
    let pixels = read.pixels.iter().map(on_background).collect();
    report.note(transparency::note("", transparent, options.background));
    Read { shape: [channels - 1, height, width], pixels, ..read }
}

/// Returns the shape of the images and the column of each pixel, if the names or the user say that the columns are pixels.
fn picture(names: &[&str], options: &ReadOptions, report: &mut ReadReport) -> Result<Option<([usize; 3], Vec<usize>)>> {
    let named = pixel_names(names);
    let in_order = |named: Option<PixelNames>| named.map_or_else(|| (0..names.len()).collect(), |named| named.order);
    let (shape, order) = match (options.layout, named) {
        (Some(layout), named) => {
            let (shape, last) = sides(layout, names.len())?;
            let order: Vec<usize> = in_order(named);
            let [channels, height, width] = shape;
            let plane = height * width;
            let place = |at: usize| if last { at % plane * channels + at / plane } else { at };
            (shape, (0..order.len()).map(|at| order[place(at)]).collect())
        }
        (None, Some(PixelNames { sides, order })) => {
            let [height, width] = sides.map_or_else(|| square(order.len()), Ok)?;
            report.note(format!("the columns are named as the pixels of images, {height} x {width}"));
            ([1, height, width], order)
        }
        (None, None) => {
            if let Some(gap) = some_pixels(names) {
                report.note(format!("{gap}, so they were read as features; --layout HxW makes images of them"));
            }
            return Ok(None);
        }
    };
    Ok(Some((shape, order)))
}

/// Returns the number of values of an image, if the layout says it.
pub(super) fn pixels_of(layout: Option<Layout>) -> Option<usize> {
    match layout? {
        Layout::RowsChw(sides) | Layout::RowsHwc(sides) => product(&sides),
        _ => None,
    }
}

/// Returns `[channels, height, width]`, and whether the channels are last in the rows.
fn sides(layout: Layout, columns: usize) -> Result<([usize; 3], bool)> {
    let refuse = |value: String, remedy: String| Error::Setting { name: "layout", value, remedy };
    let (shape, last) = match layout {
        Layout::RowsChw(shape) => (shape, false),
        Layout::RowsHwc([height, width, channels]) => ([channels, height, width], true),
        other => {
            let value = format!("{other:?}").to_lowercase();
            return Err(refuse(value, "a table has rows: give the sides of their images, such as 28x28".into()));
        }
    };
    let text = shape.map(|side| side.to_string()).join("x");
    let pixels = product(&shape);
    if pixels == Some(columns) {
        return Ok((shape, last));
    }
    let pixels = pixels.map_or("too many".into(), |pixels| pixels.to_string());
    Err(refuse(text, format!("such images have {pixels} values, and the table {columns} columns of pixels")))
}

/// Notes that features may be images. Fractions from 0 to 1 are common among features, so that they tell nothing.
fn note_images(cells: &[&dyn Cells], report: &mut ReadReport) {
    let columns = cells[0].columns();
    let Some(layouts) = layouts(columns) else { return };
    if PixelScale::of(cells, FORMAT).is_ok_and(|scale| scale == PixelScale::Whole) {
        report.note(format!("the rows were read as {columns} features; if they are images, say --layout {layouts}"));
    }
}
