//! Tables: rows of examples, one column of labels, the other columns features or pixels.
//!
//! The readers of text (here) and of Parquet give their rows to [`Gather`]; from there on, one rule holds for both.

mod cell;
mod columns;
mod describe;
mod dialect;
mod finish;
mod format;
mod gather;
mod grid;
mod labels;
mod number;
mod pictures;
mod pixel_names;
mod problems;
mod split_names;
mod text;

use super::read_files::{ReadFiles, ends};
use super::{InputFile, ReadOptions};
use crate::data::ReadReport;
use crate::error::{Error, Result};
use crate::gzip::gunzip;
#[cfg(feature = "parquet")]
pub(super) use cell::Cell;
#[cfg(feature = "parquet")]
pub(super) use columns::Columns;
#[cfg(feature = "parquet")]
pub(super) use describe::described;
use finish::finished;
pub(super) use gather::Gather;
pub(super) use split_names::FileSplits;
use text::TextTable;

/// Endings of the names of text tables.
const ENDINGS: [&str; 2] = ["csv", "tsv"];

/// Endings of spreadsheets, which are no text.
const SPREADSHEETS: [&str; 4] = ["xlsx", "xls", "xlsm", "ods"];

/// Returns whether a file is a table of text by its name, or a spreadsheet, which is refused with what to do.
pub(super) fn is_table(name: &str) -> bool {
    ENDINGS.iter().chain(&SPREADSHEETS).any(|ending| ends(name, ending))
}

/// Returns whether a file that is given alone is a table by its name.
pub(super) fn is_one_table(name: &str) -> bool {
    is_table(name) || ends(name, "txt")
}

/// Reads a text table, or several: those called `train`, `val` and `test` are the splits. Columns are matched by name.
pub(super) fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let mut report = ReadReport::default();
    let files = FileSplits::new(files, is_table, &mut report)?;
    let mut gather: Option<Gather> = None;
    for (file, split) in files.iter() {
        let name = if files.is_one() { "" } else { file.name() };
        let mut read = || -> Result<()> {
            let bytes = file.bytes()?;
            if SPREADSHEETS.iter().any(|ending| ends(file.name(), ending)) {
                return Err(text::spreadsheet());
            }
            let bytes = gunzip(&bytes)?;
            let table = TextTable::new(&bytes, options.delimiter)?;
            table.gather(&mut gather, [file.name(), name], split, options, &mut report)
        };
        read().map_err(|error| if name.is_empty() { error } else { error.within(name) })?;
    }
    let gather = gather.ok_or_else(|| Error::Empty { what: "the folder of tables".into() })?;
    finished(gather, options, report)
}

/// Decides what the gathered rows are.
#[cfg(feature = "parquet")]
pub(super) fn decided(gather: Gather, options: &ReadOptions, report: ReadReport) -> Result<ReadFiles> {
    finished(gather, options, report)
}

#[cfg(test)]
mod tests;
