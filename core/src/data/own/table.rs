//! A table: a column of labels, and one for each pixel.

use super::Named;
use super::arrays::square;
use crate::data::Images;
use crate::error::{Error, Result};

/// The name of the column of labels.
const LABEL: &str = "label";

pub(super) fn read(bytes: &[u8]) -> Result<Named> {
    let wrong = |byte: u64, problem: String| Error::Format { format: "CSV file", byte: byte as usize, problem };
    let broken = |error: csv::Error| wrong(error.position().map_or(0, csv::Position::byte), format!("{error}"));
    let mut table = csv::Reader::from_reader(bytes);
    let header = table.headers().map_err(broken)?.clone();
    let at = header.iter().position(|column| column.trim().eq_ignore_ascii_case(LABEL));
    let at =
        at.ok_or_else(|| wrong(0, format!("no column of its first row is called `{LABEL}`: name the labels' so")))?;
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for (row, record) in table.records().enumerate() {
        let record = record.map_err(broken)?;
        let byte = record.position().map_or(0, csv::Position::byte);
        for (column, value) in record.iter().enumerate() {
            if column == at {
                labels.push(value.trim().to_owned());
                continue;
            }
            let pixel = value.trim().parse::<u8>().map_err(|_| {
                let name = header.get(column).unwrap_or_default();
                let remedy = "pixels are whole numbers from 0 to 255: scale the columns to that";
                wrong(byte, format!("{value:?} in row {}, column `{name}`; {remedy}", row + 1))
            })?;
            pixels.push(pixel);
        }
    }
    let columns = header.len() - 1;
    if labels.is_empty() || columns == 0 {
        return Err(wrong(
            0,
            format!("{} rows with {columns} columns of pixels: there is nothing to learn", labels.len()),
        ));
    }
    Ok((Images::new(pixels, square(columns))?, labels))
}
