//! From rows to a data set: which columns count, whether they are pixels or features, and which rows form which split.

use std::collections::HashSet;

use super::columns::{INDEX, NameColumn, Role, listed};
use super::format::FORMAT;
use super::gather::Gather;
use super::labels;
use super::pictures::{Read, pixels_of, read};
use super::pixel_names::is_pixel;
use crate::data::own::ReadOptions;
use crate::data::own::cells::Cells;
use crate::data::own::features::SCALED;
use crate::data::own::id_columns::{Fit, are_distinct, instead};
use crate::data::own::read_files::{NamedImages, ReadFiles};
use crate::data::{Images, ReadReport, Split};
use crate::error::{Error, Result};

/// Number of rows from which on a first column that counts them is an index.
const COUNTED: usize = 3;

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
    let kept = kept(&gather, options, &mut report);
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
    let names: Vec<&str> = kept.iter().map(|&at| gather.columns.names[gather.values[at]].as_str()).collect();
    let cells = parts.each_ref().map(|part| part as &dyn Cells);
    let Read { shape, pixels, features } = read(cells, &names, options, &mut report)?;
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
    let note = if features { SCALED } else { "" };
    Ok(ReadFiles { training, validation, test, classes: None, note, features, report })
}

/// Returns the columns of features or pixels by their positions in the grid, and reports the others.
fn kept(gather: &Gather, options: &ReadOptions, report: &mut ReadReport) -> Vec<usize> {
    for (at, role) in gather.columns.roles.iter().enumerate() {
        match role {
            Role::Left(why) => report.skip(gather.column_name(at), *why),
            Role::Blank => report.skip(gather.column_name(at), "it has neither a name nor values"),
            _ => {}
        }
    }
    // A pixel may count the rows by chance.
    let pixel = is_pixel(&gather.columns.names[0]) || pixels_of(options.layout) == Some(gather.values.len());
    let counts = gather.counting.contains(&true) && gather.labels.len() >= COUNTED && !pixel;
    if counts {
        report.skip(gather.column_name(0), format!("it counts the rows: {INDEX}"));
    }
    (0..gather.values.len()).filter(|&at| !(counts && gather.values[at] == 0)).collect()
}

/// Keeps the names of the examples; an index names nothing.
///
/// # Errors
/// [`Error::Format`] if the column is called `key` and holds numbers of which some are equal: perhaps it is a feature.
fn keep_names(gather: &mut Gather, report: &mut ReadReport) -> Result<()> {
    let Some(NameColumn { at, fit, others }) = &gather.columns.name else { return Ok(()) };
    let name = gather.column_name(*at);
    if *fit == Some(Fit::Unnamed) && gather.names.iter().all(|name| name.parse::<i64>().is_ok()) {
        gather.names.clear();
        report.skip(name, INDEX);
        return Ok(());
    }
    let number = |name: &String| name.is_empty() || name.parse::<f64>().is_ok();
    if *fit == Some(Fit::Key) && !are_distinct(&gather.names) && gather.names.iter().all(number) {
        let problem = format!("{name} may name the examples, but holds numbers of which some are equal");
        let remedy = "say --id-column key if it names them, or give it another name if it is a feature";
        return Err(Error::format(FORMAT, problem).remedied(remedy));
    }
    let others: Vec<&str> = others.iter().map(|&other| gather.columns.names[other].as_str()).collect();
    let more = if fit.is_some() { instead(&others) } else { String::new() };
    report.note(format!("{name} names the examples, so it is no feature{more}"));
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
