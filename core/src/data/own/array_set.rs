//! A data set of arrays, read with one meaning whatever the file.

use super::ReadOptions;
use super::array_cells::{ArrayCells, Form};
use super::array_labels::{labels, names};
use super::array_names::{Chosen, PartArrays, choose};
use super::arrays::{Array, Heading};
use super::cells::Cells;
use super::class_names::named;
use super::features;
use super::pixels::PixelScale;
use super::read_files::{NamedImages, ReadFiles};
use super::square::layouts;
use super::transparency::{self, RGBA, composited};
use crate::data::{Images, ReadReport, Split};
use crate::error::{Error, Result};

/// Reads an array whose heading is known.
type Load<'a> = Box<dyn FnOnce(Heading) -> Result<Array<'a>> + 'a>;

/// The arrays of a file, each of which is read when it is needed.
#[derive(Default)]
pub(super) struct ArraySet<'a> {
    headings: Vec<Heading>,
    loads: Vec<Option<Load<'a>>>,
}

impl<'a> ArraySet<'a> {
    pub fn add(&mut self, heading: Heading, load: impl FnOnce(Heading) -> Result<Array<'a>> + 'a) {
        self.headings.push(heading);
        self.loads.push(Some(Box::new(load)));
    }

    fn load(&mut self, at: usize, format: &'static str) -> Result<Array<'a>> {
        let heading = self.headings[at].clone();
        let wrong = || Error::format(format, format_args!("`{}` is used twice", heading.name));
        self.loads[at].take().ok_or_else(wrong)?(heading)
    }
}

/// The rows of a part that have a label, and the array of their values.
struct Loaded<'a> {
    split: Split,
    values: Array<'a>,
    rows: Vec<usize>,
    labels: Vec<String>,
    names: Vec<String>,
}

/// Reads the data set: `[n, features]` are features, which are scaled over the training rows, unless the user's layout
/// says that they are images; arrays of three and four sides are images.
///
/// # Errors
/// [`Error::Format`] for what has no meaning or several, with the array, the place and what to do.
pub(super) fn read_arrays(
    mut set: ArraySet,
    format: &'static str,
    options: &ReadOptions,
    mut report: ReadReport,
) -> Result<ReadFiles> {
    let Chosen { parts, classes, other_names, unused } =
        choose(&set.headings, options.id_column.as_deref().map(str::trim), format)?;
    for at in other_names {
        report.skip(&set.headings[at].name, "another array names the examples (--id-column chooses)");
    }
    for at in unused {
        let heading = &set.headings[at];
        report.skip(&heading.name, format!("belongs to no known name ({} {:?})", heading.kind, heading.shape));
    }
    let wrong =
        |heading: &Heading, problem: String| Error::format(format, format_args!("`{}` {problem}", heading.name));
    let training = set.headings[parts[0].values].clone();
    if training.name.starts_with("arr_") {
        report.note(format!("`{}` holds the values and the other array their labels, by their shapes", training.name));
    }
    let numbers = |heading: &Heading| match heading.kind.is_number() {
        true => Ok(()),
        false => Err(wrong(heading, format!("holds {}, not numbers: convert it to an array of numbers", heading.kind))),
    };
    numbers(&training)?;
    one_width(&set.headings, &parts).map_err(|problem| Error::format(format, problem))?;
    let form = Form::of(&training.shape, options.layout).map_err(|problem| wrong(&training, problem))?;
    let empty = || Error::Empty { what: "the set of training images".into() };
    if training.shape[0] == 0 {
        return Err(empty()); // sides without a value may be of any size
    }
    let mut loaded = Vec::new();
    for part in parts {
        let heading = set.headings[part.values].clone();
        numbers(&heading)?;
        if heading.shape.len() != training.shape.len() || heading.shape[1..] != training.shape[1..] {
            let problem = format!(
                "is {:?}, and `{}` {:?}: give all parts one shape",
                heading.shape, training.name, training.shape
            );
            return Err(wrong(&heading, problem));
        }
        if heading.shape[0] == 0 && part.split != Split::Train {
            report.skip(&heading.name, "it has no examples");
            continue;
        }
        loaded.push(load(&mut set, part, format, options, &mut report)?);
    }
    let mut labels: Vec<Vec<String>> = loaded.iter_mut().map(|part| std::mem::take(&mut part.labels)).collect();
    let classes = classes.map(|at| set.load(at, format)).transpose()?;
    let classes = classes.map(|array| {
        let what = format!("`{}`", array.heading.name);
        named(&mut labels, names(&array, format)?, &what).map_err(|problem| Error::format(format, problem))
    });
    let classes = classes.transpose()?;
    let pixels = pixels(&loaded, form, format, options, &mut report)?;
    let mut read = [None, None, None];
    for ((part, images), labels) in loaded.into_iter().zip(pixels).zip(labels) {
        read[usize::from(part.split.number())] =
            Some(NamedImages { names: part.names, ..NamedImages::new(images, labels) });
    }
    let [training, validation, test] = read;
    let training = training.ok_or_else(empty)?;
    let features = matches!(form, Form::Features(_));
    let note = if features { features::SCALED } else { "" };
    Ok(ReadFiles { training, validation, test, classes, note, features, report })
}

/// Checks that the labels of all parts have as many columns, if they have several.
fn one_width(headings: &[Heading], parts: &[PartArrays]) -> Result<(), String> {
    let width = |part: &PartArrays| match headings[part.labels].shape[..] {
        [_, columns] if columns > 1 => Some((&headings[part.labels].name, columns)),
        _ => None,
    };
    let mut widths = parts.iter().filter_map(width);
    let Some((name, first)) = widths.next() else { return Ok(()) };
    match widths.find(|(_, columns)| *columns != first) {
        Some((other, columns)) => {
            Err(format!("`{name}` has {first} columns and `{other}` {columns}: give both a column for each class"))
        }
        None => Ok(()),
    }
}

fn load<'a>(
    set: &mut ArraySet<'a>,
    arrays: PartArrays,
    format: &'static str,
    options: &ReadOptions,
    report: &mut ReadReport,
) -> Result<Loaded<'a>> {
    let of_labels = set.load(arrays.labels, format)?;
    let examples = set.headings[arrays.values].shape[0];
    let (rows, labels) = labels(&of_labels, examples, options, report, format)?;
    let mut kept = Vec::new();
    if let Some(at) = arrays.names {
        let array = set.load(at, format)?;
        let all = names(&array, format)?;
        if all.len() != examples {
            let problem = format!("names {} examples, and there are {examples}", all.len());
            return Err(array.wrong(format, problem));
        }
        kept = rows.iter().map(|&row| all[row].clone()).collect();
    }
    Ok(Loaded { split: arrays.split, values: set.load(arrays.values, format)?, rows, labels, names: kept })
}

/// Returns the images of each part.
fn pixels(
    parts: &[Loaded],
    form: Form,
    format: &'static str,
    options: &ReadOptions,
    report: &mut ReadReport,
) -> Result<Vec<Images>> {
    let cells: Vec<ArrayCells> =
        parts.iter().map(|part| ArrayCells::new(&part.values, form, part.rows.clone())).collect();
    let cells: Vec<&dyn Cells> = cells.iter().map(|cells| cells as &dyn Cells).collect();
    let name = &parts[0].values.heading.name;
    if let Form::Features(columns) = form {
        note_pictures(name, columns, &cells, format, report);
        let scaled = features::scaled(&cells, format, report)?;
        return scaled.into_iter().map(|pixels| Images::new(pixels, form.shape())).collect();
    }
    let scale = PixelScale::of(&cells, format)?;
    if scale == PixelScale::Fractions {
        report.note(format!("`{name}` has values from 0 to 1: they were multiplied by 255 and rounded"));
    }
    let [channels, height, width] = form.shape();
    let rgba = channels == RGBA;
    if !matches!(channels, 1 | 3 | RGBA) {
        report
            .note(format!("`{name}` has {channels} channels: networks see all of them, pictures show the first ones"));
    }
    let mut transparent = 0;
    let mut images = Vec::new();
    for (part, cells) in parts.iter().zip(cells) {
        let plain = part.values.plain_bytes().filter(|_| {
            scale == PixelScale::Whole
                && matches!(form, Form::ChannelsFirst(_))
                && part.rows.len() == part.values.rows()
        });
        let pixels = plain.map_or_else(|| converted(cells, scale), <[u8]>::to_vec);
        if rgba {
            let (opaque, count) = composited(&pixels, height * width, options.background);
            transparent += count;
            images.push(Images::new(opaque, [RGBA - 1, height, width])?);
        } else {
            images.push(Images::new(pixels, form.shape())?);
        }
    }
    if rgba {
        report.note(transparency::note(&format!(" of `{name}`"), transparent, options.background));
    }
    Ok(images)
}

fn converted(cells: &dyn Cells, scale: PixelScale) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(cells.rows() * cells.columns());
    for row in 0..cells.rows() {
        pixels.extend((0..cells.columns()).map(|column| scale.pixel(cells.at(row, column))));
    }
    pixels
}

/// Notes that features may be the pixels of images.
fn note_pictures(name: &str, columns: usize, cells: &[&dyn Cells], format: &'static str, report: &mut ReadReport) {
    let Some(layouts) = layouts(columns) else { return };
    if PixelScale::of(cells, format).is_ok() {
        report.note(format!("`{name}` was read as {columns} features; if its rows are images, say --layout {layouts}"));
    }
}
