//! CSV tables: a column of labels, one column per pixel or feature, and an optional column for the split.

use csv::StringRecord;

use super::arrays::square;
use super::read_files::{NamedImages, ReadFiles};
use super::{InputFile, ReadOptions};
use crate::data::Images;
use crate::error::{Error, Result};
use crate::gzip::gunzip;

const FORMAT: &str = "CSV file";

/// Name of the column of labels.
const LABEL: &str = "label";

/// Name of the column that contains `train` or `test`.
const SPLIT: &str = "split";

/// Description of the scaling, appended to the data set's source.
const SCALED: &str = ", each column scaled to 0 to 255 over the training rows and rounded";

fn byte(position: Option<&csv::Position>) -> Option<usize> {
    position.map(|position| position.byte() as usize)
}

/// Reads pixels if every value is one, else features. Each column of features is scaled linearly, from 0 for its
/// smallest value in the training rows to 255 for its largest, and rounded (our choice; 256 steps, as histogram-based
/// learners bin features). Values of test rows outside of this range are clamped; a constant column is 0.
pub(super) fn read(files: &[&dyn InputFile], _options: &ReadOptions) -> Result<ReadFiles> {
    let bytes = files[0].bytes()?;
    let bytes = &gunzip(&bytes)?;
    if let Ok(pixels) = Table::read(bytes, |text| text.parse::<u8>().ok()) {
        return pixels.found("");
    }
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let features = Table::read(bytes, number)?;
    let cells = features.scaled();
    Table { columns: features.columns, cells, labels: features.labels, test: features.test }.found(SCALED)
}

/// Rows of numbers, in the order of the file.
struct Table<T> {
    columns: usize,
    /// `[rows, columns]`
    cells: Vec<T>,
    /// `[rows]`
    labels: Vec<String>,
    /// `[rows]`
    test: Vec<bool>,
}

impl<T> Table<T> {
    /// Reads a table whose numbers `number` parses; the error names the first value that it cannot parse.
    fn read(bytes: &[u8], number: impl Fn(&str) -> Option<T>) -> Result<Self> {
        let broken = |error: csv::Error| {
            let byte = byte(error.position());
            Error::unreadable(FORMAT, error).at_byte(byte)
        };
        let mut file = csv::Reader::from_reader(bytes);
        let header = file.headers().map_err(broken)?.clone();
        let column = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
        let label = column(LABEL).ok_or_else(|| {
            Error::format(FORMAT, format_args!("no column of its first row is called `{LABEL}`: name the labels' so"))
        })?;
        let mut split = column(SPLIT);
        let mut table = Self { columns: 0, cells: Vec::new(), labels: Vec::new(), test: Vec::new() };
        for (row, record) in file.records().enumerate() {
            let record = record.map_err(broken)?;
            // A feature may have this name, too.
            split = split.filter(|&split| row > 0 || record[split].trim().parse::<f64>().is_err());
            let place = |column: usize| Place { header: &header, record: &record, row, column };
            let mut test = false;
            for (column, text) in record.iter().map(str::trim).enumerate() {
                if column == label {
                    table.labels.push(text.to_owned());
                } else if split == Some(column) {
                    test = place(column).is_test()?;
                } else {
                    table.cells.push(number(text).ok_or_else(|| place(column).no_number())?);
                }
            }
            table.test.push(test);
        }
        table.columns = header.len() - 1 - usize::from(split.is_some());
        if table.labels.is_empty() || table.columns == 0 {
            let (rows, columns) = (table.labels.len(), table.columns);
            let problem =
                format!("{rows} rows with {columns} columns of pixels or features: there is nothing to learn");
            return Err(Error::format(FORMAT, problem));
        }
        Ok(table)
    }
}

/// The position of a value in the file.
struct Place<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
    row: usize,
    column: usize,
}

impl Place<'_> {
    fn is_test(&self) -> Result<bool> {
        match self.record[self.column].trim().to_ascii_lowercase().as_str() {
            "train" => Ok(false),
            "test" => Ok(true),
            _ => Err(self.wrong("is neither `train` nor `test`")),
        }
    }

    fn no_number(&self) -> Error {
        self.wrong(if self.record[self.column].trim().is_empty() {
            "is missing: fill it in, or leave the row or the column out"
        } else {
            "is no finite number, as all but labels must be: write categories as numbers, or leave the row or the column out"
        })
    }

    fn wrong(&self, problem: &str) -> Error {
        let (text, row, name) = (&self.record[self.column], self.row + 1, &self.header[self.column]);
        let problem = format!("{text:?} in row {row}, column `{name}`, {problem}");
        Error::format(FORMAT, problem).at_byte(byte(self.record.position()))
    }
}

impl Table<f64> {
    /// Scales the columns, `[rows, columns]`.
    fn scaled(&self) -> Vec<u8> {
        let rows = || self.cells.chunks_exact(self.columns);
        let mut ranges = vec![[f64::INFINITY, f64::NEG_INFINITY]; self.columns];
        for (row, _) in rows().zip(&self.test).filter(|(_, test)| !**test) {
            for ([low, high], &value) in ranges.iter_mut().zip(row) {
                (*low, *high) = (low.min(value), high.max(value));
            }
        }
        let step = |(&value, [low, high]): (&f64, &[f64; 2])| {
            // Differences of halves, so that none is infinite.
            let (above, range) = (value / 2.0 - low / 2.0, high / 2.0 - low / 2.0);
            if range > 0.0 { (255.0 * (above / range)).round() as u8 } else { 0 }
        };
        rows().flat_map(|row| row.iter().zip(&ranges).map(step)).collect()
    }
}

impl Table<u8> {
    fn found(self, note: &'static str) -> Result<ReadFiles> {
        let side = |of_test: bool| -> Result<NamedImages> {
            let rows = || self.test.iter().enumerate().filter(move |(_, test)| **test == of_test).map(|(row, _)| row);
            let cells = |row: usize| &self.cells[row * self.columns..(row + 1) * self.columns];
            let labels = rows().map(|row| self.labels[row].clone()).collect();
            Ok(NamedImages::new(Images::new(rows().flat_map(cells).copied().collect(), square(self.columns))?, labels))
        };
        let test = self.test.contains(&true).then(|| side(true)).transpose()?;
        Ok(ReadFiles { note, ..(side(false)?, test).into() })
    }
}
