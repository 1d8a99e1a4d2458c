//! What is wrong with the values of a table, gathered over all rows and told once.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::Cell;
use super::columns::listed;
use super::format::FORMAT;
use super::number::Reading;
use crate::data::ReadReport;
use crate::error::{Error, Result};

/// Number of values of a column that a message shows.
const SHOWN: usize = 3;

/// A value in a row and a column; file and row are counted from 0.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub file: u32,
    pub row: u32,
    pub column: usize,
}

/// The texts in a column of numbers.
struct Texts {
    first: Place,
    count: usize,
    values: Vec<String>,
}

/// A value that is wrong wherever it stands: the first one, and how many there are in which columns.
#[derive(Default)]
struct Wrong {
    first: Option<(Place, String)>,
    count: usize,
    columns: BTreeSet<usize>,
}

impl Wrong {
    fn add(&mut self, place: Place, text: impl FnOnce() -> String) {
        self.first.get_or_insert_with(|| (place, text()));
        self.count += 1;
        self.columns.insert(place.column);
    }
}

/// The problems of all values.
#[derive(Default)]
pub(super) struct Problems {
    texts: BTreeMap<usize, Texts>,
    missing: Wrong,
    infinite: Wrong,
    thousands: Wrong,
    unlabelled: Wrong,
    /// Numbers with a comma before the decimals, surely or perhaps.
    commas: [Option<(Place, String)>; 2],
    /// The first number with a point.
    point: Option<(Place, String)>,
    bools: BTreeSet<usize>,
}

impl Problems {
    /// Returns the number in a cell, and keeps what is wrong with it.
    pub fn number(&mut self, cell: Cell<'_>, place: Place) -> f64 {
        let text = || cell.word().into_owned();
        match cell.number() {
            Reading::Number(number) => {
                if self.point.is_none() && matches!(cell, Cell::Text(text) if text.contains('.')) {
                    self.point = Some((place, text()));
                }
                return number;
            }
            Reading::Comma { number, sure } => {
                self.commas[usize::from(!sure)].get_or_insert_with(|| (place, text()));
                return number;
            }
            Reading::Bool(yes) => {
                self.bools.insert(place.column);
                return u8::from(yes).into();
            }
            Reading::Missing => self.missing.add(place, text),
            Reading::Infinite => self.infinite.add(place, text),
            Reading::Thousands => self.thousands.add(place, text),
            Reading::Text => {
                let new = || Texts { first: place, count: 0, values: Vec::new() };
                let texts = self.texts.entry(place.column).or_insert_with(new);
                texts.count += 1;
                let text = text();
                if texts.values.len() < SHOWN && !texts.values.contains(&text) {
                    texts.values.push(text);
                }
            }
        }
        0.0
    }

    pub fn unlabelled(&mut self, place: Place, text: &str) {
        self.unlabelled.add(place, || text.to_owned());
    }

    /// Refuses the table if a value is wrong, with its place by `at`; reports how the others were understood. `names`
    /// are those of the columns, `rows` the number of rows.
    pub fn check(
        self,
        names: &[String],
        rows: usize,
        at: impl Fn(Place) -> String,
        report: &mut ReadReport,
    ) -> Result<()> {
        self.check_texts(names, rows, &at)?;
        let Self { missing, infinite, thousands, unlabelled, commas, point, bools, .. } = self;
        let told = |wrong: &Wrong, what: &str| {
            let (place, text) = wrong.first.as_ref()?;
            let columns: Vec<&str> = wrong.columns.iter().map(|&column| names[column].as_str()).collect();
            let more = match wrong.count {
                1 => String::new(),
                count => format!(" ({count} such values, in {})", listed(&columns)),
            };
            Some((format!("{text:?} in {} {what}{more}", at(*place)), columns.join(",")))
        };
        if let Some((problem, _)) = told(&thousands, "has separators of thousands") {
            return Err(wrong(problem, "write numbers as 1234567.8"));
        }
        if let Some((problem, columns)) = told(&infinite, "is infinite") {
            return Err(wrong(
                problem,
                &format!("correct it, or leave the row or the column out (--drop-columns {columns})"),
            ));
        }
        check_commas(commas, point, &at, report)?;
        if let Some((problem, columns)) = told(&missing, "is missing") {
            return Err(wrong(
                problem,
                &format!("fill it in, leave its row out, or the column: --drop-columns {columns}"),
            ));
        }
        if let Some((problem, _)) = told(&unlabelled, "is no label") {
            let remedy = "fill it in, or leave such rows out by --drop-unlabelled; if it is a class, call it otherwise";
            return Err(wrong(problem, remedy));
        }
        let bools: Vec<&str> = bools.iter().map(|&column| names[column].as_str()).collect();
        if !bools.is_empty() {
            report.note(format!("True and False became 1 and 0 in {}", listed(&bools)));
        }
        Ok(())
    }

    /// Columns of text are told together; a few texts in a column of numbers are told by the first one's place.
    fn check_texts(&self, names: &[String], rows: usize, at: impl Fn(Place) -> String) -> Result<()> {
        let of_text: Vec<(&usize, &Texts)> = self.texts.iter().filter(|(_, texts)| texts.count * 2 > rows).collect();
        if of_text.is_empty() {
            let Some((_, texts)) = self.texts.iter().next() else { return Ok(()) };
            let more =
                if texts.count > 1 { format!(" ({} such values in the column)", texts.count) } else { String::new() };
            let problem = format!("{:?} in {} is no number{more}", texts.values[0], at(texts.first));
            return Err(wrong(
                problem,
                "write categories as numbers, or leave the row or the column out (--drop-columns)",
            ));
        }
        let one = |(column, texts): &(&usize, &Texts)| {
            let values: Vec<String> = texts.values.iter().map(|value| format!("{value:?}")).collect();
            format!("`{}` ({}, ...)", names[**column], values.join(", "))
        };
        let columns: Vec<&str> = of_text.iter().map(|(column, _)| names[**column].as_str()).collect();
        let shown: Vec<String> = of_text.iter().take(2 * SHOWN).map(one).collect();
        let more = if of_text.len() > shown.len() { " and others" } else { "" };
        let problem = format!("features are numbers, and there is text in {}{more}", shown.join(", "));
        Err(wrong(
            problem,
            &format!("write categories and dates as numbers, or --drop-columns {}", quoted(&columns.join(","))),
        ))
    }
}

/// Decides whether commas stand before decimals.
fn check_commas(
    [sure, unsure]: [Option<(Place, String)>; 2],
    point: Option<(Place, String)>,
    at: impl Fn(Place) -> String,
    report: &mut ReadReport,
) -> Result<()> {
    let Some((place, text)) = sure.clone().or(unsure) else { return Ok(()) };
    let remedy = "write all numbers with a decimal point and without separators of thousands";
    if let Some((other, point)) = point {
        let problem = format!("{text:?} in {} has a comma, and {point:?} in {} a point", at(place), at(other));
        return Err(wrong(problem, remedy));
    }
    if sure.is_none() {
        let problem = format!("the comma of {text:?} in {} may separate decimals or thousands", at(place));
        return Err(wrong(problem, remedy));
    }
    report.note(format!("a comma separates the decimals, as in {text}"));
    Ok(())
}

/// Returns an argument for a shell.
fn quoted(argument: &str) -> String {
    if argument.contains([' ', '(', '\'', '&', ';']) { format!("{argument:?}") } else { argument.to_owned() }
}

fn wrong(problem: String, remedy: &str) -> Error {
    Error::format(FORMAT, problem).remedied(remedy)
}
