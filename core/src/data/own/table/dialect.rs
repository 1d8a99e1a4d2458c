//! How a text table separates its columns.

use csv::ReaderBuilder;

use super::format::FORMAT;
use crate::error::{Error, Result};

/// The separators that are looked for.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Number of rows that are looked at.
const ROWS: usize = 20;

/// The separator of a table, and where its first row begins.
pub(super) struct Dialect {
    pub delimiter: u8,
    /// The byte at which the first row begins.
    pub start: usize,
    /// Number of comments before it.
    pub comments: usize,
}

impl Dialect {
    /// Skips comments, `#`, before the first row, and finds the separator that gives most columns, the same number in
    /// each of the first rows. Excel's line `sep=;` is obeyed.
    ///
    /// # Errors
    /// [`Error::Format`] if two separators give equally many columns, [`Error::Setting`] for a `delimiter` that is no
    /// ASCII character.
    pub fn new(text: &str, delimiter: Option<char>) -> Result<Self> {
        let (mut start, mut comments, mut told) = (0, 0, None);
        for line in text.split_inclusive('\n') {
            let comment = line.starts_with('#');
            let separator = line.trim_end().strip_prefix("sep=").filter(|rest| rest.len() == 1);
            told = separator.map(|rest| rest.as_bytes()[0]).or(told);
            if !comment && separator.is_none() && !line.trim().is_empty() {
                break;
            }
            comments += usize::from(comment);
            start += line.len();
        }
        let delimiter = match (delimiter, told) {
            (Some(chosen), _) => u8::try_from(chosen).ok().filter(u8::is_ascii).ok_or_else(|| Error::Setting {
                name: "delimiter",
                value: chosen.into(),
                remedy: "choose an ASCII character".into(),
            })?,
            (None, Some(told)) => told,
            (None, None) => found(&text[start..])?,
        };
        Ok(Self { delimiter, start, comments })
    }
}

fn found(text: &str) -> Result<u8> {
    let counts = DELIMITERS.map(|delimiter| (columns(text, delimiter), delimiter));
    let (best, delimiter) = counts.into_iter().rev().max_by_key(|(columns, _)| *columns).unwrap_or_default();
    let others = counts.iter().filter(|(columns, other)| *columns == best && *other != delimiter);
    match others.map(|(_, other)| char::from(*other)).next() {
        Some(other) if best.1 > 1 => {
            let problem = format!("its columns may be separated by {:?} or by {other:?}", char::from(delimiter));
            Err(Error::format(FORMAT, problem).remedied("choose one by --delimiter"))
        }
        _ => Ok(delimiter),
    }
}

/// Returns whether the first rows agree in their number of columns, if there are several, and the number in the first
/// row.
fn columns(text: &str, delimiter: u8) -> (bool, usize) {
    let reader =
        ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let counts = reader.into_byte_records().take(ROWS).map_while(std::result::Result::ok);
    let counts: Vec<usize> = counts.map(|record| record.len()).collect();
    let first = counts.first().copied().unwrap_or_default();
    (first > 1 && counts.iter().all(|&count| count == first), first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> char {
        Dialect::new(text, None).expect("a separator").delimiter.into()
    }

    #[test]
    fn the_separator_that_gives_most_columns_is_found() {
        assert_eq!(delimiter("a,b,label\n1,2,x\n"), ',');
        assert_eq!(delimiter("a;b;label\n1,5;2,5;x\n"), ';');
        assert_eq!(delimiter("a\tb\tlabel\n1\t2\tx, y\n"), '\t');
        assert_eq!(delimiter("a|b|label\n1|2|x\n"), '|');
        assert_eq!(delimiter("\"a;b\",label\n1,x\n"), ',');
        assert_eq!(delimiter("sep=;\r\na,b;c,d;label\r\n1;2;x\r\n"), ';');
        assert_eq!(delimiter("label\n1\n"), ',');
        let error = Dialect::new("a,b;c,d\n1,2;3,4\n", None).map(drop);
        assert!(error.is_ok(), "three columns by comma, two by semicolon");
        let error = Dialect::new("a,b;c\n1,2;3\n", None).map(drop).expect_err("two readings").to_string();
        assert!(error.contains("--delimiter") && error.contains("','") && error.contains("';'"), "{error}");
        assert_eq!(Dialect::new("a,b;c\n", Some(';')).expect("chosen").delimiter, b';');
    }

    #[test]
    fn comments_and_blank_lines_before_the_first_row_are_skipped() {
        let dialect = Dialect::new("# mine\n\n# 2020\na;label\n1;x\n", None).expect("a table");
        assert_eq!((dialect.start, dialect.comments, dialect.delimiter), (15, 2, b';'));
    }
}
