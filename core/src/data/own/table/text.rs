//! Tables of text: their encoding, their header and their rows.

use csv::{Reader, ReaderBuilder, StringRecord};

use super::cell::Cell;
use super::columns::Columns;
use super::describe::described;
use super::dialect::Dialect;
use super::format::FORMAT;
use super::gather::Gather;
use crate::data::own::ReadOptions;
use crate::data::{ReadReport, Split};
use crate::error::{Error, Result};

/// Number of rows by which columns are described.
const DESCRIBED_ROWS: usize = 1000;

/// A text table whose separator is known.
pub(super) struct TextTable<'a> {
    text: &'a str,
    dialect: Dialect,
}

impl<'a> TextTable<'a> {
    /// Looks at the encoding and the first rows. `delimiter` is the user's.
    ///
    /// # Errors
    /// [`Error::Format`] for what is no UTF-8 text, or has two readings.
    pub fn new(bytes: &'a [u8], delimiter: Option<char>) -> Result<Self> {
        let text = decoded(bytes)?;
        let dialect = Dialect::new(text, delimiter)?;
        Ok(Self { text, dialect })
    }

    /// Adds the rows to those of earlier tables; the first table decides what the columns are. `names` are the name of
    /// the file, and the name in messages.
    ///
    /// # Errors
    /// [`Error::Format`] for a header with two readings or none, and for rows of another length.
    pub fn gather(
        &self,
        gather: &mut Option<Gather>,
        names: [&str; 2],
        split: Option<Split>,
        options: &ReadOptions,
        report: &mut ReadReport,
    ) -> Result<()> {
        if self.dialect.comments > 0 {
            report.skip(format!("{} lines of {}", self.dialect.comments, names[0]), "comments before the first row");
        }
        let mut records = self.records();
        let mut record = StringRecord::new();
        if !records.read_record(&mut record).map_err(broken)? {
            return Err(Error::format(FORMAT, "it is empty").remedied("its first row names the columns"));
        }
        let header: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
        let describe = || self.describe(&header);
        if gather.is_none() {
            *gather = Some(Gather::new(Columns::new(&header, options, describe)?, options));
        }
        let Some(gather) = gather else { return Ok(()) };
        let Some(order) = gather.begin(names, split, &header, report)? else { return Ok(()) };
        gather.reserve(self.text.bytes().filter(|&byte| byte == b'\n').count());
        let cut = header.last().is_some_and(String::is_empty);
        let (mut row, mut comments) = (0, 0);
        while records.read_record(&mut record).map_err(broken)? {
            let fits = record.len() == header.len() || cut && record.len() + 1 == header.len();
            if !fits && record.get(0).is_some_and(|first| first.starts_with('#')) {
                comments += 1;
                continue;
            }
            if !fits {
                return Err(self.ragged(&record, row, header.len()));
            }
            let text = |column: usize| order[column].and_then(|at| record.get(at)).map_or(Cell::Missing, Cell::Text);
            gather.row(row, text)?;
            row += 1;
        }
        if comments > 0 {
            report.skip(format!("{comments} lines of {}", names[0]), "comments between the rows");
        }
        Ok(())
    }

    fn records(&self) -> Reader<&'a [u8]> {
        let mut reader = ReaderBuilder::new();
        reader.delimiter(self.dialect.delimiter).has_headers(false).flexible(true);
        reader.from_reader(&self.text.as_bytes()[self.dialect.start..])
    }

    fn describe(&self, header: &[String]) -> String {
        let records: Vec<StringRecord> =
            self.records().into_records().skip(1).take(DESCRIBED_ROWS).filter_map(std::result::Result::ok).collect();
        let rows: Vec<Vec<Cell>> = records.iter().map(|record| record.iter().map(Cell::Text).collect()).collect();
        let separator = match self.dialect.delimiter {
            b'\t' => "tab".into(),
            other => format!("`{}`", char::from(other)),
        };
        let described = described(header, &rows);
        if header.len() == 1 {
            format!(
                "one column, {described}, as no {separator} separates others (--delimiter chooses another separator)"
            )
        } else {
            described
        }
    }

    fn ragged(&self, record: &StringRecord, row: usize, expected: usize) -> Error {
        let start = self.dialect.start + record.position().map_or(0, |position| position.byte() as usize);
        let blank = self.text[start..].bytes().take_while(|byte| b"\r\n".contains(byte)).count();
        let line = 1 + self.text[..start + blank].matches('\n').count();
        let problem =
            format!("row {} (line {line}) has {} values, and the first row names {expected}", row + 1, record.len());
        let names_of_rows = record.len() == expected + 1 && row == 0;
        let remedy = if names_of_rows {
            "name its first column, too, if that holds the names of the rows"
        } else {
            "give each row one value for each column, and put texts that hold the separator in quotes"
        };
        Error::format(FORMAT, problem).remedied(remedy).at_byte(start + blank)
    }
}

fn broken(error: csv::Error) -> Error {
    let byte = error.position().map(|position| position.byte() as usize);
    Error::unreadable(FORMAT, error).at_byte(byte)
}

/// Returns the text in UTF-8, without its mark.
fn decoded(bytes: &[u8]) -> Result<&str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(spreadsheet());
    }
    let wide = bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || bytes.iter().take(64).any(|&byte| byte == 0);
    if wide {
        return Err(Error::format(FORMAT, "it is UTF-16 or no text").remedied("save it as CSV in UTF-8"));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let problem = format!("byte {:#04x} is no UTF-8", bytes[error.valid_up_to()]);
        Error::format(FORMAT, problem).remedied("save it as CSV in UTF-8").at_byte(error.valid_up_to())
    })
}

/// Returns the error for a spreadsheet.
pub(super) fn spreadsheet() -> Error {
    Error::format(FORMAT, "it is a spreadsheet or an archive, not text").remedied("open it there and save it as CSV")
}
