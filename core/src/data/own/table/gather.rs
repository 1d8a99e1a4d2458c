//! The rows of all tables of a data set, in memory.

use super::cell::Cell;
use super::columns::{Columns, Role};
use super::format::FORMAT;
use super::grid::Grid;
use super::labels::is_missing;
use super::number::Reading;
use super::problems::{Place, Problems};
use crate::data::own::ReadOptions;
use crate::data::own::split_word::split_of;
use crate::data::{ReadReport, Split};
use crate::error::{Error, Result};

/// Rows of labelled examples.
pub(in crate::data::own) struct Gather {
    pub(super) columns: Columns,
    /// The columns of features or pixels.
    pub(super) values: Vec<usize>,
    /// `[rows, values]`
    pub(super) grid: Grid,
    /// `[rows]`
    pub(super) labels: Vec<String>,
    /// `[rows]`, or empty
    pub(super) names: Vec<String>,
    /// `[rows]`
    pub(super) splits: Vec<Split>,
    pub(super) problems: Problems,
    /// Rows without a label that were left out.
    pub(super) dropped: Vec<String>,
    /// Whether the first column counts the rows from 0, or from 1.
    pub(super) counting: [bool; 2],
    /// File and row of each row, `[rows]`.
    origins: Vec<[u32; 2]>,
    /// Names of the files in messages.
    files: Vec<String>,
    /// The split of the file that is being read, if its name says so.
    split: Option<Split>,
    drop_unlabelled: bool,
}

impl Gather {
    pub fn new(columns: Columns, options: &ReadOptions) -> Self {
        let values = columns.values();
        Self {
            grid: Grid::new(values.len()),
            counting: [columns.roles.first() == Some(&Role::Value); 2],
            columns,
            values,
            labels: Vec::new(),
            names: Vec::new(),
            splits: Vec::new(),
            problems: Problems::default(),
            dropped: Vec::new(),
            origins: Vec::new(),
            files: Vec::new(),
            split: None,
            drop_unlabelled: options.drop_unlabelled,
        }
    }

    /// Begins a file, and returns the position of each column in it; nothing if it has no labels and is skipped.
    ///
    /// # Errors
    /// [`Error::Format`] if its columns are not those of the first file.
    pub fn begin(
        &mut self,
        [file, shown]: [&str; 2],
        split: Option<Split>,
        header: &[String],
        report: &mut ReadReport,
    ) -> Result<Option<Vec<Option<usize>>>> {
        let label = &self.columns.names[self.columns.label];
        if split != Some(Split::Train) && !header.iter().any(|name| name.trim() == label) {
            report.skip(file, format!("it has no column `{label}`, so its depths would say nothing"));
            return Ok(None);
        }
        if let (Some(_), Some(column)) = (split, self.columns.split) {
            let problem =
                format!("the names of the files and the column `{}` both say the split", self.columns.names[column]);
            return Err(
                Error::format(FORMAT, problem).remedied("choose one file, or leave the column out (--drop-columns)")
            );
        }
        self.files.push(shown.to_owned());
        self.split = split;
        self.columns.order_in(header).map(Some)
    }

    /// Returns the column of the labels.
    #[cfg(feature = "parquet")]
    pub fn label_column(&self) -> usize {
        self.columns.label
    }

    /// Makes room for further rows.
    pub fn reserve(&mut self, rows: usize) {
        self.grid.reserve(rows);
    }

    /// Adds row `row` of the file; `cell` returns the value of a column.
    ///
    /// # Errors
    /// [`Error::Format`] if the row's split is none, or its name neither a text nor a number. What is wrong with other
    /// values is told after the last row.
    pub fn row<'c>(&mut self, row: usize, cell: impl Fn(usize) -> Cell<'c>) -> Result<()> {
        let origin = [self.files.len() as u32 - 1, row as u32];
        let place = |column: usize| Place { file: origin[0], row: origin[1], column };
        if origin[0] == 0 && self.counting != [false; 2] {
            let number = match cell(0).number() {
                Reading::Number(number) => number,
                _ => f64::NAN,
            };
            self.counting = [0, 1].map(|start| self.counting[start] && number == (row + start) as f64);
        }
        let label = cell(self.columns.label).word();
        if is_missing(&label) {
            if self.drop_unlabelled {
                self.dropped.push(self.row_name(origin));
            } else {
                self.problems.unlabelled(place(self.columns.label), &label);
            }
            return Ok(());
        }
        let split = match self.columns.split {
            Some(column) => {
                let word = cell(column).word();
                split_of(&word).ok_or_else(|| {
                    let problem = format!("{word:?} in {} names no split", self.at(place(column)));
                    Error::format(FORMAT, problem).remedied("a split is train, validation or test")
                })?
            }
            None => self.split.unwrap_or(Split::Train),
        };
        if let Some(blank) = (0..self.columns.roles.len())
            .find(|&at| self.columns.roles[at] == Role::Blank && !cell(at).word().is_empty())
        {
            let problem = format!("column {} has no name, but holds values", blank + 1);
            return Err(Error::format(FORMAT, problem).remedied("name it"));
        }
        self.labels.push(label.into_owned());
        if let Some(column) = self.columns.name.as_ref().map(|name| name.at) {
            let name = cell(column);
            if let Cell::Other(what) = name {
                let problem = format!("{} is {what}, which names no example", self.at(place(column)));
                let remedy = "write texts or whole numbers, or choose another column by --id-column";
                return Err(Error::format(FORMAT, problem).remedied(remedy));
            }
            self.names.push(name.word().into_owned());
        }
        self.splits.push(split);
        self.origins.push(origin);
        for &column in &self.values {
            let number = self.problems.number(cell(column), place(column));
            self.grid.push(number);
        }
        Ok(())
    }

    /// Returns a place for messages.
    pub(super) fn at(&self, place: Place) -> String {
        format!("{}, {}", self.row_name([place.file, place.row]), self.column_name(place.column))
    }

    /// Returns the place of a value by its position among the rows and the columns.
    pub(super) fn place(&self, row: usize, column: usize) -> Place {
        let [file, row] = self.origins[row];
        Place { file, row, column }
    }

    /// Returns how the user calls a column.
    pub(super) fn column_name(&self, column: usize) -> String {
        match self.columns.names[column].as_str() {
            "" => format!("column {}", column + 1),
            name => format!("column `{name}`"),
        }
    }

    fn row_name(&self, [file, row]: [u32; 2]) -> String {
        match self.files[file as usize].as_str() {
            "" => format!("row {}", row + 1),
            file => format!("{file}, row {}", row + 1),
        }
    }
}
