//! From rows to a data set: which columns count, whether they are pixels or features, and which rows form which split.

use std::collections::HashSet;

use super::columns::{INDEX, Role, listed};
use super::format::FORMAT;
use super::gather::Gather;
use super::labels;
use super::pixel_names::{PixelNames, pixel_names, some_pixels, square};
use crate::data::own::cells::Cells;
use crate::data::own::features;
use crate::data::own::pixels::PixelScale;
use crate::data::own::read_files::{NamedImages, ReadFiles};
use crate::data::own::{Layout, ReadOptions};
use crate::data::{Images, ReadReport, Split};
use crate::error::{Error, Result};

/// Number of rows from which on a first column that counts them is an index.
const COUNTED: usize = 3;

/// Number of columns from which on a note says that whole numbers may be images.
const LIKE_AN_IMAGE: usize = 64;

/// Decides what the gathered columns and rows are.
///
/// # Errors
/// [`Error::Format`] for values, names or labels that are wrong or have two readings; [`Error::Setting`] for a layout
/// that does not fit.
pub(super) fn finished(mut gather: Gather, options: &ReadOptions, mut report: ReadReport) -> Result<ReadFiles> {
    let problems = std::mem::take(&mut gather.problems);
    let rows = gather.labels.len();
    problems.check(&gather.columns.names, rows, |place| gather.at(place), &mut report)?;
    for row in std::mem::take(&mut gather.dropped) {
        report.skip(row, "no label");
    }
    let kept = kept(&gather, &mut report);
    if rows == 0 || kept.is_empty() {
        let problem = format!("{rows} labelled rows with {} columns of pixels or features", kept.len());
        let left: Vec<&String> = report.skipped.iter().map(|skipped| &skipped.name).take(5).collect();
        let left = if left.is_empty() { String::new() } else { format!("; left out were {}", listed(&left)) };
        return Err(Error::format(FORMAT, problem + &left).remedied("there is nothing to learn"));
    }
    keep_names(&mut gather, &mut report)?;
    let mut all_labels = std::mem::take(&mut gather.labels);
    labels::unify(&mut all_labels, &mut report)?;
    check_classes(&all_labels, &gather.splits)?;
    let parts = Split::ALL.map(|split| Part { gather: &gather, rows: split.examples(&gather.splits), columns: &kept });
    let (shape, pixels, is_table) = pixels(&parts, options, &mut report)?;
    let mut named = parts.iter().zip(pixels).map(|(part, pixels)| -> Result<Option<NamedImages>> {
        if part.rows.is_empty() {
            return Ok(None);
        }
        let pick = |texts: &[String]| part.rows.iter().map(|&row| texts[row].clone()).collect();
        let names = if gather.names.is_empty() { Vec::new() } else { pick(&gather.names) };
        Ok(Some(NamedImages { names, ..NamedImages::new(Images::new(pixels, shape)?, pick(&all_labels)) }))
    });
    let mut next = || named.next().transpose().map(Option::flatten);
    let training = next()?.ok_or_else(|| Error::Empty { what: "the set of training images".into() })?;
    let (validation, test) = (next()?, next()?);
    let note = if is_table { features::SCALED } else { "" };
    Ok(ReadFiles { training, validation, test, classes: None, note, features: is_table, report })
}

/// Returns the columns of features or pixels by their positions in the grid, and reports the others.
fn kept(gather: &Gather, report: &mut ReadReport) -> Vec<usize> {
    for (at, role) in gather.columns.roles.iter().enumerate() {
        match role {
            Role::Left(why) => report.skip(gather.column_name(at), *why),
            Role::Blank => report.skip(gather.column_name(at), "it has neither a name nor values"),
            _ => {}
        }
    }
    let counts = gather.counting.contains(&true) && gather.labels.len() >= COUNTED;
    if counts {
        report.skip(gather.column_name(0), format!("it counts the rows: {INDEX}"));
    }
    (0..gather.values.len()).filter(|&at| !(counts && gather.values[at] == 0)).collect()
}

/// Keeps the names of the examples, if each has its own; an index names nothing.
fn keep_names(gather: &mut Gather, report: &mut ReadReport) -> Result<()> {
    let Some((column, unnamed)) = gather.columns.name else { return Ok(()) };
    let name = gather.column_name(column);
    if unnamed && gather.names.iter().all(|name| name.parse::<i64>().is_ok()) {
        gather.names.clear();
        report.skip(name, INDEX);
        return Ok(());
    }
    let mut seen = HashSet::new();
    let twice = (0..gather.names.len()).find(|&row| !seen.insert((gather.splits[row] as u8, &gather.names[row])));
    if let Some(row) = twice {
        let place = gather.at(gather.place(row, column));
        let problem = format!("{:?} in {place} is there twice, and names of examples are not", gather.names[row]);
        let remedy = "leave the column out by --drop-columns, or give it another name if it is a feature";
        return Err(Error::format(FORMAT, problem).remedied(remedy));
    }
    report.note(format!("{name} names the examples, so it is no feature"));
    Ok(())
}

/// Refuses a class that no training row has: no network could predict it.
fn check_classes(labels: &[String], splits: &[Split]) -> Result<()> {
    let training: HashSet<&String> =
        labels.iter().zip(splits).filter(|(_, split)| **split == Split::Train).map(|(label, _)| label).collect();
    let mut unknown: Vec<&String> = labels.iter().filter(|label| !training.contains(label)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    if training.is_empty() || unknown.is_empty() {
        return Ok(());
    }
    let problem = format!("no training row has the label {}, but held-out rows have it", listed(&unknown));
    Err(Error::format(FORMAT, problem).remedied("leave these rows out, or put some of them into the training rows"))
}

/// The rows of one split.
struct Part<'a> {
    gather: &'a Gather,
    rows: Vec<usize>,
    /// Positions in the grid.
    columns: &'a [usize],
}

impl Cells for Part<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn columns(&self) -> usize {
        self.columns.len()
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.gather.grid.at(self.rows[row], self.columns[column])
    }

    fn place(&self, row: usize, column: usize) -> String {
        self.gather.at(self.gather.place(self.rows[row], self.gather.values[self.columns[column]]))
    }

    fn column(&self, column: usize) -> String {
        format!("`{}`", self.gather.columns.names[self.gather.values[self.columns[column]]])
    }
}

/// Returns the shape of the images, the pixels of each part, `[parts][rows, pixels]`, and whether they are features.
fn pixels(
    parts: &[Part<'_>; 3],
    options: &ReadOptions,
    report: &mut ReadReport,
) -> Result<([usize; 3], Vec<Vec<u8>>, bool)> {
    let cells = parts.each_ref().map(|part| part as &dyn Cells);
    let names: Vec<&str> =
        parts[0].columns.iter().map(|&at| parts[0].gather.columns.names[parts[0].gather.values[at]].as_str()).collect();
    let Some((shape, order)) = picture(&names, options, report)? else {
        note_images(&cells, report);
        return Ok((features::shape(names.len()), features::scaled(&cells, FORMAT, report)?, true));
    };
    let scale = PixelScale::of(&cells, FORMAT)?;
    let of_part = |part: &&dyn Cells| -> Vec<u8> {
        (0..part.rows()).flat_map(|row| order.iter().map(move |&column| scale.pixel(part.at(row, column)))).collect()
    };
    if scale == PixelScale::Fractions {
        report.note("fractions from 0 to 1 became pixels from 0 to 255");
    }
    Ok((shape, cells.iter().map(of_part).collect(), false))
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
    let pixels = shape.iter().try_fold(1_usize, |all, &side| all.checked_mul(side));
    match (shape[0], pixels) {
        (1 | 3, Some(pixels)) if pixels == columns => Ok((shape, last)),
        (1 | 3, pixels) => {
            let pixels = pixels.map_or("too many".into(), |pixels| pixels.to_string());
            Err(refuse(text, format!("such images have {pixels} pixels, and the table {columns} columns of pixels")))
        }
        _ => Err(refuse(text, "the images of a table have 1 or 3 channels".into())),
    }
}

/// Notes that features may be images.
fn note_images(cells: &[&dyn Cells], report: &mut ReadReport) {
    let columns = cells[0].columns();
    let side = [1, 3].map(|channels| (columns.is_multiple_of(channels)).then(|| (columns / channels).isqrt()));
    let form =
        [1, 3].into_iter().zip(side.into_iter().flatten()).find(|(channels, side)| channels * side * side == columns);
    let Some((channels, side)) = form.filter(|_| columns >= LIKE_AN_IMAGE) else { return };
    if PixelScale::of(cells, FORMAT).is_ok_and(|scale| scale == PixelScale::Whole) {
        let color = if channels == 3 { "3x" } else { "" };
        report.note(format!(
            "the rows were read as {columns} features; if they are images, say --layout {color}{side}x{side}"
        ));
    }
}
